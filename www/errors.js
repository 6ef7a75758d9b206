// An upload's error in words a person can act on. The code and the request id stay beside them for whoever is asked for help.

/** @typedef {import("/js/index.js").SealiftError} SealiftError */

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
  integrity_mismatch: "The file was changed while it was being sent. Choose it again.",
  integrity_unverified: "The storage cannot prove that it holds what was sent, so it does not count.",
  file_changed: "This is another file than the one whose upload was begun, or it was changed since.",
  in_use: "This file is being sent just now, here or in another tab, so it was not given up.",
  left_behind: "What was sent of it may still be in the bucket. It is deleted on a later visit.",
  file_needed: "Choose the file again, and it goes on where it was.",
  permission_refused: "Without your permission the file cannot be read.",
  unreadable_file: "The file cannot be read. It may have been moved or changed, or it is a folder.",
  transport_refused: "This place does not take files sent in this way. Change it in the settings.",
  receipt_of_another_user: "This file belongs to somebody else.",
  misconfigured: "The storage does not accept what the server signs. Whoever runs this place has to look at its settings.",
  missing_cors_header: "The storage hides its answers from this page. Tell whoever runs it: the bucket's CORS settings must expose them.",
  not_loaded: "The uploader itself could not be loaded. Check the connection, then try again.",
  network: "The storage could not be reached. Check the connection, then try again.",
  timeout: "No answer came in time. Try again.",
};

/** The same file would be refused again. @type {ReadonlySet<string>} */
const HOPELESS = new Set(["size_refused", "type_refused", "key_refused", "metadata_refused", "origin_refused", "file_changed"]);

/**
 * Names that other layers give to the same troubles: S3's own codes, and the uploader's.
 * @type {Record<string, string>}
 */
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

/**
 * @param {SealiftError} error
 * @returns {string} one or two sentences
 */
export function explain(error) {
  const known = SENTENCES[ALIASES[error.code] ?? error.code];
  if (known) return known;
  return error.message || "Something went wrong, and nothing says what.";
}

/**
 * Whether it makes sense to offer another try.
 * @param {SealiftError} error
 */
export function isWorthAnotherTry(error) {
  return !HOPELESS.has(ALIASES[error.code] ?? error.code);
}

/**
 * What to hand to whoever runs the place, one fact a line. Never holds a URL or a token.
 * @param {SealiftError} error
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
    ["Worth retrying", error.retryable ? "yes" : "no"],
    ["File", `${name} (${size} bytes)`],
  ];
  return all.flatMap(([label, value]) =>
    value === undefined || value === "" || value === 0 ? [] : [/** @type {[string, string]} */ ([label, String(value)])],
  );
}
