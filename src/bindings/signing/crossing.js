// Between JavaScript and wasm every value that crosses costs, a text nearly the same whatever its length. So an
// object's fields cross in one text, each as a letter for its type and what it says, and answers cross in one too.
// No field may hold the separator; one that does is of the wrong type.
const SEPARATOR = "\0";

// The order is that of the lists of the same names in fields.rs.
const REQUEST = ["method", "url", "payloadHash"];
const CREDENTIALS = ["accessKeyId", "secretAccessKey", "sessionToken"];
const OPTIONS = [
  "region",
  "service",
  "date",
  "expiresIn",
  "canonicalRequestHash",
  "pathEncoding",
  "normalizePath",
  "contentSha256",
  "signSessionToken",
  "url",
];

export const request = (object) => crossing(object, REQUEST);
export const credentials = (object) => crossing(object, CREDENTIALS);
export const options = (object) => crossing(object, OPTIONS);

/** Names and values, of pairs or of a record; `undefined` for what is neither. */
export function headers(object) {
  if (object === undefined || object === null) return "";
  if (typeof object !== "object") return undefined;
  let text = "";
  if (typeof object[Symbol.iterator] !== "function") {
    for (const name of Object.keys(object)) text += tagged(name) + SEPARATOR + tagged(object[name]) + SEPARATOR;
    return text;
  }
  for (const pair of object) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    text += tagged(pair[0]) + SEPARATOR + tagged(pair[1]) + SEPARATOR;
  }
  return text;
}

/** A signed request; the names and values of its headers follow the fields. */
export function answer(all) {
  const texts = all.split(SEPARATOR);
  const headers = {};
  for (let next = 6; next + 1 < texts.length; next += 2) headers[texts[next]] = texts[next + 1];
  const [url, signature, canonicalRequest, stringToSign, signedHeaders, authorization] = texts;
  const object = { url, headers, signature, canonicalRequest, stringToSign, signedHeaders };
  // A presigned URL has none.
  if (authorization !== "") object.authorization = authorization;
  return object;
}

function crossing(object, names) {
  let text = "";
  for (const name of names) text += tagged(object[name]) + SEPARATOR;
  return text;
}

function tagged(value) {
  switch (typeof value) {
    case "string":
      return value.includes(SEPARATOR) ? "?" : `s${value}`;
    case "undefined":
      return "u";
    case "number":
      return `n${value}`;
    case "boolean":
      return `b${value}`;
    default:
      if (value === null) return "u";
      return value instanceof Date ? `d${value.getTime()}` : "?";
  }
}
