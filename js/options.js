// Options, checked where they are given, so that a mistake is reported at the
// line that made it.

import { SealiftError } from "./error.js";

/** @import { AddOptions, UploaderOptions } from "./uploader.js" */

/** @param {string} message */
const invalid = (message) => new SealiftError(message, { code: "invalid_option" });

/**
 * @template {string} T
 * @param {string} name
 * @param {unknown} value
 * @param {readonly T[]} choices the first is the default
 * @returns {T}
 */
function oneOf(name, value, choices) {
  const found = value === undefined ? choices[0] : choices.find((choice) => choice === value);
  if (found === undefined) throw invalid(`\`${name}\` must be one of ${choices.join(", ")}.`);
  return found;
}

/** @param {UploaderOptions} options */
export function parseOptions(options) {
  if (typeof options !== "object" || options === null) throw invalid("createUploader needs an object of options.");
  const { headers, onUnauthorized, concurrency = 4 } = options;
  if (onUnauthorized !== undefined && typeof onUnauthorized !== "function") {
    throw invalid("`onUnauthorized` must be a function.");
  }
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 16) {
    throw invalid("`concurrency` must be a whole number from 1 to 16.");
  }
  // Names and values that HTTP cannot carry are found now if they are known now.
  if (typeof headers !== "function") headerList(headers);
  return {
    endpoint: parseEndpoint(options.endpoint),
    credentials: oneOf("credentials", options.credentials, /** @type {const} */ (["same-origin", "include", "omit"])),
    transport: oneOf("transport", options.transport, /** @type {const} */ (["auto", "put", "post"])),
    integrity: oneOf("integrity", options.integrity, /** @type {const} */ (["sha256", "none"])),
    concurrency,
    /** @type {(refresh: boolean) => Promise<[string, string][]>} */
    async headers(refresh) {
      if (refresh) await onUnauthorized?.();
      return headerList(typeof headers === "function" ? await headers() : headers);
    },
  };
}

/** @param {AddOptions} [options] */
export function parseAddOptions(options = {}) {
  if (typeof options !== "object" || options === null) throw invalid("The options of add() must be an object.");
  const { name, type, metadata = {}, signal } = options;
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw invalid("`name` must be a text that is not empty.");
  }
  if (type !== undefined && typeof type !== "string") throw invalid("`type` must be a content type.");
  if (typeof metadata !== "object" || metadata === null) throw invalid("`metadata` must be an object of texts.");
  const pairs = Object.entries(metadata);
  for (const [key, value] of pairs) {
    if (typeof value !== "string") throw invalid(`\`metadata.${key}\` must be a text.`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid("`signal` must be an AbortSignal.");
  return { name, type, metadata: pairs, signal };
}

/** @param {unknown} endpoint */
function parseEndpoint(endpoint) {
  const text = endpoint instanceof URL ? endpoint.href : endpoint;
  if (typeof text !== "string" || text === "") throw invalid("`endpoint` must be the URL of a signing endpoint.");
  // A page's relative URLs are fine, and on a server there is no page.
  const base = globalThis.location?.href?.startsWith("http") ? globalThis.location.href : "http://localhost";
  if (!URL.canParse(text, base)) throw invalid("`endpoint` is not a URL.");
  const { protocol, search, hash } = new URL(text, base);
  if (!/^https?:$/.test(protocol) || search || hash) {
    throw invalid("`endpoint` must be an http(s) URL without a query.");
  }
  return text.replace(/\/+$/, "");
}

/**
 * @param {HeadersInit | undefined} headers
 * @returns {[string, string][]}
 */
function headerList(headers) {
  try {
    return [...new Headers(headers)];
  } catch (cause) {
    throw new SealiftError("`headers` holds a name or a value that HTTP cannot carry.", { code: "invalid_option", cause });
  }
}
