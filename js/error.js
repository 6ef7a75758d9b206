// The one error class of the package, and how errors from wasm become it.

/**
 * @import { SignatureExplanation } from "./signing.js"
 *
 * What is known of an error beside its message.
 * @typedef {object} SealiftErrorDetails
 * @property {string} code
 * @property {boolean} [retryable]
 * @property {number} [status]
 * @property {string} [requestId]
 * @property {unknown} [cause]
 * @property {SignatureExplanation} [explanation]
 */

/** An error with a code that a program can act upon. */
export class SealiftError extends Error {
  /**
   * @param {string} message
   * @param {SealiftErrorDetails} details
   */
  constructor(message, { code, retryable = false, status, requestId, cause, explanation }) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SealiftError";
    /** A name that never changes, in snake case, or S3's own code. */
    this.code = code;
    /** Whether the same thing, tried again, may succeed. */
    this.retryable = retryable;
    if (status !== undefined) {
      /** @type {number | undefined} The HTTP status of the answer, where one came. */
      this.status = status;
    }
    if (requestId !== undefined) {
      /** @type {string | undefined} The request id of the answer, for whoever runs the server. */
      this.requestId = requestId;
    }
    if (explanation !== undefined) {
      /** @type {SignatureExplanation | undefined} Why S3 refused the signature, for whoever runs the server. */
      this.explanation = explanation;
    }
  }
}

/**
 * What a wasm function threw, as an error of this package: wasm throws plain objects
 * (`{ code, message, retryable, status?, requestId? }`), for a Rust struct cannot extend `Error`.
 * @param {unknown} thrown
 * @returns {unknown} what was thrown itself, if it is none of those
 */
export function fromWasm(thrown) {
  if (thrown instanceof Error || typeof thrown !== "object" || thrown === null) return thrown;
  const { code, message, retryable, status, requestId } = /** @type {Record<string, unknown>} */ (thrown);
  if (typeof code !== "string" || typeof message !== "string") return thrown;
  return new SealiftError(message, {
    code,
    retryable: retryable === true,
    status: typeof status === "number" ? status : undefined,
    requestId: typeof requestId === "string" ? requestId : undefined,
  });
}

/** The endpoint could not be brought to delete what was sent. */
export function leftBehindError() {
  return new SealiftError("What was sent of it may still be in the bucket: the endpoint could not be brought to delete it.", {
    code: "left_behind",
    retryable: true,
  });
}

/** What an aborted operation rejects with, as the platform's own do. */
export function abortError() {
  return new DOMException("The operation was aborted.", "AbortError");
}
