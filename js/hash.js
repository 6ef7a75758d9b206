// Files hashed off the main thread.

import { NUMBERS } from "./algorithms.js";
import { elsewhere } from "./elsewhere.js";
import { SealiftError, abortError } from "./error.js";
import { hex } from "./hex.js";
import { settlement } from "./settlement.js";
import { hasSimd } from "./simd.js";
import { PATIENCE_MS, within } from "./within.js";

/**
 * @import { Algorithm, Digests, HashFileOptions } from "./hash.js"
 * @import { Settlement } from "./settlement.js"
 */

/**
 * What each worker may keep of a file in memory to hash it as a whole, in bytes, the most first. There are as many
 * workers as this has numbers; two hash 1.7 times as fast as one. The browser copies what it hashes: 48 MiB in all.
 */
const ROOMS = [16 * 1024 * 1024, 8 * 1024 * 1024];
/** What is smaller is read and hashed by the browser sooner than a worker is there. */
const SMALL = 1024 * 1024;

/**
 * @typedef {object} Job
 * @property {number} number
 * @property {Blob} blob
 * @property {readonly Algorithm[]} algorithms
 * @property {number | undefined} chunkSize
 * @property {(loaded: number) => void} progress
 * @property {(digests: Digests) => void} resolve
 * @property {(error: unknown) => void} reject
 *
 * One place where a file is hashed; it does one job at a time.
 * @typedef {object} Lane
 * @property {Job | undefined} job
 * @property {number} room
 * @property {(job: Job) => void} start
 * @property {(job: Job) => void} cancel
 */

/** No chunk is larger: 1 GiB. */
const MAX_CHUNK = 2 ** 30;

/** @type {Lane[]} */
const lanes = [];
/** @type {Job[]} */
const waiting = [];
let jobs = 0;
/** Whether another worker may be made; a content security policy can forbid it. */
let workersAllowed = typeof Worker !== "undefined";

/**
 * Digests of a whole file, read in pieces off the main thread.
 *
 * @param {Blob} blob
 * @param {HashFileOptions<Algorithm>} [options]
 * @returns {Promise<Digests>}
 */
