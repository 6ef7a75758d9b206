// What the module workers do that hash files off the main thread, told to by
// js/hash.js.
//
// In:  { job, blob, algorithms, chunkSize?, most } starts a job, which may
//      keep `most` bytes in memory; { cancel: job } ends it without an answer.
// Out: { job, loaded }, then { job, digests } or { job, failure: { name, message } };
//      { job, broken: true } when this worker cannot load what it needs.

import { digestBlob } from "./digest-blob.js";

/**
 * @import { How, HashModule } from "./digest-blob.js"
 * @import { Algorithm } from "./hash.js"
 */

const PROGRESS_EVERY_MS = 50;
/** How long memory is kept for the next file. */
const KEEP_MS = 5_000;

class Cancelled extends Error {}
class Broken extends Error {}

const worker = /** @type {{ postMessage(message: unknown): void, onmessage: unknown }} */ (
  /** @type {unknown} */ (globalThis)
);
/** @type {Set<number>} */
const wanted = new Set();
/** What the last job had for its bytes; a job that was cancelled may still be using its own. */
let spare = new ArrayBuffer(0);
/** @type {ReturnType<typeof setTimeout>} */
let dropping;

/**
 * Does jobs from now on.
 * @param {() => Promise<HashModule>} loadModule Called once, and only when it is needed: most often the browser's own SHA-256 is all.
 * @param {How["chunkHasher"]} [chunkHasher] Where jobs may ask for chunks.
 */
export function work(loadModule, chunkHasher) {
  /** @type {Promise<HashModule> | undefined} */
  let module;
  const load = () =>
    (module ??= loadModule().catch(() => {
      throw new Broken();
    }));
  worker.onmessage = (/** @type {MessageEvent} */ { data }) => {
    if (data.cancel) wanted.delete(data.cancel);
    else void run(data, { load, chunkHasher });
  };
}

/**
 * @param {{ job: number, blob: Blob, algorithms: Algorithm[], chunkSize?: number, most: number }} task
 * @param {Pick<How, "load" | "chunkHasher">} by
 */
async function run({ job, blob, algorithms, chunkSize, most }, by) {
  wanted.add(job);
  clearTimeout(dropping);
  const room = { buffer: spare, most };
  spare = new ArrayBuffer(0);
  try {
    let told = performance.now();
    const digests = await digestBlob(blob, algorithms, {
      ...by,
      room,
      chunkSize,
      onProgress(loaded) {
        const now = performance.now();
        if (now - told < PROGRESS_EVERY_MS) return;
        told = now;
        worker.postMessage({ job, loaded });
      },
      between() {
        if (!wanted.has(job)) throw new Cancelled();
      },
    });
    worker.postMessage({ job, digests });
  } catch (error) {
    if (error instanceof Cancelled) return;
    if (error instanceof Broken) {
      worker.postMessage({ job, broken: true });
      return;
    }
    const { name, message } = error instanceof Error || error instanceof DOMException ? error : new Error(String(error));
    worker.postMessage({ job, failure: { name, message } });
  } finally {
    wanted.delete(job);
    spare = room.buffer;
    dropping = setTimeout(() => (spare = new ArrayBuffer(0)), KEEP_MS);
  }
}
