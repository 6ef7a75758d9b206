// The SHA-256 of every chunk, by whatever hashes them fastest.

/**
 * @import { HashModule, How } from "./digest-blob.js"
 *
 * @typedef {Required<HashModule>} Module
 *
 * @typedef {object} ChunkHasher
 * @property {number | undefined} bytesAtOnce How many bytes each `update` should get; undefined where any will do.
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>} update
 * @property {() => Uint8Array} finish 32 bytes for every chunk, in order.
 * @property {() => void} free
 */

/** Chunks that the engine is given at once; Firefox hashes them beside each other. */
const AT_ONCE = 8;
/** wasm hashes four chunks side by side. */
const LANES = 4;
/** Bytes that are read at a time for the engine's own: while they still are in the processor's cache. */
const CACHED = 1024 * 1024;
/** Bytes that are hashed to see who is faster, and to have wasm compiled well before. */
const TRIAL = 1024 * 1024;
const WARM_UP = 4 * TRIAL;
/** A file that is smaller is not worth the trial: the engine's own is given chunks that are larger than this. */
const WORTH_A_TRIAL = 32 * TRIAL;
const SMALL_CHUNK = 16 * 1024;

/** Whether the engine's own SHA-256 is faster, by the size of chunks (its logarithm). @type {Map<number, Promise<boolean>>} */
const trials = new Map();

/**
 * @param {number} size of the blob
 * @param {number} chunkSize
 * @param {How} how
 * @returns {Promise<ChunkHasher>}
 */
export async function chunkHasher(size, chunkSize, { room, load: loadModule }) {
  const load = /** @type {() => Promise<Module>} */ (loadModule);
  if (!room || chunkSize > room.most) return byWasm(await load(), chunkSize, undefined);
  const lanes = chunkSize * LANES <= room.most ? LANES : 1;
  const bytesAtOnce = Math.floor(room.most / (chunkSize * lanes)) * chunkSize * lanes;
  const subtle = globalThis.crypto?.subtle;
  if (subtle && (await ownIsFaster(subtle, size, chunkSize, load))) {
    return bySubtle(subtle, size, chunkSize, Math.max(1, Math.floor(CACHED / chunkSize)) * chunkSize);
  }
  return byWasm(await load(), chunkSize, bytesAtOnce);
}

/**
 * @param {Module} module
 * @param {number} chunkSize
 * @param {number | undefined} bytesAtOnce
 * @returns {ChunkHasher}
 */
function byWasm({ Sha256Chunks }, chunkSize, bytesAtOnce) {
  const chunks = new Sha256Chunks(chunkSize);
  return { bytesAtOnce, update: (bytes) => chunks.update(bytes), finish: () => chunks.finish(), free: () => chunks.free() };
}

/**
 * @param {SubtleCrypto} subtle
 * @param {number} size
 * @param {number} chunkSize
 * @param {number} bytesAtOnce
 * @returns {ChunkHasher}
 */
function bySubtle(subtle, size, chunkSize, bytesAtOnce) {
  const digests = new Uint8Array(Math.ceil(size / chunkSize) * 32);
  let place = 0;
  return {
    bytesAtOnce,
    async update(bytes) {
      for (let start = 0; start < bytes.byteLength; start += chunkSize * AT_ONCE) {
        for (const digest of await digestsOf(subtle, bytes.subarray(start, start + chunkSize * AT_ONCE), chunkSize)) {
          digests.set(new Uint8Array(digest), place);
          place += 32;
        }
      }
    },
    finish: () => digests,
    free() {},
  };
}

/**
 * @param {SubtleCrypto} subtle
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} chunkSize
 */
function digestsOf(subtle, bytes, chunkSize) {
  const chunks = [];
  for (let start = 0; start < bytes.byteLength; start += chunkSize) {
    chunks.push(subtle.digest("SHA-256", bytes.subarray(start, start + chunkSize)));
  }
  return Promise.all(chunks);
}

/**
 * Three times as fast where the processor has instructions for SHA-256, half as fast where it has none, and slower by a
 * good deal where chunks are small: so it is tried out, once for chunks of about this size.
 * @param {SubtleCrypto} subtle
 * @param {number} size
 * @param {number} chunkSize
 * @param {() => Promise<Module>} load
 */
function ownIsFaster(subtle, size, chunkSize, load) {
  const kind = Math.round(Math.log2(chunkSize));
  if (!trials.has(kind) && size < WORTH_A_TRIAL) return chunkSize >= SMALL_CHUNK;
  let trial = trials.get(kind);
  if (!trial) trials.set(kind, (trial = tryOut(subtle, Math.min(chunkSize, TRIAL / LANES), load)));
  return trial;
}

/**
 * @param {SubtleCrypto} subtle
 * @param {number} chunkSize
 * @param {() => Promise<Module>} load
 */
async function tryOut(subtle, chunkSize, load) {
  const bytes = new Uint8Array(TRIAL);
  const chunks = new (await load()).Sha256Chunks(chunkSize);
  try {
    for (let warm = 0; warm < WARM_UP; warm += TRIAL) chunks.update(bytes);
    let since = performance.now();
    chunks.update(bytes);
    const wasm = performance.now() - since;
    await digestsOf(subtle, bytes.subarray(0, chunkSize * AT_ONCE), chunkSize);
    since = performance.now();
    for (let start = 0; start < TRIAL; start += chunkSize * AT_ONCE) {
      await digestsOf(subtle, bytes.subarray(start, start + chunkSize * AT_ONCE), chunkSize);
    }
    return performance.now() - since < wasm;
  } finally {
    chunks.free();
  }
}
