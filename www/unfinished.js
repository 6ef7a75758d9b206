// What an earlier visit left unfinished: each goes on or is given up. Shown only while there is any.

import { explain } from "./errors.js";
import { bytes, counted, displayName, splitName } from "./format.js";
import { icon, kindOf } from "./icons.js";

/** @typedef {import("/js/index.js").SavedUpload} SavedUpload */
/** @typedef {import("/js/index.js").Upload} Upload */

/** @type {Record<SavedUpload["needs"], { words: string, button: string }>} */
const NEEDS = {
  nothing: { words: "Ready to go on", button: "Resume" },
  permission: { words: "Your browser will ask whether the file may be read", button: "Allow and resume" },
  file: { words: "Needs the same file once more", button: "Choose the file" },
};

/**
 * @typedef {object} UnfinishedParts
 * @property {HTMLElement} section
 * @property {HTMLElement} list
 * @property {HTMLElement} resumeAll
 * @property {HTMLInputElement} input
 * @property {HTMLTemplateElement} template
 * @property {HTMLElement} fallback takes the focus when no row is left
 * @property {import("./announcer.js").Announcer} announcer
 * @property {() => Promise<readonly SavedUpload[]>} saved
 * @property {(upload: Upload) => void} resumed
 */

export class Unfinished {
  /** @param {UnfinishedParts} parts */
  constructor(parts) {
    this.parts = parts;
    /** @type {Map<SavedUpload, HTMLElement>} */
    this.rows = new Map();
    /** Whose file is being chosen. @type {SavedUpload | undefined} */
    this.choosing = undefined;
    parts.resumeAll.addEventListener("click", () => this.resumeAll());
    parts.input.addEventListener("change", () => {
      const [file] = parts.input.files ?? [];
      parts.input.value = "";
      if (file && this.choosing) void this.resume(this.choosing, file);
    });
  }

  /** Reads what there is now. */
  async refresh() {
    const saved = await this.parts.saved();
    const held = this.parts.list.contains(document.activeElement);
    this.rows = new Map(saved.map((one) => [one, this.row(one)]));
    this.parts.list.replaceChildren(...this.rows.values());
    if (held) this.focusAfter(undefined);
    this.show();
  }

  show() {
    this.parts.section.hidden = this.rows.size === 0;
    const able = [...this.rows.keys()].filter(({ needs }) => needs !== "file").length;
    this.parts.resumeAll.hidden = able < 2;
  }

  /** All at once, for one click allows several files. */
  resumeAll() {
    for (const saved of this.rows.keys()) if (saved.needs !== "file") void this.resume(saved);
  }

  /**
   * @param {SavedUpload} saved
   * @param {File} [file]
   */
  async resume(saved, file) {
    await this.act(saved, async () => {
      this.parts.resumed(await saved.resume(file));
      this.parts.announcer.note("taken up again", displayName(saved.name));
    });
  }

  /** @param {SavedUpload} saved */
  async discard(saved) {
    await this.act(saved, async () => {
      await saved.discard();
      this.parts.announcer.note("given up", displayName(saved.name));
    });
  }

  /**
   * The row goes if that works, and says why if it does not.
   * @param {SavedUpload} saved
   * @param {() => Promise<void>} work
   */
  async act(saved, work) {
    const row = this.rows.get(saved);
    if (!row || row.dataset.busy !== undefined) return;
    const trouble = part(row, "trouble");
    row.dataset.busy = "";
    trouble.hidden = true;
    try {
      await work();
    } catch (error) {
      trouble.textContent = explain(/** @type {any} */ (error));
      trouble.hidden = false;
      this.parts.announcer.say(`${displayName(saved.name)}: ${trouble.textContent}`);
      return;
    } finally {
      delete row.dataset.busy;
    }
    if (row.contains(document.activeElement)) this.focusAfter(row);
    row.remove();
    this.rows.delete(saved);
    this.show();
  }

  /** @param {HTMLElement | undefined} row */
  focusAfter(row) {
    const next = row?.nextElementSibling ?? row?.previousElementSibling ?? this.parts.list.firstElementChild;
    const button = next === row ? undefined : next?.querySelector("button");
    (button ?? this.parts.fallback).focus();
  }

  /** @param {SavedUpload} saved */
  row(saved) {
    const fragment = /** @type {DocumentFragment} */ (this.parts.template.content.cloneNode(true));
    const row = /** @type {HTMLElement} */ (fragment.querySelector("li"));
    const name = displayName(saved.name.slice(saved.name.lastIndexOf("/") + 1));
    const { head, tail } = splitName(name);
    const { words, button } = NEEDS[saved.needs];
    const kind = kindOf(name, saved.type);
    part(row, "thumb").dataset.kind = kind;
    part(row, "thumb").append(icon(`i-${kind}`));
    part(row, "full").textContent = name;
    part(row, "head").textContent = head;
    part(row, "tail").textContent = tail;
    part(row, "name").title = displayName(saved.name);
    part(row, "amount").textContent = saved.confirmed > 0 ? `${bytes(saved.confirmed)} of ${bytes(saved.size)} in the bucket` : bytes(saved.size);
    part(row, "needs").textContent = words;
    part(row, "fill").style.setProperty("--fraction", String(saved.size > 0 ? saved.confirmed / saved.size : 0));

    const resume = part(row, "resume");
    resume.append(button);
    resume.setAttribute("aria-label", `${button}: ${name}`);
    resume.addEventListener("click", () => {
      if (saved.needs !== "file") return void this.resume(saved);
      this.choosing = saved;
      this.parts.input.click();
    });
    const discard = part(row, "discard");
    arm(discard, name, false);
    discard.addEventListener("click", () => {
      if (discard.dataset.armed === undefined) arm(discard, name, true);
      else void this.discard(saved);
    });
    discard.addEventListener("blur", () => arm(discard, name, false));
    return row;
  }

  /** What was found, said once. */
  announce() {
    const count = this.rows.size;
    if (count > 0) this.parts.announcer.say(`${counted(count, "unfinished upload")} of an earlier visit.`);
  }
}

/** What destroys something is pressed twice. @param {HTMLElement} button @param {string} name @param {boolean} armed */
function arm(button, name, armed) {
  if (armed) button.dataset.armed = "";
  else delete button.dataset.armed;
  const label = armed ? "Really discard" : "Discard";
  button.setAttribute("aria-label", `${label}: ${name}`);
  button.title = label;
}

/** @param {HTMLElement} row @param {string} name */
function part(row, name) {
  const found = row.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`the template has no part "${name}"`);
  return found;
}
