// One file on its way, as pages see it.

import { abortError, leftBehindError } from "./error.js";
import { explaining } from "./explain.js";
import { explain } from "./hints.js";
import { parsePriority } from "./options.js";
import { settlement } from "./settlement.js";

/**
 * @import { SealiftError } from "./error.js"
 * @import { EngineError, Target } from "./hints.js"
 * @import { Settlement } from "./settlement.js"
 * @import { Priority, Progress, StoredObject, UploadState } from "./uploader.js"
 *
 * What an upload has from its uploader.
 * @typedef {object} Port
 * @property {(command: "pause" | "resume" | "retry" | "abort" | "delete") => boolean} command
 *   Whether there was something to do.
 * @property {(priority: Priority) => void} prioritise
 * @property {() => Progress | undefined} progress
 * @property {() => Target | undefined} target Where the last request to S3 went.
 * @property {(type: string) => void} fire Fires an event at the upload and at its uploader.
 *
 * What the engine says of an upload.
 * @typedef {object} Details
 * @property {UploadState} [state] The state it came to.
 * @property {{ bucket: string, key: string }} [leftBehind]
 * @property {EngineError} [error]
 * @property {StoredObject & { urlLifetime: number }} [object]
 * @property {number} [attempts]
 * @property {boolean} [resumed]
 * @typedef {(details: Details) => void} Change
 */

/** States that only the caller can end. @type {ReadonlySet<UploadState>} */
export const SETTLED = new Set(["done", "failed", "aborted", "deleted"]);
/** States in which nothing is done, whatever was done before. @type {ReadonlySet<UploadState>} */
const IDLE = new Set(["failed", "retrying", "waiting", "paused"]);

export class UploadEvent extends Event {
  /**
   * @param {string} type
   * @param {Upload} upload
   */
  constructor(type, upload) {
    super(type);
    this.upload = upload;
  }
}

export class Upload extends EventTarget {
  #port;
  /** @type {UploadState} */ #state = "queued";
  /** What was done last. @type {UploadState} */ #doing = "queued";
  /** @type {StoredObject | undefined} */ #object;
  /** @type {SealiftError | undefined} */ #error;
  /** @type {{ bucket: string, key: string } | undefined} */ #leftBehind;
  #attempt = 0;
  #resumed = false;
  /** @type {Settlement<StoredObject>} */ #result = unheard();
  /** @type {Settlement<void> | undefined} */ #deletion;

  /**
   * @param {{ id: number, file: Blob, name: string, port: Port }} what
   * @param {(change: Change) => void} reveal Hands the uploader what changes the state.
   */
  constructor({ id, file, name, port }, reveal) {
    super();
    this.id = id;
    this.file = file;
    this.name = name;
    this.size = file.size;
    this.#port = port;
    reveal(explaining((details) => this.#change(details), () => port.target()?.refused));
  }

  get state() {
    return this.#state;
  }

  /** @returns {Progress} */
  get progress() {
    return this.#port.progress() ?? nothingOf(this.size);
  }

  get object() {
    return this.#object;
  }

  get error() {
    return this.#error;
  }

  get leftBehind() {
    return this.#leftBehind;
  }

  get attempt() {
    return this.#attempt;
  }

  get resumed() {
    return this.#resumed;
  }

  get result() {
    return this.#result.promise;
  }

  /** @param {Priority} priority */
  setPriority(priority) {
    this.#port.prioritise(parsePriority(priority));
  }

  pause() {
    this.#port.command("pause");
  }

  resume() {
    this.#port.command("resume");
  }

  retry() {
    this.#port.command("retry");
  }

  abort() {
    this.#port.command("abort");
  }

  /** @returns {Promise<void>} */
  delete() {
    if (!this.#deletion) {
      const deletion = (this.#deletion = unheard());
      // Failed: as a deletion, which is tried again, or before it was done, with parts of it at S3 perhaps.
      const command = !this.#object ? "abort" : this.#state === "failed" ? "retry" : "delete";
      const started = this.#port.command(command);
      if (!started && SETTLED.has(this.#state)) this.#endDeletion();
      return deletion.promise;
    }
    return this.#deletion.promise;
  }

  /** @param {Details} details */
  #change({ state, leftBehind, error, object, attempts, resumed }) {
    this.#leftBehind = leftBehind ?? this.#leftBehind;
    this.#resumed ||= resumed === true;
    if (!state) return;
    const before = this.#state;
    this.#state = state;
    this.#attempt = attempts ?? this.#attempt;
    if (!SETTLED.has(state) && !IDLE.has(state)) this.#doing = state;
    this.#error = error && explain(error, this.#doing, this.#port.target());
    if (object) this.#object = stored(object);
    if (before === "failed" && !SETTLED.has(state)) this.#result = unheard();

    // Promises first: a listener that looks at them finds them settled.
    switch (state) {
      case "done":
        this.#result.resolve(/** @type {StoredObject} */ (this.#object));
        break;
      case "failed":
        this.#result.reject(this.#error);
        this.#endDeletion(this.#error);
        break;
      case "aborted":
      case "deleted":
        this.#result.reject(abortError());
        this.#endDeletion();
        break;
    }
    this.#port.fire("statechange");
    if (state === "done") this.#port.fire("done");
    if (state === "failed") this.#port.fire("error");
  }

  /** @param {SealiftError} [error] */
  #endDeletion(error = this.#leftBehind && leftBehindError()) {
    const deletion = this.#deletion;
    this.#deletion = undefined;
    if (error) deletion?.reject(error);
    else deletion?.resolve();
  }
}

/**
 * A page may have one signal for all its life: it is let go of once there is nothing left to abort.
 * @param {AbortSignal} signal
 * @param {Upload} upload
 */
export function heed(signal, upload) {
  const abort = () => upload.abort();
  signal.addEventListener("abort", abort);
  upload.addEventListener("statechange", () => {
    if (upload.state !== "failed" && SETTLED.has(upload.state)) signal.removeEventListener("abort", abort);
  });
}

/**
 * How far what has not begun is.
 * @param {number} total bytes
 * @returns {Progress}
 */
export function nothingOf(total) {
  return { loaded: 0, confirmed: 0, total, fraction: 0, speed: 0, remaining: Infinity };
}

/**
 * One whose rejection nobody has to listen to.
 * @template T
 * @returns {Settlement<T>}
 */
function unheard() {
  /** @type {Settlement<T>} */
  const quiet = settlement();
  quiet.promise.catch(() => {});
  return quiet;
}

/**
 * @param {StoredObject & { urlLifetime: number }} object
 * @returns {StoredObject}
 */
function stored({ urlLifetime, ...object }) {
  return Object.freeze({ ...object, urlExpires: new Date(Date.now() + urlLifetime).toISOString() });
}
