// The engine in wasm (pkg/uploader): loaded when something is first to be done, told what to do in turns.

import { SealiftError } from "./error.js";
import { hashFile } from "./hash.js";
import { loadUploader } from "./wasm.js";

/**
 * @import { EngineError, Target } from "./hints.js"
 * @import { PartRecord, SavedState, UploadRecord } from "./resume/memory.js"
 * @import { parseOptions } from "./options.js"
 * @import { Details } from "./upload.js"
 * @import { Priority } from "./uploader.js"
 *
 * The engine as `src/bindings/uploader.rs` shows it.
 * @typedef {"start" | "pause" | "resume" | "retry" | "abort" | "delete"} Command
 * @typedef {{ [command in Command]: (upload: number) => boolean }} Commands
 * @typedef {Commands & {
 *   add(file: Blob, name: string, type: string, metadata: [string, string][], transport: string, priority: Priority, saved?: SavedState): number,
 *   remove(upload: number): void,
 *   setPriority(upload: number, priority: Priority): void,
 *   progress(upload?: number): Float64Array,
 *   target(upload: number): Target | undefined,
 * }} UploaderCore
 *
 * What the engine tells of uploads, by their numbers.
 * @typedef {object} Listener
 * @property {(number: number, details: Details) => void} onNotice
 * @property {(number: number) => void} onProgress
 * @property {(number: number, record: UploadRecord | PartRecord) => void} save
 * @property {(number: number) => void} forget
 * @property {(feature: string) => void} onLacks
 * @property {(error: EngineError) => void} onMissing The engine cannot be had: whatever waited for it has failed.
 */

/** @typedef {(error: EngineError) => void} Failed */

/** How long uploads are started in one go. */
const START_SHARE_MS = 8;

export class Engine {
  #options;
  #listener;
  /** @type {UploaderCore | undefined} */ #core;
  /** What to do once the engine is there; undefined while nobody is waiting for it. @type {((core: UploaderCore) => void)[] | undefined} */
  #waiting;
  /** What the engine has and was not told to start. @type {((core: UploaderCore) => void)[]} */ #unstarted = [];

  /**
   * @param {ReturnType<typeof parseOptions>} options
   * @param {Listener} listener
   */
  constructor(options, listener) {
    this.#options = options;
    this.#listener = listener;
  }

  get core() {
    return this.#core;
  }

  /**
   * @param {(core: UploaderCore) => void} work Done at once, or when the engine is there.
   * @param {Failed} [failed] Told if it throws: what waits behind it is done all the same.
   */
  with(work, failed) {
    work = careful(work, failed);
    if (this.#core) {
      work(this.#core);
    } else if (this.#waiting) {
      this.#waiting.push(work);
    } else {
      this.#waiting = [work];
      void this.#load();
    }
  }

  /**
   * Not at once: who adds a file may still want to listen to its states.
   * @param {(core: UploaderCore) => void} start
   * @param {Failed} failed
   */
  start(start, failed) {
    if (this.#unstarted.push(careful(start, failed)) === 1) queueMicrotask(() => this.#startSome());
  }

  /** Starts what was added, in shares that leave the page its turn: it may be thousands of files. */
  #startSome() {
    const end = performance.now() + START_SHARE_MS;
    let started = 0;
    for (const start of this.#unstarted) {
      if (this.#core) start(this.#core);
      started += 1;
      if (performance.now() > end) break;
    }
    this.#unstarted.splice(0, started);
    if (this.#unstarted.length > 0) setTimeout(() => this.#startSome());
  }

  async #load() {
    if (typeof XMLHttpRequest === "undefined") {
      // Not at once: who added a file may still want to listen.
      await null;
      this.#waiting = undefined;
      this.#missing(
        "unsupported",
        "Files are sent with XMLHttpRequest, which pages and workers have and this place has not.",
      );
      return;
    }
    try {
      const { UploaderCore } = await loadUploader();
      const { endpoint, credentials, integrity, concurrency, headers, resume } = this.#options;
      this.#core = new UploaderCore({ endpoint, credentials, integrity, concurrency, headers, snapshots: resume, hash, ...this.#listener });
    } catch (cause) {
      this.#waiting = undefined;
      this.#missing(
        "not_loaded",
        "The uploader's WebAssembly cannot be loaded.",
        cause instanceof SealiftError ? cause.cause : cause,
      );
      return;
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const work of waiting) this.with(work);
  }

  /**
   * Without its engine an uploader can do nothing; what is tried again loads it again, where that can help.
   * @param {"unsupported" | "not_loaded"} code
   * @param {string} message
   * @param {unknown} [cause]
   */
  #missing(code, message, cause) {
    this.#listener.onMissing({ kind: code, code, message, retryable: code === "not_loaded", cause });
  }
}

/**
 * @param {(core: UploaderCore) => void} work
 * @param {Failed} [failed]
 * @returns {(core: UploaderCore) => void} It never throws.
 */
function careful(work, failed) {
  return (core) => {
    try {
      work(core);
    } catch (cause) {
      failed?.({ kind: "unexpected", code: "unexpected", message: "The uploader stumbled over this file.", retryable: false, cause });
    }
  };
}

/**
 * @param {Blob} blob
 * @param {"sha256" | "crc64nvme" | "both"} algorithms
 * @param {AbortSignal} signal
 */
function hash(blob, algorithms, signal) {
  return hashFile(blob, { algorithms: algorithms === "both" ? ["sha256", "crc64nvme"] : [algorithms], signal });
}
