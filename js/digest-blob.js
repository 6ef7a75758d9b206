// One pass over a Blob, for the worker and for pages that cannot have one.

import { hex } from "./hex.js";
import { readPieces, readWhole } from "./read.js";

/**
 * @import { Algorithm, Digests } from "./hash.js"
 *
 * @typedef {{ update(bytes: Uint8Array): void, digest(): Uint8Array, free(): void }} Hash
 * @typedef {{ Sha256: new () => Hash, Crc64Nvme: new () => Hash }} HashModule `pkg/hash`.
 */

/**
 * Digests of `blob`, of which no more than one piece is kept in memory, or what
 * `room` allows: the engine's own SHA-256 is three times as fast as any in
 * wasm, but takes the bytes only as a whole (and is missing on plain http).
 *
 * @param {Blob} blob
 * @param {readonly Algorithm[]} algorithms
 * @param {object} how
 * @param {() => Promise<HashModule>} how.load Called when wasm is needed.
 * @param {{ buffer: ArrayBuffer, most: number }} [how.room] Where to read, a blob of at most `most` bytes as a whole.
 * @param {number} [how.largest] Bytes hashed at once at most, where they are hashed piece by piece.
 * @param {(loaded: number) => void} [how.onProgress] Called after every piece with the bytes read so far.
 * @param {() => void | Promise<void>} [how.between] Awaited after every piece; what it throws ends the pass.
 * @returns {Promise<Digests>}
 */
export async function digestBlob(blob, algorithms, { load, room, largest, onProgress, between }) {
  const subtle = room && blob.size <= room.most && algorithms.includes("sha256") ? globalThis.crypto?.subtle : undefined;
  /** @type {Hash | undefined} */ let sha256;
  /** @type {Hash | undefined} */ let crc64nvme;
  try {
    if (algorithms.includes("crc64nvme")) crc64nvme = new (await load()).Crc64Nvme();
    if (algorithms.includes("sha256") && !subtle) sha256 = new (await load()).Sha256();
    /** @type {{ sha256?: string, crc64nvme?: string }} */
    const digests = {};
    if (room && subtle) {
      for await (const loaded of readWhole(blob, room)) {
        onProgress?.(loaded);
        await between?.();
      }
      const bytes = new Uint8Array(room.buffer, 0, blob.size);
      crc64nvme?.update(bytes);
      digests.sha256 = hex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
    } else {
      let loaded = 0;
      for await (const piece of readPieces(blob, { largest, room })) {
        sha256?.update(piece);
        crc64nvme?.update(piece);
        loaded += piece.byteLength;
        onProgress?.(loaded);
        await between?.();
      }
      if (sha256) digests.sha256 = hex(sha256.digest());
    }
    if (crc64nvme) digests.crc64nvme = btoa(String.fromCharCode(...crc64nvme.digest()));
    return digests;
  } finally {
    sha256?.free();
    crc64nvme?.free();
  }
}
