// Uploaders as pages see them. The work is done by the engine in wasm (js/engine.js).

import { Engine } from "./engine.js";
import { leftBehindError } from "./error.js";
import { isJunk, listOf, nameOf } from "./files.js";
import { inNextFrame } from "./frames.js";
import { unloadGuard, wakeLock } from "./guard.js";
import { warmUp } from "./hash.js";
import { Memory } from "./resume/memory.js";
import { parseAddOptions, parseOptions } from "./options.js";
import { largestForm, preconnect } from "./preconnect.js";
import { SETTLED, Upload, UploadEvent, heed, nothingOf } from "./upload.js";

/**
 * @import { Command, Failed, UploaderCore } from "./engine.js"
 * @import { EngineError } from "./hints.js"
 * @import { KeeperPort } from "./resume/keeper.js"
 * @import { Remembered } from "./resume/memory.js"
 * @import { SavedUpload } from "./resume/saved.js"
 * @import { StoredUpload } from "./resume/store.js"
 * @import { Details } from "./upload.js"
 * @import { AddOptions, DroppedFile, Priority, Progress, UploaderOptions } from "./uploader.js"
 *
 * @typedef {object} Own
 * @property {Priority} priority
 * @property {number} [number] The engine's, once it has the file.
 * @property {"pause" | "resume"} [early] What was wanted last before that.
 * @typedef {Remembered & Own} Entry
 */

/** What the engine sends as forms, where it is free to (`post_up_to`). */
const FORM_UP_TO = 1024 * 1024;

export class Uploader extends EventTarget {
  #options;
  #engine;
  /** Undefined where uploads end with their page. @type {Memory | undefined} */ #memory;
  /** @type {Set<Entry>} */ #entries = new Set();
  /** By the engine's numbers. @type {Map<number, Entry>} */ #numbered = new Map();
  /** Whose progress the page has not heard of. @type {Set<Upload>} */ #moved = new Set();
  /** @type {readonly string[]} */ #lacks = [];
  /** @type {((upload: Upload, is: boolean) => void)} */ #guard;
  /** @type {((upload: Upload, is: boolean) => void)} */ #wake;
  /** Of an earlier page, and given up. @type {Set<Entry>} */ #leftovers = new Set();
  #added = 0;

