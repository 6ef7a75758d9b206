// Uploaders as pages see them. The work is done by the engine in wasm
// (pkg/uploader), which is loaded when the first file is added.

import { SealiftError } from "./error.js";
import { isJunk, nameOf } from "./files.js";
import { hashFile } from "./hash.js";
import { parseAddOptions, parseOptions } from "./options.js";
import { SETTLED, Upload, UploadEvent } from "./upload.js";
import { loadUploader } from "./wasm.js";

/**
 * @import { AddOptions, DroppedFile, Progress, UploaderOptions } from "./uploader.js"
 * @import { EngineError, Target } from "./hints.js"
 * @import { Change, Details } from "./upload.js"
 *
 * The engine as `src/bindings/uploader.rs` shows it.
 * @typedef {{ [command in "start" | "pause" | "resume" | "retry" | "abort" | "delete"]: (upload: number) => boolean }} Commands
 * @typedef {Commands & {
 *   add(file: Blob, name: string, type: string, metadata: [string, string][], transport: string): number,
 *   remove(upload: number): void,
 *   progress(upload?: number): Float64Array,
 *   target(upload: number): Target | undefined,
 * }} UploaderCore
 *
 * @typedef {object} Entry
 * @property {Upload} upload
 * @property {Change} change
 * @property {(core: UploaderCore) => number} enter Gives the file to the engine.
 * @property {number | undefined} number The engine's, once it has the file.
 */

/** How often pages that are not visible, and so have no frames, hear of progress. */
const HIDDEN_FRAME_MS = 250;
/** How long uploads are started in one go. */
const START_SHARE_MS = 8;

export class Uploader extends EventTarget {
  #options;
  /** @type {Set<Entry>} */ #entries = new Set();
  /** By the engine's numbers. @type {Map<number, Entry>} */ #numbered = new Map();
  /** @type {UploaderCore | undefined} */ #core;
  /** What to do once the engine is there; undefined while nobody is waiting for it. @type {(() => void)[] | undefined} */
  #waiting;
  /** What the engine has and was not told to start. @type {Entry[]} */ #entered = [];
  /** Whose progress the page has not heard of. @type {Set<Upload>} */ #moved = new Set();
  #added = 0;

  /** @param {UploaderOptions} options */
  constructor(options) {
    super();
    this.#options = parseOptions(options);
  }

