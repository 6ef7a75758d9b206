// What an uploader keeps of its unfinished uploads, and what it makes of those that an earlier page left.

import { modifiedOf } from "./identity.js";
import { lock, lockedNow } from "./locks.js";
import { isMarked } from "./mark.js";
import { Memo } from "./memo.js";
import { SavedUpload } from "./saved.js";
import { keepFiles, keptFiles, putUpload, storedParts, storedUpload, storedUploads } from "./store.js";

/**
 * @import { Facts, Remembered } from "./memory.js"
 * @import { KeptFile, StoredUpload } from "./store.js"
 * @import { Upload } from "./upload.js"
 *
 * What the keeper has of its uploader.
 * @typedef {object} KeeperPort
 * @property {string} endpoint absolute
 * @property {number} keepFiles bytes
 * @property {(stored: StoredUpload, file: Blob) => Upload} resume
 * @property {(stored: StoredUpload, adopt: (entry: Remembered) => void) => Promise<void>} abort
 *   Resolves once nothing of it is at S3; rejects if that failed.
 */

/** How often small files are looked at; what is under way twice in a row is written. */
const LOOK_MS = 1500;

export class Keeper {
  #port;
  /** Oldest first. @type {Map<Memo, number>} */ #later = new Map();
  #sweeping = false;
  /** @type {KeptFile[]} */ #files = [];
  /** What is stored, read once for all that one turn of the page asks. @type {Promise<StoredUpload[]> | undefined} */ #list;

  /** @param {KeeperPort} port */
  constructor(port) {
    this.#port = port;
    void this.carryOn();
  }

  get endpoint() {
    return this.#port.endpoint;
  }

  get keepFiles() {
    return this.#port.keepFiles;
  }

  /** @param {Remembered} entry */
  memo(entry) {
    return (entry.memo ??= new Memo(entry, this));
  }

  /**
   * Whether something is stored that may be of this file.
   * @param {Facts} facts
   */
  async resembles({ file, name }) {
    this.#list ??= storedUploads().finally(() => setTimeout(() => (this.#list = undefined)));
    return (await this.#list).some((stored) => stored.name === name && stored.size === file.size && stored.lastModified === modifiedOf(file));
  }

  /** @param {Memo} memo */
  storeLater(memo) {
    this.#later.set(memo, performance.now() + LOOK_MS);
    if (!this.#sweeping) void this.#sweep();
  }

  /** @param {KeptFile} file */
  keep(file) {
    this.#files.push(file);
    if (this.#files.length > 1) return;
    queueMicrotask(() => void keepFiles(this.#files.splice(0), this.keepFiles));
  }

  /** @returns {Promise<SavedUpload[]>} */
  async saved() {
    void this.carryOn();
    const [stored, files, isLocked] = await Promise.all([this.#mine(), keptFiles(), lockedNow()]);
    const kept = new Set(files.map(([, , id]) => id));
    const free = stored.filter(({ id, upload }) => !upload.aborting && !isLocked(id));
    return Promise.all(free.map(async (one) => SavedUpload.of(one, await storedParts(one.id), kept.has(one.id), this)));
  }

  /** Takes up the aborts that a page was closed in. */
  async carryOn() {
    if (isMarked() === false) return;
    for (const { id, upload } of await this.#mine()) if (upload.aborting) void this.#abortAlone(id).catch(() => {});
  }

  /**
   * @param {StoredUpload} stored
   * @param {Blob} file
   */
  resume(stored, file) {
    return this.#port.resume(stored, file);
  }

  /** @param {StoredUpload} stored */
  abort(stored) {
    return this.#port.abort(stored, (entry) => this.memo(entry).adopt(stored));
  }

  /**
   * Kept as given up, so that it is carried on if this page is closed before its end.
   * @param {StoredUpload} stored
   */
  discard({ id, upload }) {
    return this.#abortAlone(id, upload.key);
  }

  /**
   * @param {string} id
   * @param {string} [key] Of what is given up only now; another key is of an upload begun since.
   * @returns {Promise<void>} Resolves at once if another upload is at it.
   */
  async #abortAlone(id, key) {
    const release = await lock(id, { wait: false });
    if (!release) return;
    try {
      // As it is now: since it was listed it may have been finished, and the object of a finished upload stays.
      const stored = await storedUpload(id);
      if (!stored || (!stored.upload.aborting && stored.upload.key !== key)) return;
      const given = { ...stored, upload: { ...stored.upload, aborting: true } };
      if (!stored.upload.aborting) putUpload(given);
      await this.abort(given);
    } finally {
      release();
    }
  }

  async #mine() {
    return (await storedUploads()).filter(({ endpoint }) => endpoint === this.endpoint);
  }

  /** One after the other: it is no haste. */
  async #sweep() {
    this.#sweeping = true;
    for (const [memo, due] of this.#later) {
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      this.#later.delete(memo);
      await memo.store().catch(() => {});
    }
    this.#sweeping = false;
  }
}
