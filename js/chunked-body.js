// The body of a request in chunks: lines, slices of a Blob, and nothing copied.

import { hex } from "./hex.js";

export const CRLF = "\r\n";

/**
 * The line before a chunk.
 * @param {number} length
 * @param {string | undefined} signature
 */
export function headOf(length, signature) {
  return length.toString(16) + (signature ? `;chunk-signature=${signature}` : "") + CRLF;
}

/**
 * @param {Uint8Array} packed 32 bytes each
 */
export function unpack(packed) {
  const list = [];
  for (let start = 0; start < packed.length; start += 32) list.push(hex(packed.subarray(start, start + 32)));
  return list;
}

/**
 * @param {Blob} blob
 * @param {number} chunkSize
 * @param {readonly string[]} signatures of the chunks; none, if they are not signed
 * @param {string} end What stands behind them.
 */
export function chunkedBody(blob, chunkSize, signatures, end) {
  /** @type {BlobPart[]} */
  const parts = [];
  for (let start = 0; start < blob.size; start += chunkSize) {
    const slice = blob.slice(start, Math.min(start + chunkSize, blob.size));
    // The end of the chunk before goes with the head of this one: every part has its price.
    parts.push((start > 0 ? CRLF : "") + headOf(slice.size, signatures[start / chunkSize]), slice);
  }
  parts.push((blob.size > 0 ? CRLF : "") + end);
  return new Blob(parts);
}
