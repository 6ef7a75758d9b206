// A bucket's CORS rules as S3 takes them.

const TAGS = { AllowedOrigins: "AllowedOrigin", AllowedMethods: "AllowedMethod", AllowedHeaders: "AllowedHeader", ExposeHeaders: "ExposeHeader" };

/** The XML of rules written as AWS's console and command line have them. */
export function corsDocument(rules) {
  const element = ([name, value]) => (TAGS[name] ? value.map((one) => `<${TAGS[name]}>${one}</${TAGS[name]}>`).join("") : `<${name}>${value}</${name}>`);
  return `<CORSConfiguration>${rules.map((rule) => `<CORSRule>${Object.entries(rule).map(element).join("")}</CORSRule>`).join("")}</CORSConfiguration>`;
}
