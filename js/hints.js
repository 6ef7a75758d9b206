// The engine's errors as the page sees them: with the line that says what to
// look at.

import { SealiftError } from "./error.js";

/**
 * @import { SignatureExplanation } from "./signing.js"
 * @import { UploadState } from "./uploader.js"
 *
 * An error as the engine tells it.
 * @typedef {object} EngineError
 * @property {string} kind
 * @property {string} code
 * @property {string} message
 * @property {boolean} retryable
 * @property {number} [status]
 * @property {string} [requestId]
 * @property {unknown} [cause]
 * @property {SignatureExplanation} [explanation] why S3 refused the signature
 *
 * A request that S3 refused, and its answer.
 * @typedef {{ method: string, url: string, headers: [string, string][], answer: string }} RefusedRequest
 *
 * Where the last request to S3 went.
 * @typedef {{ origin: string, method: string, headers: string[], refused?: RefusedRequest }} Target
 */

/**
 * @param {EngineError} error
 * @param {UploadState} doing what was done when it happened
 * @param {Target | undefined} target
 */
export function explain({ kind, code, message, retryable, status, requestId, cause, explanation }, doing, target) {
  const hint = explanation?.summary ?? hintFor(kind, code, doing, target);
  return new SealiftError(hint ? `${sentence(message)} ${hint}` : sentence(message), {
    code,
    retryable,
    status,
    requestId,
    cause,
    explanation,
  });
}

/**
 * @param {string} kind
 * @param {string} code
 * @param {UploadState} doing
 * @param {Target | undefined} target
 */
function hintFor(kind, code, doing, target) {
  const page = globalThis.location?.origin ?? "this origin";
  if (kind === "network" && doing === "uploading" && target) {
    const headers = target.headers.length > 0 ? ` and the headers ${target.headers.join(", ")}` : "";
    return `Check that ${target.origin} can be reached, and that the bucket's CORS configuration allows the origin ${page}, the method ${target.method}${headers}.`;
  }
  if (kind === "unauthenticated") {
    return "Give createUploader `headers`, or `credentials: \"include\"`, that the endpoint accepts.";
  }
  if (kind === "s3" && code === "SignatureDoesNotMatch") {
    return "The endpoint signed with another secret key, region or address than this bucket's.";
  }
  if (kind === "s3" && (code === "InvalidAccessKeyId" || code === "NoSuchBucket" || code === "AccessDenied")) {
    return "Check the endpoint's bucket, access key and its permissions.";
  }
  return undefined;
}

/** @param {string} message */
function sentence(message) {
  const text = message.trim().replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