  /** @param {UploaderOptions} options */
  constructor(options) {
    super();
    const { guard, keepFiles, place, resume, wakeLock: wake } = (this.#options = parseOptions(options));
    this.#guard = guard ? unloadGuard() : () => {};
    this.#wake = wake ? wakeLock() : () => {};
    this.#engine = new Engine(this.#options, {
      onNotice: (number, details) => this.#noticed(number, details),
      onProgress: (number) => this.#progressed(number),
      save: (number, record) => this.#remembered(number, (entry, memory) => memory.save(entry, record)),
      forget: (number) => this.#remembered(number, (entry, memory) => memory.forget(entry)),
      onLacks: (feature) => this.#learnLack(feature),
      onMissing: (error) => this.#failAll(error),
    });
    if (!resume) return;
    this.#memory = new Memory({
      place,
      keepFiles,
      resume: (stored, file) => this.#resumeStored(stored, file),
      abort: (stored, adopt) => this.#abortStored(stored, adopt),
    });
  }

  get uploads() {
    return Array.from(this.#entries, ({ upload }) => upload);
  }

  get lacks() {
    return this.#lacks;
  }

  /** @returns {Progress} */
  get progress() {
    return this.#progress() ?? nothingOf(0);
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
      .map(({ file, ...found }) => this.#add(file, { ...options, ...found }));
  }

  prepare() {
    void preconnect(this.#options);
    void this.#memory?.open();
    this.#engine.with(() => warmUp(this.#options.integrity === "chunks"));
  }

  /** @returns {Promise<SavedUpload[]>} */
  async saved() {
    return this.#memory?.saved() ?? [];
  }

  /** @returns {Promise<void>} */
  async forget() {
    await this.#memory?.forgetAll([...this.#entries, ...this.#leftovers]);
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

  retry() {
    for (const upload of this.uploads) upload.retry();
  }

  abort() {
    for (const upload of this.uploads) upload.abort();
  }

  /**
   * @param {Blob} file
   * @param {AddOptions} [options]
   * @param {string} [id] By what it is stored already.
   */
  #add(file, options, id) {
    const { name = nameOf(file), type = file.type, metadata, signal, priority, handle } = parseAddOptions(options);
    void preconnect(this.#options);
    void this.#memory?.open();
    const entry = this.#entry({ file, name, type, metadata, handle }, priority, (upload, event) => this.#fire(upload, event));
    const { upload } = entry;
    entry.id = id;
    this.#entries.add(entry);
    this.#watch(upload);
    this.dispatchEvent(new UploadEvent("add", upload));
    if (signal) heed(signal, upload);
    if (signal?.aborted) upload.abort();
    else this.#start(entry);
    return upload;
  }

  /**
   * @param {Entry["facts"]} facts
   * @param {Priority} priority
   * @param {(upload: Upload, type: string) => void} fire
   * @returns {Entry}
   */
  #entry(facts, priority, fire) {
    /** @type {Entry["change"]} */
    let change = () => {};
    const { file, name } = facts;
    const upload = new Upload(
      {
        id: this.#added++,
        file,
        name,
        port: {
          command: (command) => this.#command(entry, command),
          prioritise: (wanted) => this.#prioritise(entry, wanted),
          progress: () => (entry.number === undefined ? undefined : this.#progress(entry.number)),
          target: () => (entry.number === undefined ? undefined : this.#engine.core?.target(entry.number)),
          fire: (type) => fire(upload, type),
        },
      },
      (revealed) => (change = revealed),
    );
    /** @type {Entry} */
    const entry = { facts, upload, change, priority };
    return entry;
  }

  /** @param {Entry} entry */
  #start(entry) {
    const enter = () => this.#enterSoon(entry);
    const recalled = this.#memory?.recall(entry);
    // Whatever went wrong there, the file can be uploaded anew.
    if (recalled) void recalled.catch(() => {}).then(enter);
    else enter();
    // Loaded while that is looked up.
    if (recalled) this.#engine.with(() => {});
  }

  /** @param {Entry} entry */
  #enterSoon(entry) {
    const failed = (/** @type {EngineError} */ error) => entry.change({ state: "failed", error });
    this.#engine.with((core) => this.#enter(entry, core, failed), failed);
  }

  /**
   * @param {Entry} entry
   * @param {UploaderCore} core
   * @param {Failed} failed
   */
  #enter(entry, core, failed) {
    const { facts, upload, priority, early, saved } = entry;
    if (SETTLED.has(upload.state) && !this.#memory?.giveUp(entry)) {
      this.#memory?.release(entry, upload.state);
      return;
    }
    const number = core.add(facts.file, facts.name, facts.type, facts.metadata, this.#transport(facts.file), priority, saved);
    entry.number = number;
    this.#numbered.set(number, entry);
    if (early === "pause") core.pause(number);
    this.#engine.start(() => (upload.state === "queued" || saved?.aborting) && core.start(number), failed);
  }

  /**
   * What would go as a form that the endpoint is known to refuse goes by PUT at once.
   * @param {Blob} file
   */
  #transport({ size }) {
    const { endpoint, transport } = this.#options;
    const most = largestForm(endpoint);
    if (transport !== "auto" || size > FORM_UP_TO || (most > 0 && size <= most)) return transport;
    if (most === 0) this.#learnLack("post-forms");
    return "put";
  }

  /**
   * @param {Entry} entry
   * @param {Exclude<Command, "start">} command
   * @returns {boolean}
   */
  #command(entry, command) {
    const { number, upload, change } = entry;
    const { core } = this.#engine;
    if (core && number !== undefined) {
      const reclaimed = command === "retry" && this.#memory?.reclaim(entry);
      if (reclaimed) void reclaimed.then((had) => had && core.retry(number));
      return Boolean(reclaimed) || core[command](number);
    }
    // The engine is not there yet, or never came, or the file has to wait for another tab.
    if (command === "retry") {
      if (upload.state !== "failed") return false;
      change({ state: "queued" });
      this.#start(entry);
    } else if (SETTLED.has(upload.state)) {
      return false;
    } else if (command === "pause" || command === "resume") {
      entry.early = command;
    } else {
      change({ state: "aborted" });
      if (!this.#memory?.giveUp(entry)) this.#memory?.release(entry, upload.state);
    }
    return true;
  }

  /**
   * @param {Entry} entry
   * @param {Priority} priority
   */
  #prioritise(entry, priority) {
    entry.priority = priority;
    if (entry.number !== undefined) this.#engine.core?.setPriority(entry.number, priority);
  }

  /**
   * @param {StoredUpload} stored
   * @param {Blob} file
   */
  #resumeStored({ id, name, type, metadata, handle }, file) {
    return this.#add(file, { name, type, metadata: Object.fromEntries(metadata), handle }, id);
  }

  /**
   * Gives up what an earlier page began; nobody sees it.
   * @type {KeeperPort["abort"]}
   */
  #abortStored({ id, name, type, metadata, upload: record }, adopt) {
    return new Promise((resolve, reject) => {
      const entry = this.#entry({ file: new Blob(), name, type, metadata, handle: undefined }, "low", ({ state, error, leftBehind }) => {
        if (!SETTLED.has(state)) return;
        if (state === "failed" || leftBehind) reject(error ?? leftBehindError());
        else resolve();
        this.#leftovers.delete(entry);
        this.#forgetIfSettled(entry);
      });
      entry.id = id;
      entry.saved = { ...record, aborting: true, parts: [] };
      adopt(entry);
      this.#leftovers.add(entry);
      this.#enterSoon(entry);
    });
  }

  /**
   * @param {number} number
   * @param {Details} details
   */
  #noticed(number, details) {
    const entry = this.#numbered.get(number);
    if (!entry) return;
    const { state } = details;
    // First: a listener may try it again at once.
    if (state && SETTLED.has(state)) this.#memory?.release(entry, state);
    entry.change(details);
  }

  /**
   * @param {number} number
   * @param {(entry: Entry, memory: Memory) => void} work
   */
  #remembered(number, work) {
    const entry = this.#numbered.get(number);
    if (entry && this.#memory) work(entry, this.#memory);
  }

  /** @param {string} feature */
  #learnLack(feature) {
    if (this.#lacks.includes(feature)) return;
    this.#lacks = Object.freeze([...this.#lacks, feature]);
    this.dispatchEvent(new Event("lacks"));
  }

  /** @param {EngineError} error */
  #failAll(error) {
    for (const { upload, change } of [...this.#entries, ...this.#leftovers]) {
      if (!SETTLED.has(upload.state)) change({ state: "failed", error });
    }
  }

  /** @param {Entry} entry */
  #forgetIfSettled(entry) {
    if (entry.number === undefined || !SETTLED.has(entry.upload.state)) return;
    this.#engine.core?.remove(entry.number);
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
    if (type === "statechange") this.#watch(upload);
    upload.dispatchEvent(new UploadEvent(type, upload));
    this.dispatchEvent(new UploadEvent(type, upload));
  }

  /** @param {Upload} upload */
  #watch(upload) {
    const unfinished = !SETTLED.has(upload.state);
    this.#guard(upload, unfinished);
    this.#wake(upload, unfinished && upload.state !== "paused");
  }

  /**
   * @param {number} [number] of all together, if there is none
   * @returns {Progress | undefined}
   */
  #progress(number) {
    const figures = this.#engine.core?.progress(number);
    if (!figures || figures.length === 0) return undefined;
    const [loaded = 0, total = 0, fraction = 0, speed = 0, milliseconds = Infinity, confirmed = 0] = figures;
    return { loaded, confirmed, total, fraction, speed, remaining: milliseconds / 1000 };
  }
}

/** @param {UploaderOptions} options */
export function createUploader(options) {
  return new Uploader(options);
}

export { Upload, UploadEvent };
