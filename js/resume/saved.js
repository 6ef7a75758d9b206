// An unfinished upload of an earlier page, as this page sees it.

import { SealiftError } from "../error.js";
import { identityOf } from "./identity.js";
import { keptFile } from "./store.js";

/**
 * @import { Keeper } from "./keeper.js"
 * @import { PartRecord } from "./memory.js"
 * @import { StoredUpload } from "./store.js"
 *
 * `queryPermission` and `requestPermission` are not yet everywhere.
 * @typedef {FileSystemFileHandle & { [ask in "queryPermission" | "requestPermission"]?: (what: { mode: "read" }) => Promise<PermissionState> }} Handle
 */

const READ = /** @type {const} */ ({ mode: "read" });

export class SavedUpload {
  #stored;
  #keeper;

  /**
   * @param {StoredUpload} stored
   * @param {PartRecord[]} parts
   * @param {boolean} kept Whether the file's bytes are stored too.
   * @param {Keeper} keeper
   */
  static async of(stored, parts, kept, keeper) {
    const needs = kept ? "nothing" : await neededFor(stored.handle);
    return new SavedUpload(stored, confirmedIn(stored, parts), needs, keeper);
  }

  /**
   * @param {StoredUpload} stored
   * @param {number} confirmed
   * @param {"nothing" | "permission" | "file"} needs
   * @param {Keeper} keeper
   */
  constructor(stored, confirmed, needs, keeper) {
    this.name = stored.name;
    this.size = stored.size;
    this.type = stored.type;
    this.confirmed = confirmed;
    this.needs = needs;
    this.#stored = stored;
    this.#keeper = keeper;
  }

  /** @param {Blob} [file] */
  async resume(file) {
    const stored = this.#stored;
    if (file !== undefined && !(file instanceof Blob)) throw new SealiftError("resume() takes a File or a Blob.", { code: "invalid_option" });
    const kept = file === undefined && stored.kept && (await keptFile(stored.kept));
    return this.#keeper.resume(stored, kept || (await this.#verified(file ?? (await this.#reopened()))));
  }

  /** @returns {Promise<void>} */
  discard() {
    return this.#keeper.discard(this.#stored);
  }

  /**
   * The file, opened by its handle; where that needs a click, this is called by one.
   * @returns {Promise<Blob>}
   */
  async #reopened() {
    /** @type {Handle | undefined} */
    const handle = this.#stored.handle;
    if (!handle) throw new SealiftError("The file has to be chosen again.", { code: "file_needed" });
    if ((await neededFor(handle)) !== "nothing" && (await handle.requestPermission?.(READ)) !== "granted") {
      throw new SealiftError("The file may not be read.", { code: "permission_refused", retryable: true });
    }
    try {
      return await handle.getFile();
    } catch (cause) {
      throw new SealiftError("The file cannot be read: it was moved or removed.", { code: "unreadable_file", cause });
    }
  }

  /** @param {Blob} file */
  async #verified(file) {
    const { id, place, name, type, metadata } = this.#stored;
    if ((await identityOf(place, { file, name, type, metadata })) === id) return file;
    throw new SealiftError("This is another file than the one whose upload was begun, or it was changed since.", { code: "file_changed" });
  }
}

/**
 * @param {Handle | undefined} handle
 * @returns {Promise<"nothing" | "permission" | "file">}
 */
async function neededFor(handle) {
  if (!handle) return "file";
  try {
    // Where nobody can be asked, there are but handles of the site's own files (Firefox, Safari), which need no leave.
    const state = handle.queryPermission ? await handle.queryPermission(READ) : "granted";
    return state === "granted" ? "nothing" : "permission";
  } catch {
    return "file";
  }
}

/**
 * @param {StoredUpload} stored
 * @param {PartRecord[]} parts
 */
function confirmedIn({ size, upload: { plan } }, parts) {
  const { partSize = 0 } = plan;
  return parts.reduce((sum, { number }) => sum + Math.max(0, Math.min(partSize, size - (number - 1) * partSize)), 0);
}
