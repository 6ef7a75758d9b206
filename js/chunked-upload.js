// The body of an upload whose chunks the endpoint signed.

import { CRLF, chunkedBodySoon, headOf, unpack } from "./chunked-body.js";

/**
 * @param {Blob} blob
 * @param {number} chunkSize
 * @param {string} signatures of the chunks and of the end, in base64
 */
export function chunkedUpload(blob, chunkSize, signatures) {
  const list = unpack(Uint8Array.from(atob(signatures), (character) => character.charCodeAt(0)));
  return chunkedBodySoon(blob, chunkSize, list, headOf(0, list.at(-1)) + CRLF);
}
