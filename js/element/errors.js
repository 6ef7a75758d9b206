// An upload's error in words a person can act on. The code and the request id stay beside them for whoever is asked for help.

/** @typedef {import("../index.js").SealiftError} SealiftError */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */

/** The same file would be refused again. @type {ReadonlySet<string>} */
const HOPELESS = new Set(["size_refused", "type_refused", "key_refused", "metadata_refused", "origin_refused", "file_changed"]);

/** Names that other layers give to the same troubles: S3's own codes. @type {Record<string, string>} */
const ALIASES = {
  AccessDenied: "misconfigured",
  InvalidAccessKeyId: "misconfigured",
  NoSuchBucket: "misconfigured",
  SignatureDoesNotMatch: "misconfigured",
  EntityTooLarge: "size_refused",
  EntityTooSmall: "size_refused",
  SlowDown: "s3_unavailable",
  ServiceUnavailable: "s3_unavailable",
  InternalError: "s3_unavailable",
  RequestTimeout: "timeout",
  BadDigest: "integrity_mismatch",
  XAmzContentSHA256Mismatch: "integrity_mismatch",
};

/** @param {SealiftError} error @param {Words} words @returns {string} one or two sentences */
export function explain(error, words) {
  const key = `error.${ALIASES[error.code] ?? error.code}`;
  return key in words.strings ? words.say(/** @type {Key} */ (key)) : error.message || words.say("error.unknown");
}

/** Whether it makes sense to offer another try. @param {SealiftError} error */
export function isWorthAnotherTry(error) {
  return !HOPELESS.has(ALIASES[error.code] ?? error.code);
}

/**
 * What to hand to whoever runs the place, one fact a line. Never holds a URL or a token.
 * @param {SealiftError} error
 * @param {string} name the file's
 * @param {number} size the file's, in bytes
 * @param {Words} words
 * @returns {[label: string, value: string][]}
 */
export function facts(error, name, size, words) {
  /** @type {[Key, string | number | undefined][]} */
  const all = [
    ["fact.error", error.code],
    ["fact.message", error.message],
    ["fact.status", error.status],
    ["fact.request", error.requestId],
    ["fact.file", `${name} (${size} B)`],
  ];
  return all.flatMap(([label, value]) => (value ? [/** @type {[string, string]} */ ([words.say(label), String(value)])] : []));
}
