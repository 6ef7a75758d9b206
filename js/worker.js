// The module worker that hashes files off the main thread, told to by
// js/hash.js.
//
// In:  { job, blob } starts a job; { cancel: job } ends it without an answer.
// Out: { job, loaded }, then { job, digests } or { job, failure: { name, message } };
//      { job, broken: true } when this worker can hash nothing at all.

import init, { Sha256 } from "../pkg/hash/sealift_hash.js";
import { digestBlob } from "./digest-blob.js";

const PROGRESS_EVERY_MS = 50;

class Cancelled extends Error {}

const worker = /** @type {{ postMessage(message: unknown): void, onmessage: unknown }} */ (
  /** @type {unknown} */ (globalThis)
);
const ready = init().then(
  () => true,
  () => false,
);
/** @type {Set<number>} */
const wanted = new Set();

worker.onmessage = (/** @type {MessageEvent} */ { data }) => {
  if (data.cancel) wanted.delete(data.cancel);
  else void run(data.job, data.blob);
};

/**
 * @param {number} job
 * @param {Blob} blob
 */
async function run(job, blob) {
  wanted.add(job);
  try {
    if (!(await ready)) {
      worker.postMessage({ job, broken: true });
      return;
    }
    let told = performance.now();
    const digests = await digestBlob(blob, new Sha256(), {
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
    const { name, message } = error instanceof Error || error instanceof DOMException ? error : new Error(String(error));
    worker.postMessage({ job, failure: { name, message } });
  } finally {
    wanted.delete(job);
  }
}
