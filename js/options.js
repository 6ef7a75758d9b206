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
  const { headers, onUnauthorized, user, concurrency = 6, keepFiles = 20 * 1024 * 1024 } = options;
  if (onUnauthorized !== undefined && typeof onUnauthorized !== "function") {
    throw invalid("`onUnauthorized` must be a function.");
  }
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 16) {
    throw invalid("`concurrency` must be a whole number from 1 to 16.");
  }
  if (user !== undefined && (typeof user !== "string" || user === "")) throw invalid("`user` must be a text that is not empty.");
  if (!(keepFiles >= 0)) throw invalid("`keepFiles` must be a number of bytes.");
  // Names and values that HTTP cannot carry are found now if they are known now.
  if (typeof headers !== "function") headerList(headers);
  /** The one that is under way, and when the last one was done. @type {Promise<void> | undefined} */
  let refreshing;
  let refreshed = -Infinity;
  const refresh = async () => {
    await onUnauthorized?.();
    refreshed = performance.now();
  };
  return {
    ...parseEndpoint(options.endpoint, user),
    credentials: oneOf("credentials", options.credentials, /** @type {const} */ (["same-origin", "include", "omit"])),
    transport: oneOf("transport", options.transport, /** @type {const} */ (["auto", "put", "post", "multipart"])),
    integrity: oneOf("integrity", options.integrity, /** @type {const} */ (["sha256", "crc64nvme", "both", "chunks", "none"])),
    concurrency,
    keepFiles,
    resume: parseSwitch("resume", options.resume, true) && typeof indexedDB !== "undefined",
    guard: parseSwitch("guard", options.guard, true),
    wakeLock: parseSwitch("wakeLock", options.wakeLock, false),
    /**
     * @param {number} [asked] When a call was begun that was answered 401: one refresh serves all that were under way.
     * @returns {Promise<[string, string][]>}
     */
    async headers(asked) {
      if (asked !== undefined && (refreshing || asked > refreshed)) await (refreshing ??= refresh().finally(() => (refreshing = undefined)));
      return headerList(typeof headers === "function" ? await headers() : headers);
    },
  };
}

/** @param {AddOptions} [options] */
export function parseAddOptions(options = {}) {
  if (typeof options !== "object" || options === null) throw invalid("The options of add() must be an object.");
  const { name, type, metadata = {}, signal, handle } = options;
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
  if (handle !== undefined && handle?.kind !== "file") throw invalid("`handle` must be a FileSystemFileHandle.");
  return { name, type, metadata: pairs, signal, handle, priority: parsePriority(options.priority) };
}

/** @param {unknown} priority */
export function parsePriority(priority) {
  return oneOf("priority", priority, /** @type {const} */ (["auto", "high", "low"]));
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {boolean} usual
 */
function parseSwitch(name, value, usual) {
  if (value !== undefined && typeof value !== "boolean") throw invalid(`\`${name}\` must be true or false.`);
  return value ?? usual;
}

/**
 * @param {unknown} endpoint
 * @param {string} [user]
 */
function parseEndpoint(endpoint, user) {
  const text = endpoint instanceof URL ? endpoint.href : endpoint;
  if (typeof text !== "string" || text === "") throw invalid("`endpoint` must be the URL of a signing endpoint.");
  // A page's relative URLs are fine, and on a server there is no page.
  const base = globalThis.location?.href?.startsWith("http") ? globalThis.location.href : "http://localhost";
  if (!URL.canParse(text, base)) throw invalid("`endpoint` is not a URL.");
  const { protocol, search, hash } = new URL(text, base);
  if (!/^https?:$/.test(protocol) || search || hash) {
    throw invalid("`endpoint` must be an http(s) URL without a query.");
  }
  const trimmed = text.replace(/\/+$/, "");
  // What is stored must not depend on the page that reads it. No URL has spaces.
  const { href } = new URL(trimmed, base);
  return { endpoint: trimmed, place: user === undefined ? href : `${href} ${user}` };
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
