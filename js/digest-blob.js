// One pass over a Blob, for the worker and for pages that cannot have one.

import { readPieces } from "./read.js";

/**
 * @typedef {{ update(bytes: Uint8Array): void, digestHex(): string, free(): void }} Hash
 * @typedef {{ sha256: string }} Digests
 */

/**
 * Hashes `blob` without keeping more than one piece of it in memory.
 *
 * @param {Blob} blob
 * @param {Hash} hash Freed when the pass ends, however it ends.
 * @param {object} [options]
 * @param {number} [options.largest] Bytes read at once at most.
 * @param {(loaded: number) => void} [options.onProgress] Called after every piece with the bytes hashed so far.
 * @param {() => void | Promise<void>} [options.between] Awaited after every piece; what it throws ends the pass.
 * @returns {Promise<Digests>}
 */
export async function digestBlob(blob, hash, { largest, onProgress, between } = {}) {
  try {
    let loaded = 0;
    for await (const piece of readPieces(blob, { largest })) {
      hash.update(piece);
      loaded += piece.byteLength;
      onProgress?.(loaded);
      await between?.();
    }
    return { sha256: hash.digestHex() };
  } finally {
    hash.free();
  }
}
