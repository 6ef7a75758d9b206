// What an uploader keeps of its unfinished uploads, and what it makes of those that an earlier page left.

import { SealiftError } from "../error.js";
import { asideOf, modifiedOf } from "./identity.js";
import { lock, lockedNow } from "./locks.js";
import { isMarked } from "./mark.js";
import { Memo } from "./memo.js";
import { SavedUpload } from "./saved.js";
import { keepFiles, keptFiles, putUpload, remove, storedParts, storedUpload, storedUploads, written } from "./store.js";

/**
 * @import { Facts, Remembered } from "./memory.js"
 * @import { KeptFile, StoredUpload } from "./store.js"
 * @import { Upload } from "../upload.js"
 *
 * What the keeper has of its uploader.
 * @typedef {object} KeeperPort
 * @property {string} place
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

  get place() {
    return this.#port.place;
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

  /** @returns {Promise<void>} */
  async forget() {
    for (const { id } of await this.#mine()) remove(id);
    await written();
  }

  /** Takes up the aborts that a page was closed in. */
  async carryOn() {
    if (isMarked() === false) return;
    for (const stored of await this.#mine()) if (stored.upload.aborting) void this.#giveUp(stored, false).catch(() => {});
  }

  /**
   * @param {StoredUpload} stored
   * @param {Blob} file
   */
  resume(stored, file) {
    return this.#port.resume(stored, file);
  }

  /** @param {StoredUpload} stored */
  discard(stored) {
    return this.#giveUp(stored, true);
  }

  /**
   * Puts an abort that is still to be done out of the way of the file's next upload, and does it beside that.
   * @param {StoredUpload} stored Whose lock the caller has.
   */
  setAside(stored) {
    const id = this.#moveAside(stored);
    void written().then(() => this.#abort(id, false)).catch(() => {});
  }

  /**
   * @param {StoredUpload} listed
   * @param {boolean} wait Whether to wait for who is doing the same.
   * @returns {Promise<void>}
   */
  async #giveUp({ id, upload: { key } }, wait) {
    const aside = asideOf(id, key);
    if (aside !== id) {
      const release = await lock(id, { wait: false });
      try {
        // As it is now: since it was listed it may have been finished, and the object of a finished upload stays. Another
        // key is of an upload begun since.
        const stored = await storedUpload(id);
        if (stored?.upload.key === key && release) {
          this.#moveAside(stored);
          await written();
        } else if (stored?.upload.key === key && !stored.upload.aborting) {
          throw new SealiftError("Another tab or upload is sending this file just now.", { code: "in_use", retryable: true });
        }
      } finally {
        release?.();
      }
    }
    await this.#abort(aside, wait);
  }

  /**
   * Kept as given up, so that it is carried on if this page is closed before its end.
   * @param {StoredUpload} stored
   */
  #moveAside({ handle, kept, ...stored }) {
    const id = asideOf(stored.id, stored.upload.key);
    remove(stored.id);
    putUpload({ ...stored, id, upload: { ...stored.upload, aborting: true } });
    return id;
  }

  /**
   * @param {string} id
   * @param {boolean} wait
   */
  async #abort(id, wait) {
    const release = await lock(id, { wait });
    try {
      const stored = release && (await storedUpload(id));
      if (stored) await this.#port.abort(stored, (entry) => this.memo(entry).adopt(stored));
    } finally {
      if (release) void written().then(release);
    }
  }

  async #mine() {
    return (await storedUploads()).filter(({ place }) => place === this.place);
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