  get uploads() {
    return Array.from(this.#entries, ({ upload }) => upload);
  }

  /** @returns {Progress} */
  get progress() {
    return this.#progress() ?? { loaded: 0, total: 0, fraction: 0, speed: 0, remaining: Infinity };
  }

  /**
   * @param {Blob | FileList | Iterable<Blob | DroppedFile>} files
   * @param {AddOptions} [options]
   * @returns {any}
   */
  add(files, options) {
    if (files instanceof Blob) return this.#add(files, options);
    return listOf(files)
      .filter(({ file, name }) => !isJunk(name ?? nameOf(file)))
      .map(({ file, name }) => this.#add(file, name === undefined ? options : { ...options, name }));
  }

  /** @param {Upload} upload */
  remove(upload) {
    for (const entry of this.#entries) {
      if (entry.upload !== upload) continue;
      this.#entries.delete(entry);
      upload.addEventListener("statechange", () => this.#forgetIfSettled(entry));
      upload.abort();
      this.#forgetIfSettled(entry);
    }
  }

  pause() {
    for (const upload of this.uploads) upload.pause();
  }

  resume() {
    for (const upload of this.uploads) upload.resume();
  }

  abort() {
    for (const upload of this.uploads) upload.abort();
  }

  /**
   * @param {Blob} file
   * @param {AddOptions} [options]
   */
  #add(file, options) {
    const { name = nameOf(file), type = file.type, metadata, signal } = parseAddOptions(options);
    /** @type {Change} */
    let change = () => {};
    const upload = new Upload(
      {
        id: this.#added++,
        file,
        name,
        port: {
          command: (command) => this.#command(entry, command),
          progress: () => (entry.number === undefined ? undefined : this.#progress(entry.number)),
          target: () => (entry.number === undefined ? undefined : this.#core?.target(entry.number)),
          fire: (type) => this.#fire(upload, type),
        },
      },
      (revealed) => (change = revealed),
    );
    const { transport } = this.#options;
    /** @type {Entry} */
    const entry = { upload, change, number: undefined, enter: (core) => core.add(file, name, type, metadata, transport) };
    this.#entries.add(entry);
    this.dispatchEvent(new UploadEvent("add", upload));
    signal?.addEventListener("abort", () => upload.abort(), { once: true });
    if (signal?.aborted) upload.abort();
    else this.#start(entry);
    return upload;
  }

  /** @param {Entry} entry */
  #start(entry) {
    this.#withCore((core) => {
      if (SETTLED.has(entry.upload.state)) return;
      const number = entry.enter(core);
      entry.number = number;
      this.#numbered.set(number, entry);
      // Not at once: who adds a file may still want to listen to its states.
      if (this.#entered.push(entry) === 1) queueMicrotask(() => this.#startEntered(core));
    });
  }

  /**
   * Starts what was added, in shares that leave the page its turn: it may be thousands of files.
   * @param {UploaderCore} core
   */
  #startEntered(core) {
    const end = performance.now() + START_SHARE_MS;
    let started = 0;
    for (const { number, upload } of this.#entered) {
      if (number !== undefined && upload.state === "queued") core.start(number);
      started += 1;
      if (performance.now() > end) break;
    }
    this.#entered.splice(0, started);
    if (this.#entered.length > 0) setTimeout(() => this.#startEntered(core));
  }

  /**
   * @param {Entry} entry
   * @param {"pause" | "resume" | "retry" | "abort" | "delete"} command
   * @returns {boolean}
   */
  #command(entry, command) {
    const { number, upload, change } = entry;
    if (this.#core && number !== undefined) return this.#core[command](number);
    // The engine is not there yet, or never came.
    if (command === "retry" && upload.state === "failed") {
      change({ state: "queued" });
      this.#start(entry);
    } else if (SETTLED.has(upload.state)) {
      return false;
    } else if (command === "abort") {
      change({ state: "aborted" });
    } else {
      this.#withCore(() => entry.number !== undefined && this.#command(entry, command));
    }
    return true;
  }

  /** @param {(core: UploaderCore) => void} work */
  #withCore(work) {
    if (this.#core) {
      work(this.#core);
      return;
    }
    const run = () => work(/** @type {UploaderCore} */ (this.#core));
    if (this.#waiting) {
      this.#waiting.push(run);
    } else {
      this.#waiting = [run];
      void this.#load();
    }
  }

  async #load() {
    if (typeof XMLHttpRequest === "undefined") {
      // Not at once: who added a file may still want to listen.
      await null;
      this.#waiting = undefined;
      this.#failAll({
        kind: "unsupported",
        code: "unsupported",
        message: "Files are sent with XMLHttpRequest, which pages and workers have and this place has not.",
        retryable: false,
      });
      return;
    }
    try {
      const { UploaderCore } = await loadUploader();
      const { endpoint, credentials, integrity, concurrency, headers } = this.#options;
      this.#core = new UploaderCore({
        endpoint,
        credentials,
        integrity,
        concurrency,
        headers,
        /** @type {(blob: Blob, signal: AbortSignal) => Promise<string>} */
        hash: async (blob, signal) => (await hashFile(blob, { signal })).sha256,
        /** @type {(number: number, details: Details) => void} */
        onNotice: (number, details) => this.#numbered.get(number)?.change(details),
        /** @type {(number: number) => void} */
        onProgress: (number) => this.#progressed(number),
      });
    } catch (cause) {
      this.#waiting = undefined;
      this.#failAll({
        kind: "not_loaded",
        code: "not_loaded",
        message: "The uploader's WebAssembly cannot be loaded.",
        retryable: true,
        cause: cause instanceof SealiftError ? cause.cause : cause,
      });
      return;
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const work of waiting) work();
  }

  /**
   * Without its engine an uploader can do nothing; `retry` tries to load it again.
   * @param {EngineError} error
   */
  #failAll(error) {
    for (const { upload, change } of this.#entries) {
      if (!SETTLED.has(upload.state)) change({ state: "failed", error });
    }
  }

  /** @param {Entry} entry */
  #forgetIfSettled(entry) {
    if (entry.number === undefined || !SETTLED.has(entry.upload.state)) return;
    this.#core?.remove(entry.number);
    this.#numbered.delete(entry.number);
  }

  /** @param {number} number */
  #progressed(number) {
    const entry = this.#numbered.get(number);
    if (!entry) return;
    if (this.#moved.size === 0) inNextFrame(() => this.#tellProgress());
    this.#moved.add(entry.upload);
  }

  #tellProgress() {
    const moved = [...this.#moved];
    this.#moved.clear();
    for (const upload of moved) this.#fire(upload, "progress");
  }

  /**
   * @param {Upload} upload
   * @param {string} type
   */
  #fire(upload, type) {
    upload.dispatchEvent(new UploadEvent(type, upload));
    this.dispatchEvent(new UploadEvent(type, upload));
  }

  /**
   * @param {number} [number] of all together, if there is none
   * @returns {Progress | undefined}
   */
  #progress(number) {
    const figures = this.#core?.progress(number);
    if (!figures || figures.length === 0) return undefined;
    const [loaded = 0, total = 0, fraction = 0, speed = 0, milliseconds = Infinity] = figures;
    return { loaded, total, fraction, speed, remaining: milliseconds / 1000 };
  }
}

/** @param {UploaderOptions} options */
export function createUploader(options) {
  return new Uploader(options);
}

/**
 * @param {FileList | Iterable<Blob | DroppedFile>} files
 * @returns {{ file: Blob, name?: string | undefined }[]}
 */
function listOf(files) {
  const wrong = () => new SealiftError("add() takes a File, a Blob or a list of them.", { code: "invalid_option" });
  if (typeof files !== "object" || files === null || !(Symbol.iterator in files)) throw wrong();
  return Array.from(files, (item) => {
    if (item instanceof Blob) return { file: item };
    if (!(item?.file instanceof Blob)) throw wrong();
    if (item.name !== undefined && typeof item.name !== "string") throw wrong();
    return item;
  });
}

/** @param {() => void} work */
function inNextFrame(work) {
  if (typeof document === "undefined" || document.hidden) setTimeout(work, HIDDEN_FRAME_MS);
  else requestAnimationFrame(work);
}

export { Upload, UploadEvent };
