// Two levels of TOML: enough for a configuration file.

/** @param {Record<string, Record<string, unknown>>} sections */
export function toToml(sections) {
  return Object.entries(sections)
    .map(([name, keys]) => {
      const lines = Object.entries(keys).filter(([, value]) => value !== undefined).map(([key, value]) => `${key} = ${literal(value)}`);
      return [`[${name}]`, ...lines].join("\n");
    })
    .join("\n\n");
}

/** JSON's strings, numbers, booleans and lists are TOML's too. */
function literal(value) {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return `{ ${Object.entries(value).map(([key, inner]) => `${key} = ${literal(inner)}`).join(", ")} }`;
  }
  return JSON.stringify(value);
}
