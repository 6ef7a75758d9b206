// Signing, for pages and Node: each function loads its wasm when it is first called.

import { SealiftError, fromWasm } from "./error.js";
import { crossingOf, text } from "./signed.js";
import { loadSigning } from "./wasm.js";

export { awsChunkedBlob } from "./aws-chunked.js";
export { ChunkSigner, chunkedHeaders, signChunks } from "./chunk-signer.js";

/** @import * as Signing from "./signing.js" */

/** @type {typeof Signing.canonicalRequest} */
export const canonicalRequest = (request, options) => call((wasm) => wasm.canonicalRequest(request, options));

/** @type {typeof Signing.stringToSign} */
export const stringToSign = (parts) => call((wasm) => wasm.stringToSign(parts));

/** @type {typeof Signing.signingKey} */
export const signingKey = (secretAccessKey, date, region, service) =>
  call((wasm) => wasm.signingKey(secretAccessKey, date, region, service));

/** @type {typeof Signing.signRequest} */
export const signRequest = (request, credentials, options) =>
  call((wasm) => wasm.signRequest(request, credentials, options));

/** @type {typeof Signing.presignUrl} */
export const presignUrl = (request, credentials, options) =>
  call((wasm) => wasm.presignUrl(request, credentials, options));

/** @type {typeof Signing.signPostPolicy} */
export const signPostPolicy = (policy, credentials, options) =>
  call((wasm) => wasm.signPostPolicy(policy, credentials, options));

/** @type {typeof Signing.explainSignatureMismatch} */
export const explainSignatureMismatch = (s3ErrorXml, signed = {}) =>
  call((wasm) => wasm.explainSignatureMismatch(text(s3ErrorXml), crossingOf(signed)));

/** @type {any} */
let wasm;

/**
 * @template T
 * @param {(wasm: any) => T} work
 * @returns {Promise<T>}
 */
async function call(work) {
  wasm ??= await loadSigning();
  try {
    return work(wasm);
  } catch (thrown) {
    const error = fromWasm(thrown);
    // What the arguments themselves threw when they were read.
    if (error instanceof TypeError) {
      throw new SealiftError("An argument cannot be read.", { code: "invalid_option", cause: error });
    }
    throw error;
  }
}
