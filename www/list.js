// The list of files. Events only mark rows; one animation frame writes all that were marked.

import { explain } from "./errors.js";
import { displayName } from "./format.js";
import { Row } from "./row.js";
import { isActive, isCleared, isSettled } from "./states.js";
import { isRetried } from "./totals.js";

/** @typedef {import("/js/index.js").Upload} Upload */
/** @typedef {import("./states.js").Action} Action */

/** Rows made in one go; more than this and the page would stutter. */
const ROWS_A_FRAME = 25;
const HIDDEN_FRAME_MS = 500;

/**
 * @typedef {object} ListParts
 * @property {HTMLElement} list
 * @property {HTMLTemplateElement} template
 * @property {HTMLElement} fallback takes the focus when no row is left
 * @property {import("./announcer.js").Announcer} announcer
 * @property {(upload: Upload) => Upload} again uploads its file once more
 * @property {(upload: Upload) => void} forget it is off the list
 * @property {(object: import("/js/index.js").StoredObject) => void} stored
 * @property {() => void} changed the totals may be others
 */

export class UploadList {
  /** @param {ListParts} parts */
  constructor(parts) {
    this.parts = parts;
    /** @type {Map<Upload, Row | undefined>} a row of undefined is still to be made */
    this.rows = new Map();
    /** @type {Set<Row>} */
    this.dirty = new Set();
    this.scheduled = false;
    /** @type {Upload[]} */
    this.unmade = [];
  }

  /** @param {Upload[]} uploads */
  add(uploads) {
    for (const upload of uploads) {
      this.rows.set(upload, undefined);
      this.unmade.push(upload);
      this.listen(upload);
    }
    this.touch();
  }

  pauseAll() {
    for (const upload of this.rows.keys()) if (isActive(upload.state) && upload.state !== "finishing") upload.pause();
  }

  resumeAll() {
    for (const upload of this.rows.keys()) if (upload.state === "paused") upload.resume();
  }

  retryFailed() {
    for (const upload of this.rows.keys()) if (isRetried(upload)) upload.retry();
  }

  cancelAll() {
    for (const upload of this.rows.keys()) if (!isSettled(upload.state)) upload.abort();
  }

  clearFinished() {
    for (const [upload, row] of [...this.rows]) if (row && isCleared(upload.state)) this.remove(row);
  }

  /** @param {Upload} upload */
  listen(upload) {
    const { announcer, stored } = this.parts;
    upload.addEventListener("progress", () => this.touch(this.rows.get(upload)));
    upload.addEventListener("statechange", () => this.touch(this.rows.get(upload)));
    upload.addEventListener("error", () => {
      if (upload.error) announcer.say(`${displayName(upload.name)} was not stored: ${explain(upload.error)}`);
      this.touch(this.rows.get(upload));
    });
    upload.addEventListener("done", () => {
      if (!upload.object) return;
      announcer.note("stored", displayName(upload.name));
      stored(upload.object);
      this.rows.get(upload)?.showStored(upload.object);
    });
  }

  /** @param {Row} [row] what to write again, beside the totals */
  touch(row) {
    if (row) this.dirty.add(row);
    if (this.scheduled) return;
    this.scheduled = true;
    // A page in the background has no frames, but its title still says how far it is.
    if (document.hidden) setTimeout(() => this.flush(), HIDDEN_FRAME_MS);
    else requestAnimationFrame(() => this.flush());
  }

  flush() {
    this.scheduled = false;
    const { list, template, changed } = this.parts;
    const made = this.unmade.splice(0, ROWS_A_FRAME).map((upload) => {
      const row = new Row(template, upload, (action, target) => this.act(action, target));
      this.rows.set(upload, row);
      // It may have arrived before it had a row.
      if (upload.object) row.showStored(upload.object);
      return row.element;
    });
    if (made.length > 0) list.append(...made);
    for (const row of this.dirty) row.render();
    this.dirty.clear();
    changed();
    if (this.unmade.length > 0) this.touch();
  }

  /** @param {Action} action @param {Row} row */
  act(action, row) {
    const { upload } = row;
    if (action === "pause") upload.pause();
    else if (action === "resume") upload.resume();
    else if (action === "retry") upload.retry();
    else if (action === "cancel") upload.abort();
    else if (action === "again") this.again(row);
    else if (action === "dismiss") this.remove(row);
    else if (action === "delete") this.delete(row);
    this.touch(row);
  }

  /** @param {Row} row */
  again(row) {
    const upload = this.parts.again(row.upload);
    this.parts.forget(row.upload);
    this.rows.delete(row.upload);
    this.rows.set(upload, row);
    this.listen(upload);
    row.replace(upload);
    row.focus();
  }

  /** @param {Row} row */
  delete(row) {
    row.upload.delete().then(
      () => this.parts.announcer.note("deleted", row.name),
      (error) => this.parts.announcer.say(`${row.name} could not be deleted: ${explain(error)}`),
    );
  }

  /** @param {Row} row */
  remove(row) {
    const { element } = row;
    const held = element.contains(document.activeElement);
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    this.parts.forget(row.upload);
    this.rows.delete(row.upload);
    this.dirty.delete(row);
    row.release();
    if (held) {
      const next = [...this.rows.values()].find((other) => other?.element === neighbour);
      if (next) next.focus();
      else this.parts.fallback.focus();
    }
    this.touch();
  }
}