export async function hashFile(blob, options) {
  if (!(blob instanceof Blob)) throw invalid("hashFile needs a File or a Blob.");
  const { algorithms, chunkSize, onProgress, signal } = parse(options);
  if (signal?.aborted) throw abortError();
  if (blob.size <= SMALL && chunkSize === undefined && algorithms.join() === "sha256") {
    const digests = await hashSmall(blob);
    if (signal?.aborted) throw abortError();
    if (digests) {
      onProgress?.(blob.size, blob.size);
      return digests;
    }
  }

  /** @type {Settlement<Digests>} */
  const { promise, resolve, reject } = settlement();
  /** @type {Job} */
  const job = { number: ++jobs, blob, algorithms, chunkSize, progress, resolve, reject };
  /** @param {number} loaded */
  function progress(loaded) {
    try {
      onProgress?.(loaded, blob.size);
    } catch (error) {
      // The caller's own mistake, not the file's.
      cancel(job, error);
    }
  }
  const abort = () => cancel(job, abortError());
  signal?.addEventListener("abort", abort, { once: true });
  waiting.push(job);
  startWaiting();
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * By the browser's own SHA-256, which leaves the page its turn.
 * @param {Blob} blob
 * @returns {Promise<Digests | undefined>} undefined where a worker has to try: it reads in other ways, and says what is wrong
 */
async function hashSmall(blob) {
  try {
    const bytes = await within(PATIENCE_MS, blob.arrayBuffer());
    return bytes.byteLength === blob.size ? { sha256: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Has a worker loaded before there is anything to hash.
 * @param {boolean} [inChunks] Whether it will have to hash chunks.
 */
export function warmUp(inChunks = false) {
  if (lanes.length === 0) lanes.push(newLane(inChunks));
}

/**
 * Whether it takes the whole hash module: uploads but those in chunks do with a quarter of it, which is made for engines
 * with SIMD alone.
 * @param {Job} job
 */
function takesAll({ algorithms, chunkSize }) {
  return chunkSize !== undefined || algorithms.some((algorithm) => algorithm !== "sha256" && algorithm !== "crc64nvme") || !hasSimd();
}

/** @param {HashFileOptions<Algorithm>} [options] */
function parse(options = {}) {
  if (typeof options !== "object" || options === null) throw invalid("The options of hashFile must be an object.");
  const { algorithms = ["sha256"], chunkSize, onProgress, signal } = options;
  if (chunkSize !== undefined && !(Number.isInteger(chunkSize) && chunkSize >= 1 && chunkSize <= MAX_CHUNK)) {
    throw invalid("`chunkSize` must be a number of bytes, 1 to 2^30.");
  }
  if (!Array.isArray(algorithms) || (algorithms.length === 0 && chunkSize === undefined)) {
    throw invalid("`algorithms` must be a list of one or more.");
  }
  for (const algorithm of algorithms) {
    if (typeof algorithm === "string" && Object.hasOwn(NUMBERS, algorithm)) continue;
    throw invalid(typeof algorithm === "string" ? `hashFile does not know the algorithm ${algorithm}.` : "`algorithms` must be texts.");
  }
  if (onProgress !== undefined && typeof onProgress !== "function") throw invalid("`onProgress` must be a function.");
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid("`signal` must be an AbortSignal.");
  return { algorithms: [...new Set(algorithms)], chunkSize, onProgress, signal };
}

/** @param {string} message */
function invalid(message) {
  return new SealiftError(message, { code: "invalid_option" });
}

function startWaiting() {
  for (let place = 0; place < waiting.length && (mayAddLane() || lanes.some((lane) => !lane.job)); ) {
    const job = /** @type {Job} */ (waiting[place]);
    let lane = lanes.find((lane) => !lane.job && suits(lane.room, job));
    if (!lane && mayAddLane() && suits(ROOMS[lanes.length] ?? 0, job)) lanes.push((lane = newLane(takesAll(job))));
    if (lane) {
      waiting.splice(place, 1);
      lane.job = job;
      lane.start(job);
    } else {
      place += 1;
    }
  }
}

/**
 * What fits into the largest room waits for it: in any other it would be hashed by wasm, which has to be loaded, and takes
 * three times as long.
 * @param {number} room
 * @param {Job} job
 */
function suits(room, { blob, algorithms }) {
  const largest = Math.max(...lanes.map((lane) => lane.room));
  return blob.size <= room || blob.size > largest || !algorithms.includes("sha256") || !globalThis.crypto?.subtle;
}

/**
 * @param {Job} job
 * @param {unknown} reason
 */
function cancel(job, reason) {
  const place = waiting.indexOf(job);
  if (place >= 0) waiting.splice(place, 1);
  const lane = lanes.find((lane) => lane.job === job);
  lane?.cancel(job);
  job.reject(reason);
  if (lane) free(lane);
}

/** @param {Lane} lane */
function free(lane) {
  lane.job = undefined;
  startWaiting();
}

function mayAddLane() {
  const most = Math.min(ROOMS.length, Math.max(1, (globalThis.navigator?.hardwareConcurrency ?? 1) - 1));
  return lanes.length === 0 || (workersAllowed && lanes.length < most);
}

/** @param {boolean} all Whether its first job takes the whole hash module. */
function newLane(all) {
  return (workersAllowed && workerLane(ROOMS[lanes.length] ?? 0, all)) || pageLane();
}

/**
 * @param {boolean} all Whether it has the whole hash module.
 * @returns {Worker}
 */
function newWorker(all) {
  if (elsewhere.worker) return elsewhere.worker();
  // The addresses are written out, for bundlers look for just that.
  return all
    ? new Worker(new URL("./worker-all.js", import.meta.url), { type: "module" })
    : new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}

/**
 * @param {number} room
 * @param {boolean} all
 * @returns {Lane | undefined} undefined where no worker can be made
 */
function workerLane(room, all) {
  /** @type {Worker} */
  let worker;
  try {
    worker = newWorker(all);
  } catch {
    workersAllowed = false;
    return undefined;
  }
  /** @type {Lane} */
  const lane = {
    job: undefined,
    room,
    start(task) {
      if (!all && takesAll(task)) {
        all = true;
        worker.terminate();
        try {
          worker = listenedTo(newWorker(true));
        } catch {
          return broken();
        }
      }
      const { number: job, blob, algorithms, chunkSize } = task;
      worker.postMessage({ job, blob, algorithms, chunkSize, most: room });
    },
    cancel: (job) => worker.postMessage({ cancel: job.number }),
  };
  /** A worker that cannot be loaded, or died: what it had to do is done elsewhere. */
  const broken = () => {
    workersAllowed = false;
    worker.terminate();
    lanes.splice(lanes.indexOf(lane), 1);
    if (lane.job) waiting.unshift(lane.job);
    startWaiting();
  };
  /** @param {Worker} made */
  const listenedTo = (made) => {
    made.onerror = (event) => {
      event.preventDefault();
      broken();
    };
    made.onmessage = ({ data }) => {
      const job = lane.job;
      if (!job || job.number !== data.job) return;
      if (data.broken) {
        broken();
      } else if (data.loaded !== undefined) {
        job.progress(data.loaded);
      } else {
        if (data.digests) job.resolve(data.digests);
        else job.reject(unreadable(new DOMException(data.failure.message, data.failure.name)));
        free(lane);
      }
    };
    return made;
  };
  listenedTo(worker);
  return lane;
}

/** @returns {Lane} one that hashes on the main thread: loaded only where there are no workers */
function pageLane() {
  /** @type {Lane} */
  const lane = { job: undefined, room: 0, start: (job) => void run(job), cancel() {} };
  /** @param {Job} job */
  async function run(job) {
    try {
      const { hashHere } = await import("./hash-here.js");
      job.resolve(await hashHere(job, () => lane.job === job));
    } catch (error) {
      job.reject(error instanceof SealiftError ? error : unreadable(error));
    }
    if (lane.job === job) free(lane);
  }
  return lane;
}

/** @param {unknown} cause */
function unreadable(cause) {
  return new SealiftError("The file cannot be read: it was moved, changed or removed after it was chosen.", {
    code: "unreadable_file",
    cause,
  });
}
