// One pass over a Blob, for the worker and for pages that cannot have one.

import { numbersOf } from "./algorithms.js";
import { hex } from "./hex.js";
import { readPieces, readWhole } from "./read.js";

/**
 * @import { ChunkHasher } from "./chunk-hasher.js"
 * @import { Algorithm, Digests } from "./hash.js"
 *
 * @typedef {object} HashModule `pkg/hash`, or of it what `js/sums.js` has.
 * @property {new (algorithms: Uint8Array) => { update(bytes: Uint8Array): void, digest(place: number): Uint8Array, free(): void }} Digests
 * @property {new (size: number) => { update(bytes: Uint8Array): void, finish(): Uint8Array, free(): void }} [Sha256Chunks]
 *
 * @typedef {object} How
 * @property {() => Promise<HashModule>} load Called when wasm is needed.
 * @property {{ buffer: ArrayBuffer, most: number }} [room] Where to read, `most` bytes at a time at most.
 * @property {(size: number, chunkSize: number, how: How) => Promise<ChunkHasher>} [chunkHasher] What hashes chunks.
 * @property {number} [chunkSize] For the SHA-256 of each chunk.
 * @property {number} [largest] Bytes hashed at once at most, where there is no room.
 * @property {(loaded: number) => void} [onProgress] Called now and then with the bytes read so far.
 * @property {() => void | Promise<void>} [between] Awaited now and then; what it throws ends the pass.
 */

/** Blocks up to this size are read as pieces of one stream, which brings no more at once. */
const PIECE = 1024 * 1024;

/** The algorithms of which S3 wants base64; the others are told in hex. */
const IN_BASE64 = new Set(["crc32", "crc32c", "crc64nvme"]);

/**
 * Digests of `blob`, of which no more than one piece is kept in memory, or what
 * `room` allows: the engine's own SHA-256 is three times as fast as any in
 * wasm, but takes the bytes only as a whole (and is missing on plain http).
 *
 * @param {Blob} blob
 * @param {readonly Algorithm[]} algorithms
 * @param {How} how
 * @returns {Promise<Digests>}
 */
export async function digestBlob(blob, algorithms, how) {
  const { load, room, chunkSize } = how;
  const whole = room !== undefined && blob.size <= room.most;
  const subtle = whole && algorithms.includes("sha256") ? globalThis.crypto?.subtle : undefined;
  const byWasm = subtle ? algorithms.filter((algorithm) => algorithm !== "sha256") : algorithms;
  const chunks = chunkSize === undefined ? undefined : await how.chunkHasher?.(blob.size, chunkSize, how);
  const wasm = byWasm.length > 0 ? new (await load()).Digests(numbersOf(byWasm)) : undefined;
  try {
    /** @type {Record<string, string | Uint8Array>} */
    const digests = {};
    const bytesAtOnce = subtle ? blob.size : chunks?.bytesAtOnce;
    for await (const bytes of room && bytesAtOnce !== undefined ? blocks(blob, bytesAtOnce, room, how) : pieces(blob, how)) {
      wasm?.update(bytes);
      await chunks?.update(bytes);
      if (subtle) digests.sha256 = hex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
    }
    byWasm.forEach((algorithm, place) => {
      const digest = /** @type {NonNullable<typeof wasm>} */ (wasm).digest(place);
      digests[algorithm] = IN_BASE64.has(algorithm) ? btoa(String.fromCharCode(...digest)) : hex(digest);
    });
    if (chunks) digests.chunks = chunks.finish();
    return digests;
  } finally {
    wasm?.free();
    chunks?.free();
  }
}

/**
 * `blob` piece by piece, as they are read.
 * @param {Blob} blob
 * @param {How} how
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>}
 */
async function* pieces(blob, { largest, room, onProgress, between }) {
  let loaded = 0;
  for await (const piece of readPieces(blob, { largest, room })) {
    yield /** @type {Uint8Array<ArrayBuffer>} */ (piece);
    loaded += piece.byteLength;
    onProgress?.(loaded);
    await between?.();
  }
}

/**
 * `blob` in blocks of `size` bytes, each read as a whole.
 * @param {Blob} blob
 * @param {number} size
 * @param {{ buffer: ArrayBuffer }} room
 * @param {How} how
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>}
 */
async function* blocks(blob, size, room, { onProgress, between }) {
  let start = 0;
  if (size <= PIECE && blob.size > 0) {
    // From one stream, in a buffer that stays in the processor's cache; where the engine brings as much as it is asked for.
    for await (const piece of readPieces(blob, { largest: size, room })) {
      if (piece.byteLength !== Math.min(size, blob.size - start)) break;
      yield /** @type {Uint8Array<ArrayBuffer>} */ (piece);
      start += piece.byteLength;
      onProgress?.(start);
      await between?.();
    }
    if (start === blob.size) return;
  }
  do {
    const block = start > 0 || size < blob.size ? blob.slice(start, start + size) : blob;
    for await (const loaded of readWhole(block, room)) {
      onProgress?.(start + loaded);
      await between?.();
    }
    yield new Uint8Array(room.buffer, 0, block.size);
    start += block.size;
  } while (start < blob.size);
}
