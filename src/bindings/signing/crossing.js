// Between JavaScript and wasm every value that crosses costs, a text nearly the same whatever its length. So all that
// a function is passed crosses in one text, each field as a letter for its type and what it says, and its answer in
// another. No field may hold the separator; one that does is of the wrong type.
const SEPARATOR = "\0";
/** A header whose name is of the wrong type. */
const UNREADABLE = "?\0u\0";

/** The fields of what a function is passed, in the order of fields.rs, and the names and values of the headers. */
export function crossing(request, credentials, options) {
  return (
    tagged(request?.method) +
    tagged(request?.url) +
    tagged(request?.payloadHash) +
    tagged(credentials?.accessKeyId) +
    tagged(credentials?.secretAccessKey) +
    tagged(credentials?.sessionToken) +
    tagged(options?.region) +
    tagged(options?.service) +
    tagged(options?.date) +
    tagged(options?.expiresIn) +
    tagged(options?.canonicalRequestHash) +
    tagged(options?.pathEncoding) +
    tagged(options?.normalizePath) +
    tagged(options?.contentSha256) +
    tagged(options?.signSessionToken) +
    tagged(options?.url) +
    tagged(request?.body === undefined || request.body === null ? undefined : true) +
    headers(request?.headers)
  );
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

/** Pairs (an array, `Headers`, a `Map`) or a record. */
function headers(object) {
  if (object === undefined || object === null) return "";
  if (typeof object !== "object") return UNREADABLE;
  let text = "";
  if (typeof object[Symbol.iterator] !== "function") {
    for (const name of Object.keys(object)) text += tagged(name) + tagged(object[name]);
    return text;
  }
  for (const pair of object) {
    if (!Array.isArray(pair) || pair.length !== 2) return UNREADABLE;
    text += tagged(pair[0]) + tagged(pair[1]);
  }
  return text;
}

function tagged(value) {
  switch (typeof value) {
    case "string":
      return value.includes(SEPARATOR) ? "?\0" : `s${value}\0`;
    case "undefined":
      return "u\0";
    case "number":
      return `n${value}\0`;
    case "boolean":
      return `b${value}\0`;
    default:
      if (value === null) return "u\0";
      return value instanceof Date ? `d${value.getTime()}\0` : "?\0";
  }
}
