// What an earlier visit left unfinished: each goes on or is forgotten. Shown only while there is any.

import { armed, disarm } from "./arm.js";
import { h, icon } from "./dom.js";
import { explain } from "./errors.js";
import { splitName, splitPath } from "./names.js";

/** @typedef {import("../index.js").SavedUpload} SavedUpload */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */

/** @type {Record<SavedUpload["needs"], { words: Key, button: Key }>} */
const NEEDS = {
  nothing: { words: "saved.needs_nothing", button: "saved.resume" },
  permission: { words: "saved.needs_permission", button: "saved.permission" },
  file: { words: "saved.needs_file", button: "saved.file" },
};

export class SavedBanner {
  /**
   * @param {Words} words
   * @param {{ saved: () => Promise<readonly SavedUpload[]>, fallback: () => HTMLElement }} parts `fallback` takes the focus when no row is left
   */
  constructor(words, parts) {
    this.words = words;
    this.parts = parts;
    this.list = h("ul", { class: "rows", role: "list" });
    this.input = h("input", { type: "file", hidden: true, "aria-hidden": "true", tabindex: "-1" });
    /** Whose file is being chosen. @type {{ saved: SavedUpload, row: HTMLElement } | undefined} */
    this.choosing = undefined;
    this.element = h("section", { class: "panel saved", part: "saved", "aria-labelledby": "saved-title", hidden: true },
      h("h2", { id: "saved-title" }, words.say("saved.title")), h("p", { class: "hint" }, words.say("saved.text")), this.list, this.input);
    this.input.addEventListener("change", () => {
      const [file] = this.input.files ?? [];
      this.input.value = "";
      if (file && this.choosing) void this.resume(this.choosing.saved, this.choosing.row, file);
    });
  }

  /** Reads what there is now; how many. */
  async refresh() {
    const saved = await this.parts.saved();
    this.list.replaceChildren(...saved.map((one) => this.row(one)));
    this.element.hidden = saved.length === 0;
    return saved.length;
  }

  /** @param {SavedUpload} saved */
  row(saved) {
    const { words } = this;
    const { base } = splitPath(saved.name);
    const { head, tail } = splitName(base);
    const needs = NEEDS[saved.needs];
    const size = words.bytes(saved.size);
    const resume = h("button", { type: "button", class: "button small", part: "button", "data-action": "resume", "aria-label": words.action(needs.button, base) }, icon("play"), words.say(needs.button));
    const forgetWords = h("span", {}, words.say("saved.forget"));
    const forget = h("button", { type: "button", class: "button small", part: "button", "data-action": "forget" }, icon("trash"), forgetWords);
    const name = () => {
      const key = forget.dataset.armed === undefined ? "saved.forget" : "saved.confirm_forget";
      forgetWords.textContent = words.say(key);
      forget.setAttribute("aria-label", words.action(key, base));
    };
    name();
    const row = h("li", { class: "row", part: "row", "data-needs": saved.needs },
      h("p", { class: "row-name" }, h("bdi", { class: "vh", "data-part": "full" }, base), h("span", { class: "name", dir: "auto", "aria-hidden": "true", title: base }, h("span", { class: "name-head" }, head), h("span", { class: "name-tail" }, tail))),
      h("p", { class: "row-meta" }, h("span", {}, saved.confirmed > 0 ? words.say("amount.of", { part: words.bytes(saved.confirmed), whole: size }) : size), h("span", {}, words.say(needs.words))),
      h("p", { class: "trouble", part: "error", role: "alert", hidden: true }),
      h("div", { class: "row-actions" }, resume, forget));
    resume.addEventListener("click", () => {
      if (saved.needs !== "file") return void this.resume(saved, row);
      this.choosing = { saved, row };
      this.input.click();
    });
    forget.addEventListener("click", () => {
      if (armed(forget)) void this.act(row, () => saved.discard());
      name();
    });
    disarm(forget, name);
    return row;
  }

  /** @param {SavedUpload} saved @param {HTMLElement} row @param {File} [file] */
  async resume(saved, row, file) {
    // The uploader tells of the upload itself.
    await this.act(row, () => saved.resume(file));
  }

  /** The row goes if that works, and says why if it does not. @param {HTMLElement} row @param {() => Promise<unknown>} work */
  async act(row, work) {
    const trouble = /** @type {HTMLElement} */ (row.querySelector(".trouble"));
    if (row.dataset.busy !== undefined) return;
    row.dataset.busy = "";
    trouble.hidden = true;
    try {
      await work();
    } catch (error) {
      trouble.textContent = explain(/** @type {any} */ (error), this.words);
      trouble.hidden = false;
      return;
    } finally {
      delete row.dataset.busy;
    }
    const held = row.matches(":focus-within");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.element.hidden = this.list.childElementCount === 0;
    if (held) (next?.querySelector("button") ?? this.parts.fallback()).focus();
  }
}
