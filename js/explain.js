// Why S3 refused a signature: looked up when that has happened.

/**
 * @import { RefusedRequest } from "./hints.js"
 * @import { Change } from "./upload.js"
 */

/**
 * Passes on what the engine says of an upload. Its last word on a signature that does not match goes on once it is
 * explained, unless something newer came meanwhile.
 * @param {Change} change
 * @param {() => RefusedRequest | undefined} refused
 * @returns {Change}
 */
export function explaining(change, refused) {
  let latest = 0;
  return (details) => {
    const { state, error } = details;
    if (!state) return change(details);
    latest += 1;
    const request = state === "failed" && error?.code === "SignatureDoesNotMatch" ? refused() : undefined;
    if (!error || !request) return change(details);
    const turn = latest;
    void explained(request).then((explanation) => {
      if (turn === latest) change({ ...details, error: { ...error, explanation } });
    });
  };
}

/**
 * Undefined where what explains it cannot be had.
 * @param {RefusedRequest} request
 */
async function explained(request) {
  try {
    const { explanationOf } = await import("./explanation.js");
    return await explanationOf(request);
  } catch {
    // The error is told without.
  }
}
