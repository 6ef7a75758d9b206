// The list of files. Every file has its item at once, with its name; the rest of a row is made when it comes near the
// part that is seen, and in long lists taken away again when it is far off. Events only mark rows; one animation frame
// writes all that were marked.

import { h } from "./dom.js";
import { splitPath } from "./names.js";
import { Row } from "./row.js";

/** @typedef {import("../index.js").Upload} Upload */
/** @typedef {import("./states.js").Action} Action */
/** @typedef {import("./words.js").Words} Words */

/** Fewer rows than this are kept, wherever they are. */
const SHORT_LIST = 200;
const NEAR = "600px 0px";
const HIDDEN_FRAME_MS = 500;

export class FileList {
  /**
   * @param {Words} words
   * @param {{ act: (action: Action, upload: Upload) => void, changed: () => void, fallback: () => HTMLElement }} parts
   *   `changed`: once a frame after anything was; `fallback` takes the focus when no row is left
   */
  constructor(words, parts) {
    this.words = words;
    this.parts = parts;
    this.element = h("ul", { class: "rows", part: "list", role: "list" });
    /** @type {Map<Upload, HTMLLIElement>} */
    this.items = new Map();
    /** @type {Map<Element, Upload>} */
    this.uploads = new Map();
    /** @type {Map<Upload, Row>} */
    this.rows = new Map();
    /** @type {Set<Upload>} */
    this.dirty = new Set();
    this.scheduled = false;
    this.observer = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: NEAR });
  }

  /** @param {Upload[]} uploads */
  add(uploads) {
    const items = uploads.filter((upload) => !this.items.has(upload)).map((upload) => {
      const item = h("li", { class: "row", part: "row", "data-state": upload.state }, splitPath(upload.name).base);
      this.items.set(upload, item);
      this.uploads.set(item, upload);
      this.observer.observe(item);
      return item;
    });
    this.element.append(...items);
    this.touch();
  }

  /** @param {Upload} [upload] what is to be written again, beside the totals */
  touch(upload) {
    if (upload) this.dirty.add(upload);
    if (this.scheduled) return;
    this.scheduled = true;
    // A page in the background has no frames.
    if (document.hidden) setTimeout(() => this.flush(), HIDDEN_FRAME_MS);
    else requestAnimationFrame(() => this.flush());
  }

  flush() {
    this.scheduled = false;
    for (const upload of this.dirty) {
      const row = this.rows.get(upload);
      const item = this.items.get(upload);
      if (row) row.render();
      else if (item) item.dataset.state = upload.state;
    }
    this.dirty.clear();
    this.parts.changed();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  seen(entries) {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const upload = this.uploads.get(target);
      if (!upload) continue;
      const row = this.rows.get(upload);
      if (isIntersecting && !row) this.rows.set(upload, this.row(/** @type {HTMLLIElement} */ (target), upload));
      else if (!isIntersecting && row && this.items.size > SHORT_LIST && !target.matches(":focus-within")) {
        // The place stays as high as it was, so that nothing jumps.
        row.element.style.blockSize = `${boundingClientRect.height}px`;
        this.release(row);
        row.element.textContent = row.name;
      }
    }
  }

  /** @param {HTMLLIElement} item @param {Upload} upload */
  row(item, upload) {
    item.style.blockSize = "";
    return new Row(item, upload, this.words, this.parts.act);
  }

  /** @param {Row} row */
  release(row) {
    row.release();
    this.rows.delete(row.upload);
    this.dirty.delete(row.upload);
  }

  /** The same file, uploaded anew, in the same place. @param {Upload} old @param {Upload} upload */
  replace(old, upload) {
    const item = this.items.get(old);
    if (!item) return this.add([upload]);
    // The one that was made anew may have its item already.
    this.take(upload);
    const row = this.rows.get(old);
    const held = item.matches(":focus-within");
    if (row) this.release(row);
    // An order is kept by what is in it, so the rest of the list is put behind again.
    this.items = new Map([...this.items].map(([key, value]) => (key === old ? [upload, value] : [key, value])));
    this.uploads.set(item, upload);
    const next = this.row(item, upload);
    this.rows.set(upload, next);
    if (held) next.focus();
    this.touch();
  }

  /** @param {Upload} upload */
  remove(upload) {
    const item = this.items.get(upload);
    if (!item) return;
    const held = item.matches(":focus-within");
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    this.take(upload);
    if (held) {
      const next = neighbour && this.uploads.get(neighbour);
      const row = next && this.rows.get(next);
      if (row) row.focus();
      else this.parts.fallback().focus();
    }
    this.touch();
  }

  /** @param {Upload} upload */
  take(upload) {
    const item = this.items.get(upload);
    const row = this.rows.get(upload);
    if (row) this.release(row);
    if (!item) return;
    this.observer.unobserve(item);
    this.items.delete(upload);
    this.uploads.delete(item);
    item.remove();
  }

  stop() {
    this.observer.disconnect();
    for (const row of [...this.rows.values()]) this.release(row);
  }
}
