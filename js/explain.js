// Why S3 refused a signature: looked up when that has happened, by the wasm module that signs.

import { loadSigning } from "./wasm.js";
import { crossingOf } from "./signed.js";

/**
 * @import { RefusedRequest } from "./hints.js"
 * @import { Change } from "./upload.js"
 */

/** An upload that failed waits no longer to say so. */
const WAIT_MS = 3_000;

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
    void explanationOf(request).then((explanation) => {
      if (turn === latest) change({ ...details, error: { ...error, explanation } });
    });
  };
}

/**
 * Undefined where the module cannot be had, or not in time.
 * @param {RefusedRequest} request
 */
async function explanationOf({ answer, ...sent }) {
  try {
    const late = new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    const wasm = await Promise.race([loadSigning(), late]);
    return wasm?.explainSignatureMismatch(answer, crossingOf(sent));
  } catch {
    // The error is told without.
  }
}
