// What is remembered of one upload.

import { asideOf, identityOf, modifiedOf } from "./identity.js";
import { lock } from "./locks.js";
import { VERSION, putPart, putUpload, remove, removeParts, storedParts, storedUpload, written } from "./store.js";

/**
 * @import { Keeper } from "./keeper.js"
 * @import { Release } from "./locks.js"
 * @import { PartRecord, Remembered, UploadRecord } from "./memory.js"
 * @import { FileKey, StoredUpload } from "./store.js"
 * @import { UploadState } from "../uploader.js"
 */

/** States in which a small file waits for others, or is as good as done. @type {ReadonlySet<UploadState>} */
const BRIEF = new Set(["queued", "finishing"]);

export class Memo {
  #entry;
  #keeper;
  /** @type {Release | undefined} */ #release;
  /** Ends the wait for the lock. @type {AbortController | undefined} */ #wait;
  /** @type {Promise<boolean> | undefined} */ #locking;
  /** What the engine said last. @type {UploadRecord | undefined} */ #upload;
  /** Parts that wait for the upload's own record. @type {PartRecord[]} */ #parts = [];
  /** @type {"no" | "due" | "yes" | "never"} */ #stored = "no";
  /** @type {FileKey | undefined} */ #kept;
  /** At the last look. */ #underWay = false;
  /** @type {Promise<void> | undefined} */ #storing;
  /** What is stored of it is being looked for. */ #recalling = false;
  /** The engine may tell a little later than the upload's own end. */ #over = false;

  /**
   * @param {Remembered} entry
   * @param {Keeper} keeper
   */
  constructor(entry, keeper) {
    this.#entry = entry;
    this.#keeper = keeper;
  }

  /**
   * @param {boolean} alone Whether to see to it that no other tab sends the same file, even if nothing is stored of it.
   * @returns {Promise<void>}
   */
  async recall(alone) {
    this.#recalling = true;
    try {
      await this.#recall(alone);
    } finally {
      this.#recalling = false;
    }
  }

