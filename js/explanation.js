// The explanation of a refused signature, by the wasm module that signs.

import { crossingOf } from "./signed.js";
import { loadSigning } from "./wasm.js";

/** @import { RefusedRequest } from "./hints.js" */

/** An upload that failed waits no longer to say so. */
const WAIT_MS = 3_000;

/**
 * Undefined where the module does not come in time.
 * @param {RefusedRequest} request
 */
export async function explanationOf({ answer, ...sent }) {
  const late = new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  const wasm = await Promise.race([loadSigning(), late]);
  return wasm?.explainSignatureMismatch(answer, crossingOf(sent));
}
