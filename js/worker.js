// The module worker that hashes files off the main thread, told to by
// js/hash.js.
//
// In:  { job, blob, algorithms, chunkSize?, most } starts a job, which may
//      keep `most` bytes in memory; { cancel: job } ends it without an answer.
// Out: { job, loaded }, then { job, digests } or { job, failure: { name, message } };
//      { job, broken: true } when this worker cannot load what it needs.

import init, { Digests, Sha256Chunks } from "../pkg/hash/sealift_hash.js";
import { digestBlob } from "./digest-blob.js";
import { hashAddress } from "./hash-address.js";

/** @import { Algorithm } from "./hash.js" */

const PROGRESS_EVERY_MS = 50;
/** How long memory is kept for the next file. */
const KEEP_MS = 5_000;

class Cancelled extends Error {}
class Broken extends Error {}

const worker = /** @type {{ postMessage(message: unknown): void, onmessage: unknown }} */ (
  /** @type {unknown} */ (globalThis)
);
/** @type {Promise<{ Digests: typeof Digests, Sha256Chunks: typeof Sha256Chunks }> | undefined} */
let module;
/** @type {Set<number>} */
const wanted = new Set();
/** What the last job had for its bytes; a job that was cancelled may still be using its own. */
let spare = new ArrayBuffer(0);
/** @type {ReturnType<typeof setTimeout>} */
let dropping;

worker.onmessage = (/** @type {MessageEvent} */ { data }) => {
  if (data.cancel) wanted.delete(data.cancel);
  else void run(data);
};

/** Only when it is needed: most often the browser's own SHA-256 is all. */
function load() {
  module ??= init({ module_or_path: hashAddress() }).then(
    () => ({ Digests, Sha256Chunks }),
    () => {
      throw new Broken();
    },
  );
  return module;
}

/** @param {{ job: number, blob: Blob, algorithms: Algorithm[], chunkSize?: number, most: number }} task */
async function run({ job, blob, algorithms, chunkSize, most }) {
  wanted.add(job);
  clearTimeout(dropping);
  const room = { buffer: spare, most };
  spare = new ArrayBuffer(0);
  try {
    let told = performance.now();
    const digests = await digestBlob(blob, algorithms, {
      load,
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
