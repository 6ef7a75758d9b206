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
export const chunkedBody = (blob, chunkSize, signatures, end) => new Blob([...chunkedParts(blob, chunkSize, signatures, end)]);

/** How long parts are made in one go. */
const SHARE_MS = 4;
/** One body is made after the other. @type {Promise<unknown>} */
let making = Promise.resolve();

/**
 * As `chunkedBody`, in shares that leave the page its turn: browsers tell another process of every slice, and wait for it.
 * @param {Parameters<typeof chunkedBody>} body
 * @returns {Promise<Blob>}
 */
export function chunkedBodySoon(...body) {
  const made = making.then(async () => {
    const parts = [];
    let until = 0;
    for (const part of chunkedParts(...body)) {
      if (performance.now() > until) {
        await nextTurn();
        until = performance.now() + SHARE_MS;
      }
      parts.push(part);
    }
    return new Blob(parts);
  });
  making = made.catch(() => {});
  return made;
}

/** Timers are slow in pages that nobody sees. @returns {Promise<void>} */
function nextTurn() {
  const { scheduler } = /** @type {{ scheduler?: { yield?: () => Promise<void> } }} */ (globalThis);
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}

/**
 * @param {Blob} blob
 * @param {number} chunkSize
 * @param {readonly string[]} signatures
 * @param {string} end
 * @returns {Generator<BlobPart, void>}
 */
function* chunkedParts(blob, chunkSize, signatures, end) {
  for (let start = 0; start < blob.size; start += chunkSize) {
    const slice = blob.slice(start, Math.min(start + chunkSize, blob.size));
    // The end of the chunk before goes with the head of this one: every part has its price.
    yield (start > 0 ? CRLF : "") + headOf(slice.size, signatures[start / chunkSize]);
    yield slice;
  }
  yield (blob.size > 0 ? CRLF : "") + end;
}
