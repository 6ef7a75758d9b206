// The engine in wasm (pkg/uploader): loaded when something is first to be done, told what to do in turns.

import { SealiftError } from "./error.js";
import { hashFile } from "./hash.js";
import { hex } from "./hex.js";
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

/** How long uploads are handed to the engine in one go, and how long they are started. */
const SHARE_MS = 8;

export class Engine {
  #options;
  #listener;
  /** @type {UploaderCore | undefined} */ #core;
  /** What to do with the engine, in this order. @type {((core: UploaderCore) => void)[]} */ #waiting = [];
  #isLoading = false;
  #isDoing = false;
  /** When this turn's share ends, once one has begun. @type {number | undefined} */ #shareEnd;
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
   * @param {(core: UploaderCore) => void} work Done at once, or when the engine is there; of thousands, some now and some later.
   * @param {Failed} [failed] Told if it throws: what waits behind it is done all the same.
   */
  with(work, failed) {
    this.#waiting.push(careful(work, failed));
    if (this.#core) this.#doSome(this.#core);
    else if (!this.#isLoading) void this.#load();
  }

  /**
   * Does what waits, in shares that leave the page its turn.
   * @param {UploaderCore} core
   */
  #doSome(core) {
    if (this.#isDoing) return;
    if (this.#shareEnd === undefined) {
      this.#shareEnd = performance.now() + SHARE_MS;
      setTimeout(() => {
        this.#shareEnd = undefined;
        if (this.#waiting.length > 0) this.#doSome(core);
      });
    }
    if (performance.now() > this.#shareEnd) return;
    this.#isDoing = true;
    let done = 0;
    // What this brings is done behind it.
    for (const work of this.#waiting) {
      work(core);
      done += 1;
      if (performance.now() > this.#shareEnd) break;
    }
    this.#waiting.splice(0, done);
    this.#isDoing = false;
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
    const end = performance.now() + SHARE_MS;
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
    this.#isLoading = true;
    if (typeof XMLHttpRequest === "undefined") {
      // Not at once: who added a file may still want to listen.
      await null;
      this.#missing(
        "unsupported",
        "Files are sent with XMLHttpRequest, which pages and workers have and this place has not.",
      );
      return;
    }
    /** @type {UploaderCore} */
    let core;
    try {
      const { UploaderCore } = await loadUploader();
      const { endpoint, credentials, integrity, concurrency, headers, resume } = this.#options;
      core = new UploaderCore({ endpoint, credentials, integrity, concurrency, headers, snapshots: resume, hash, chunked, ...this.#listener });
    } catch (cause) {
      this.#missing(
        "not_loaded",
        "The uploader's WebAssembly cannot be loaded.",
        cause instanceof SealiftError ? cause.cause : cause,
      );
      return;
    }
    this.#core = core;
    this.#doSome(core);
  }

  /**
   * Without its engine an uploader can do nothing; what is tried again loads it again, where that can help.
   * @param {"unsupported" | "not_loaded"} code
   * @param {string} message
   * @param {unknown} [cause]
   */
  #missing(code, message, cause) {
    this.#isLoading = false;
    this.#waiting = [];
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
 * @param {number} chunkSize above 0 for the SHA-256 of every chunk; that of the blob is then the list's own
 */
async function hash(blob, algorithms, signal, chunkSize) {
  if (chunkSize > 0) {
    const { chunks } = await hashFile(blob, { algorithms: [], chunkSize, signal });
    return { sha256: await fingerprint(/** @type {Uint8Array<ArrayBuffer>} */ (chunks)), chunks };
  }
  return hashFile(blob, { algorithms: algorithms === "both" ? ["sha256", "crc64nvme"] : [algorithms], signal });
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function fingerprint(bytes) {
  const subtle = globalThis.crypto?.subtle;
  return subtle ? hex(new Uint8Array(await subtle.digest("SHA-256", bytes))) : (await hashFile(new Blob([bytes]))).sha256;
}

/**
 * Loaded where chunks are signed.
 * @param {Parameters<typeof import("./chunked-upload.js").chunkedUpload>} body
 */
async function chunked(...body) {
  const { chunkedUpload } = await import("./chunked-upload.js");
  return chunkedUpload(...body);
}
