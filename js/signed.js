// A signed request on its way into wasm.

/** @import { SignedInput } from "./signing.js" */

/**
 * What was signed, in one text: its fields, then names and values of headers.
 * @param {SignedInput} signed
 */
export function crossingOf(signed) {
  try {
    const { method, url, authorization, canonicalRequest, stringToSign, headers = {} } = signed;
    const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
    const known = pairs.filter(([, value]) => value !== undefined).flat();
    return [method, url, authorization, canonicalRequest, stringToSign, ...known].map((part) => text(part ?? "").replaceAll("\0", "")).join("\0");
  } catch (cause) {
    // Whatever a getter throws.
    throw new TypeError("what was signed cannot be read", { cause });
  }
}

/** @param {unknown} value */
export function text(value) {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new TypeError("neither a text nor a number");
}