  /** @param {boolean} alone */
  async #recall(alone) {
    const entry = this.#entry;
    if (entry.id === undefined) {
      if (!alone && !(await this.#keeper.resembles(entry.facts))) return;
      // A file that cannot be read is told of when it is uploaded.
      entry.id = await identityOf(this.#keeper.place, entry.facts).catch(() => undefined);
    }
    // It is still held where the engine could not be loaded.
    if (entry.id === undefined || !(this.#release || (await this.#lock(entry.id)))) return;
    const stored = await storedUpload(entry.id);
    if (stored?.upload.aborting) {
      this.#keeper.setAside(stored);
    } else if (stored) {
      this.adopt(stored);
      entry.saved = { ...stored.upload, parts: await storedParts(stored.id) };
      entry.change({ resumed: true });
    }
  }

  /**
   * It is the one that is stored.
   * @param {StoredUpload} stored
   */
  adopt(stored) {
    this.#stored = "yes";
    this.#upload = stored.upload;
    this.#kept = stored.kept;
    this.#entry.facts.handle ??= stored.handle;
  }

  /** @param {UploadRecord | PartRecord} record */
  save(record) {
    // Of what another tab remembers, only that this one is given up.
    if (this.#over || (this.#stored === "never" && !("aborting" in record && record.aborting))) return;
    if ("number" in record) {
      if (this.#stored === "yes") putPart(/** @type {string} */ (this.#entry.id), record);
      else this.#parts.push(record);
      return;
    }
    // Begun anew at S3: the parts of the one before are none of its own.
    const anew = this.#upload !== undefined && this.#upload.uploadId !== record.uploadId;
    this.#upload = record;
    if (anew) this.#parts = [];
    if (this.#stored === "yes") {
      const { id } = this.#put();
      if (anew) removeParts(id);
    } else {
      const first = this.#stored === "no";
      this.#stored = "due";
      if (this.#release || record.aborting) void this.store();
      else if (first) this.#keeper.storeLater(this);
    }
  }

  /** S3 has some of it, and the engine is not there yet. */
  giveUp() {
    this.#upload = { .../** @type {UploadRecord} */ (this.#upload), aborting: true };
    this.#put();
  }

  /** Writes what was only to be remembered if it takes long. @returns {Promise<void>} */
  store() {
    return (this.#storing ??= this.#store().finally(() => (this.#storing = undefined)));
  }

  async #store() {
    const entry = this.#entry;
    if (this.#stored !== "due") return;
    const wasUnderWay = this.#underWay;
    this.#underWay = !BRIEF.has(entry.upload.state);
    if (!this.#release && !this.#upload?.aborting && !(wasUnderWay && this.#underWay)) {
      this.#keeper.storeLater(this);
      return;
    }
    if (!this.#release) {
      entry.id ??= await identityOf(this.#keeper.place, entry.facts).catch(() => undefined);
      let release = entry.id && (await lock(entry.id, { wait: false }));
      // Another tab's is remembered already; that this one is given up is, beside it.
      if (!release && entry.id && this.#upload?.aborting) {
        entry.id = asideOf(entry.id, this.#upload.key);
        release = await lock(entry.id, { wait: false });
      }
      // What was forgotten meanwhile need not be stored.
      if (!release || this.#stored !== "due") {
        if (release) release();
        else this.#stored = "never";
        return;
      }
      this.#release = release;
    }
    const { facts } = entry;
    const { size } = facts.file;
    // Where there is a handle, the file need not be copied.
    if (!facts.handle && !this.#upload?.aborting && size > 0 && size <= this.#keeper.keepFiles) {
      this.#kept = [Date.now(), size, /** @type {string} */ (entry.id)];
      this.#keeper.keep({ key: this.#kept, file: facts.file });
    }
    this.#stored = "yes";
    const { id } = this.#put();
    for (const part of this.#parts) putPart(id, part);
    this.#parts = [];
    if (this.#over) this.release(true);
  }

  forget() {
    const { id } = this.#entry;
    if (this.#stored === "yes" && id !== undefined) remove(id);
    this.#stored = "no";
    this.#upload = undefined;
    this.#parts = [];
  }

  /**
   * Nothing is done for it now.
   * @param {boolean} over Or failed: then it can be gone on with, here or elsewhere.
   */
  release(over) {
    this.#over ||= over;
    this.#wait?.abort();
    // It comes once more after that.
    if (this.#recalling) return;
    // Of what was given up, only the engine knows when S3 has no more of it; else a later page does it.
    if (over && !this.#upload?.aborting) this.forget();
    const release = this.#release;
    this.#release = undefined;
    // Who gets it next finds the store as it was left.
    if (release) void written().then(release);
  }

  get isLocking() {
    return this.#locking !== undefined;
  }

  /**
   * @param {string} id
   * @returns {Promise<boolean>} Whether it may be tried again.
   */
  async reclaim(id) {
    const had = this.#release !== undefined || (await this.#lock(id));
    if (!this.#over) return had;
    // Given up meanwhile.
    this.release(true);
    return false;
  }

  /**
   * Asked for once at a time: a second request would wait for the first.
   * @param {string} id
   */
  #lock(id) {
    return (this.#locking ??= this.#request(id).finally(() => (this.#locking = undefined)));
  }

  /**
   * @param {string} id
   * @returns {Promise<boolean>}
   */
  async #request(id) {
    const { upload, change } = this.#entry;
    const wait = (this.#wait = new AbortController());
    if (this.#over) wait.abort();
    let waited = false;
    this.#release = await lock(id, {
      signal: wait.signal,
      onWait() {
        waited = true;
        change({ state: "waiting" });
      },
    });
    // Or it failed meanwhile: the engine could not be loaded.
    if (this.#release && waited && upload.state === "waiting") change({ state: "queued" });
    return this.#release !== undefined;
  }

  #put() {
    const { id = "", facts } = this.#entry;
    const { file, name, type, metadata, handle } = facts;
    const { place } = this.#keeper;
    const upload = /** @type {UploadRecord} */ (this.#upload);
    /** @type {StoredUpload} */
    const stored = { id, version: VERSION, place, name, type, metadata, size: file.size, lastModified: modifiedOf(file), at: Date.now(), upload };
    if (handle) stored.handle = handle;
    if (this.#kept) stored.kept = this.#kept;
    putUpload(stored);
    return stored;
  }
}
