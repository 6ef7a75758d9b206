// An upload's error in words a person can act on. The code and the request id stay beside them for whoever is asked for help.

/**
 * @typedef {object} Trouble
 * @property {string} [code]
 * @property {string} [message]
 * @property {number} [status]
 * @property {string} [requestId]
 * @property {boolean} [retryable]
 */

/** @type {Record<string, string>} */
const SENTENCES = {
  size_refused: "This file is larger or smaller than this place takes.",
  type_refused: "This kind of file is not taken here.",
  key_refused: "A file with this name cannot be stored. Rename it and try again.",
  metadata_refused: "The details sent with this file were refused.",
  integrity_required: "This place takes only files with a fingerprint, and none was sent.",
  too_many_files: "That is more files at once than this place takes.",
  rate_limited: "Too many uploads in a short time. Wait a little, then try again.",
  unauthenticated: "You are not signed in, or no longer. Sign in and try again.",
  origin_refused: "This page is not allowed to upload here.",
  grant_invalid: "The permission for this upload was not accepted. Start it again.",
  grant_of_another_user: "The permission for this upload belongs to somebody else. Start it again.",
  grant_expired: "The permission for this upload has run out. Start it again.",
  not_uploaded: "The file did not arrive in the bucket. Try again.",
  object_differs: "What arrived in the bucket is not what was sent, so it does not count. Try again.",
  s3_unavailable: "The storage is not answering just now. Try again in a moment.",
  file_changed: "The file was changed or moved since it was chosen. Choose it again.",
  file_unreadable: "The file cannot be read. It may have been moved, or it is a folder.",
  network: "The connection broke off. Try again.",
  timeout: "No answer came in time. Try again.",
};

/**
 * Names that other layers give to the same troubles: S3's own codes, and the uploader's.
 * @type {Record<string, string>}
 */
const ALIASES = {
  AccessDenied: "grant_invalid",
  EntityTooLarge: "size_refused",
  EntityTooSmall: "size_refused",
  SlowDown: "s3_unavailable",
  ServiceUnavailable: "s3_unavailable",
  InternalError: "s3_unavailable",
  RequestTimeout: "timeout",
  network_error: "network",
  network_or_cors: "network",
};

/**
 * @param {Trouble} error
 * @returns {string} one or two sentences
 */
export function explain(error) {
  const code = error.code ?? "";
  const known = SENTENCES[ALIASES[code] ?? code];
  if (known) return known;
  return error.message ? sentence(error.message) : "Something went wrong, and nothing says what.";
}

/**
 * What to hand to whoever runs the place, one fact a line. Never holds a URL or a token.
 * @param {Trouble} error
 * @param {string} name the file's
 * @param {number} size the file's, in bytes
 * @returns {[label: string, value: string][]}
 */
export function facts(error, name, size) {
  /** @type {[string, string | number | undefined][]} */
  const all = [
    ["Error", error.code],
    ["Message", error.message],
    ["HTTP status", error.status],
    ["Request id", error.requestId],
    ["Worth retrying", error.retryable === undefined ? undefined : error.retryable ? "yes" : "no"],
    ["File", `${name} (${size} bytes)`],
  ];
  return all.flatMap(([label, value]) =>
    value === undefined || value === "" || value === 0 ? [] : [/** @type {[string, string]} */ ([label, String(value)])],
  );
}

/** @param {string} message */
function sentence(message) {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
