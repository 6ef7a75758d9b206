// What is remembered of uploads beyond this page's life, as far as every page needs it: when to remember. How it is done
// (js/resume/keeper.js) is loaded with the first file, and waited for only by files that may have been here before.

import { isMarked } from "./mark.js";

/**
 * @import { Keeper, KeeperPort } from "./keeper.js"
 * @import { Memo } from "./memo.js"
 * @import { SavedUpload } from "./saved.js"
 * @import { Change, Upload } from "../upload.js"
 *
 * An upload, and a part of it, as `src/bindings/uploader.rs` gives them to be kept and takes them back.
 * @typedef {object} UploadRecord
 * @property {string} token
 * @property {string} bucket
 * @property {string} key
 * @property {{ kind: string, partSize?: number, parts?: number }} plan
 * @property {string} integrity
 * @property {string} [sha256]
 * @property {string} [crc64nvme]
 * @property {string} [uploadId]
 * @property {boolean} [aborting] It was given up, and S3 may still have of it.
 * @typedef {{ number: number, etag: string, sha256?: string, crc64nvme?: string }} PartRecord
 * @typedef {UploadRecord & { parts: PartRecord[] }} SavedState
 *
 * What a file goes by.
 * @typedef {object} Facts
 * @property {Blob} file
 * @property {string} name
 * @property {string} type
 * @property {[string, string][]} metadata
 * @property {FileSystemFileHandle | undefined} handle
 *
 * An upload as its uploader has it.
 * @typedef {object} Remembered
 * @property {Facts} facts
 * @property {Upload} upload
 * @property {Change} change
 * @property {string} [id] By what it is known to the store, once that had to be found out.
 * @property {SavedState} [saved] What was stored of it before.
 * @property {boolean} [forgotten] Nothing is to be stored of it any more.
 * @property {Memo} [memo]
 */

/** Larger files are looked up, and kept from being sent by two tabs at once, before they start. */
const LARGE = 16 * 1024 * 1024;

export class Memory {
  #port;
  /** @type {Promise<Keeper | undefined> | undefined} */ #keeper;

  /** @param {KeeperPort} port */
  constructor(port) {
    this.#port = port;
    // An abort that a closed page left half done.
    if (isMarked() === true) setTimeout(() => this.open());
  }

  /** Loads what will be needed, while there is a network to load it from. */
  open() {
    // Without it uploads work all the same.
    this.#keeper ??= import("./keeper.js").then(({ Keeper }) => new Keeper(this.#port)).catch(() => undefined);
    return this.#keeper;
  }

  /**
   * Finds what is stored of a file, and waits while another tab sends it.
   * @param {Remembered} entry
   * @returns {Promise<unknown> | undefined} undefined for a file that need not wait for that
   */
  recall(entry) {
    if (entry.id === undefined && entry.facts.file.size <= LARGE && isMarked() === false) return undefined;
    return this.#with((keeper) => keeper.memo(entry).recall(entry.facts.file.size > LARGE));
  }

  /**
   * @param {Remembered} entry
   * @param {UploadRecord | PartRecord} record
   */
  save(entry, record) {
    void this.#with((keeper) => entry.forgotten || keeper.memo(entry).save(record));
  }

  /** @param {Remembered} entry */
  forget(entry) {
    if (entry.memo || this.#keeper) void this.#with(() => entry.memo?.forget());
  }

  /**
   * Of what is given up before the engine has it, S3 may have some.
   * @param {Remembered} entry
   * @returns {boolean} whether that is so
   */
  giveUp({ saved, memo, upload, forgotten }) {
    if (!saved || upload.state !== "aborted") return false;
    if (!saved.aborting && !forgotten) memo?.giveUp();
    return (saved.aborting = true);
  }

  /**
   * It is over, or failed: another tab may have it.
   * @param {Remembered} entry
   * @param {string} state Settled, as it is now: before the keeper has its turn, a failed one may be tried again.
   */
  release(entry, state) {
    const over = state !== "failed";
    if (this.#keeper) void this.#with(() => entry.memo?.release(over));
  }

  /**
   * Before a failed one is tried again; behind its release, which may still be on its way.
   * @param {Remembered} entry
   * @returns {Promise<boolean | undefined> | undefined} whether it may be; undefined for what nobody else can have
   */
  reclaim({ id, memo, upload }) {
    if (id === undefined || !memo || (upload.state !== "failed" && !memo.isLocking)) return undefined;
    return this.#with(() => memo.reclaim(id));
  }

  /**
   * All that is stored of this place.
   * @param {Remembered[]} entries Which go on without being remembered.
   */
  async forgetAll(entries) {
    for (const entry of entries) entry.forgotten = true;
    if (!this.#keeper && isMarked() === false) return;
    await this.#with((keeper) => {
      for (const { memo } of entries) memo?.forget();
      return keeper.forget();
    });
  }

  /** @returns {Promise<SavedUpload[]>} */
  async saved() {
    return (isMarked() !== false && (await this.#with((keeper) => keeper.saved()))) || [];
  }

  /**
   * @template T
   * @param {(keeper: Keeper) => T | Promise<T>} work
   * @returns {Promise<T | undefined>}
   */
  async #with(work) {
    const keeper = await this.open();
    return keeper && work(keeper);
  }
}
