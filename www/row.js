// One file's row: what it shows, and which buttons it offers. It reads the upload and never keeps a copy of its state.

import { explain, facts, isWorthAnotherTry } from "./errors.js";
import { bytes, counted, displayName, percent, speed, splitName, timeLeft } from "./format.js";
import { icon, kindOf } from "./icons.js";
import { stateView } from "./states.js";
import { forgetThumbnail, showThumbnail } from "./thumbnails.js";

/** @typedef {import("/js/index.js").Upload} Upload */
/** @typedef {import("/js/index.js").UploadState} UploadState */
/** @typedef {import("./states.js").Action} Action */

/** Numbers that change faster than this cannot be read. */
const NUMBERS_EVERY_MS = 250;

/** What a button is called, before the file's name. @type {Record<Action, string>} */
const LABELS = {
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Try again",
  again: "Upload again",
  open: "Open",
  delete: "Delete from the bucket",
  dismiss: "Remove from the list",
};

/** Where a lost focus may go, best first: a key pressed once too often does no harm there. @type {Action[]} */
const SAFE = ["resume", "pause", "retry", "open", "dismiss"];

let lastId = 0;

export class Row {
  /**
   * @param {HTMLTemplateElement} template
   * @param {Upload} upload
   * @param {(action: Action, row: Row) => void} act
   */
  constructor(template, upload, act) {
    const fragment = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.element = /** @type {HTMLLIElement} */ (fragment.querySelector("li"));
    const parts = /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll("[data-part]"));
    this.parts = new Map(Array.from(parts, (part) => [part.dataset.part ?? "", part]));
    this.upload = upload;
    this.act = act;
    const slash = upload.name.lastIndexOf("/") + 1;
    /** Where it came from, with a slash at its end; empty if it was picked by itself. */
    this.folder = displayName(upload.name.slice(0, slash));
    this.name = displayName(upload.name.slice(slash));
    /** the state that was shown last @type {string} */
    this.shown = "";
    /** the focus is on the name until there is a button again */
    this.waitsForControl = false;
    this.numbersAt = 0;
    this.shownPercent = NaN;

    this.thumb = this.part("thumb");
    this.state = this.part("state");
    this.size = this.part("size");
    this.rate = this.part("rate");
    this.left = this.part("left");
    this.bar = this.part("bar");
    this.fill = this.part("fill");
    this.confirmed = this.part("confirmed");
    this.percent = this.part("percent");
    this.track = this.part("track");
    this.stored = this.part("stored");
    this.trouble = this.part("trouble");
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.expiry = undefined;
    /** @type {Map<Action, HTMLElement>} */
    this.controls = new Map();
    this.fillIn();
  }

  /** The same file, uploaded anew, in the same place. @param {Upload} upload */
  replace(upload) {
    this.upload = upload;
    this.render(true);
  }

  /** Shows what the upload is now. Cheap: only what changed is written. @param {boolean} [now] numbers too */
  render(now = false) {
    const { state } = this.upload;
    const changed = state !== this.shown;
    if (changed || now) this.renderState(state);
    this.renderBar(state);
    const time = performance.now();
    if (changed || now || time - this.numbersAt >= NUMBERS_EVERY_MS) {
      this.numbersAt = time;
      this.renderNumbers(state);
    }
  }

  /** The row is taken off the list. */
  release() {
    clearTimeout(this.expiry);
    forgetThumbnail(this.thumb);
    this.element.remove();
  }

  /** @param {import("/js/index.js").StoredObject} object */
  showStored(object) {
    const link = /** @type {HTMLAnchorElement} */ (this.controls.get("open"));
    link.href = object.url;
    link.removeAttribute("aria-disabled");
    this.label(link, LABELS.open);
    const { head, tail } = splitName(object.key);
    this.part("key-head").textContent = head;
    this.part("key-tail").textContent = tail;
    this.stored.title = `${object.bucket}/${object.key}`;
    this.stored.hidden = false;
    this.expireLink(object);
  }

  /** A signed link dies; it should say so before S3 does. @param {import("/js/index.js").StoredObject} object */
  expireLink({ urlExpires }) {
    clearTimeout(this.expiry);
    if (!urlExpires) return;
    const link = /** @type {HTMLAnchorElement} */ (this.controls.get("open"));
    this.expiry = setTimeout(() => {
      link.removeAttribute("href");
      link.setAttribute("aria-disabled", "true");
      this.label(link, "The link has run out");
    }, Date.parse(urlExpires) - Date.now());
  }

  /** Focus goes to what can be done next; never to what destroys something. */
  focus() {
    const safe = SAFE.map((action) => this.controls.get(action)).find((control) => control && !control.hidden);
    // Some states offer nothing for a moment: the name keeps the place.
    (safe ?? this.part("title")).focus();
    this.waitsForControl = !safe;
  }

  fillIn() {
    const { file, size } = this.upload;
    const id = `file-${(lastId += 1)}`;
    const { head, tail } = splitName(this.name);
    this.part("full").textContent = this.name;
    this.part("head").textContent = head;
    this.part("tail").textContent = tail;
    this.part("name").title = this.folder + this.name;
    this.part("folder").textContent = this.folder;
    this.part("folder").hidden = this.folder === "";
    this.part("title").id = id;
    this.bar.setAttribute("aria-labelledby", id);
    this.size.textContent = bytes(size);

    const kind = kindOf(this.name, file.type);
    this.thumb.dataset.kind = kind;
    this.thumb.append(icon(`i-${kind}`));
    showThumbnail(this.thumb, file);

    for (const control of /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll("[data-action]"))) {
      const action = /** @type {Action} */ (control.dataset.action);
      this.controls.set(action, control);
      this.label(control, LABELS[action]);
      control.addEventListener("click", () => this.pressed(action, control));
    }
    const destroy = /** @type {HTMLElement} */ (this.controls.get("delete"));
    destroy.addEventListener("blur", () => this.arm(destroy, false));
    destroy.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.arm(destroy, false);
    });
    this.part("copy").addEventListener("click", () => this.copyDetails());
    this.render(true);
  }

  /** Deleting asks once more, in place. @param {Action} action @param {HTMLElement} control */
  pressed(action, control) {
    if (action === "delete" && control.dataset.armed === undefined) this.arm(control, true);
    else if (action !== "open") this.act(action, this);
  }

  /** @param {HTMLElement} control @param {boolean} armed */
  arm(control, armed) {
    if (armed) control.dataset.armed = "";
    else delete control.dataset.armed;
    this.label(control, armed ? "Really delete" : LABELS.delete);
  }

  /** @param {HTMLElement} control @param {string} label */
  label(control, label) {
    control.setAttribute("aria-label", `${label}: ${this.name}`);
    control.title = label;
  }

  /** @param {UploadState} state */
  renderState(state) {
    const view = stateView(state);
    this.shown = state;
    this.element.dataset.state = state;
    this.state.replaceChildren(...(view.icon ? [icon(view.icon)] : []), stateWords(this.upload, view.words));
    this.track.hidden = view.bar === "none";
    this.stored.hidden = state !== "done" || !this.upload.object;
    this.renderTrouble();
    const hopeless = this.upload.error && !isWorthAnotherTry(this.upload.error);
    this.renderControls(hopeless ? view.actions.filter((action) => action !== "retry") : view.actions);
  }

  /** @param {Action[]} offered */
  renderControls(offered) {
    const focused = document.activeElement;
    let lost = this.waitsForControl && focused === this.part("title");
    for (const [action, control] of this.controls) {
      const hidden = !offered.includes(action);
      if (hidden && control === focused) lost = true;
      if (hidden && action === "delete") this.arm(control, false);
      control.hidden = hidden;
    }
    // A button that vanishes under the finger must not throw the reader back to the top of the page.
    if (lost) this.focus();
  }

  /** @param {UploadState} state */
  renderBar(state) {
    const { fraction, loaded, confirmed, total } = this.upload.progress;
    const shown = percent(fraction, state === "done");
    this.fill.style.setProperty("--fraction", String(Math.min(fraction || 0, 0.99)));
    this.confirmed.style.setProperty("--fraction", String(total > 0 ? Math.min(confirmed / total, 0.99) : 0));
    // A form's progress is whole or nothing: until something is known, the bar only says that something goes on.
    const bar = state === "uploading" && loaded === 0 ? "moving" : stateView(state).bar;
    if (this.element.dataset.bar !== bar) {
      this.element.dataset.bar = bar;
      this.shownPercent = NaN;
    }
    if (bar === "moving") {
      if (Number.isNaN(this.shownPercent)) this.bar.removeAttribute("aria-valuenow");
      this.shownPercent = -1;
      this.percent.textContent = "";
    } else if (shown !== this.shownPercent) {
      this.shownPercent = shown;
      this.bar.setAttribute("aria-valuenow", String(shown));
      this.percent.textContent = bar === "empty" ? "" : `${shown}%`;
    }
  }

  /** @param {UploadState} state */
  renderNumbers(state) {
    const { loaded, speed: rate, remaining } = this.upload.progress;
    const moving = state === "uploading";
    const partly = (moving || state === "paused") && loaded > 0;
    write(this.size, partly ? `${bytes(loaded)} of ${bytes(this.upload.size)}` : bytes(this.upload.size));
    write(this.rate, moving && partly ? speed(rate) : "");
    write(this.left, moving && partly ? timeLeft(remaining) : "");
  }

  renderTrouble() {
    const { error, state } = this.upload;
    const shown = Boolean(error) && (state === "failed" || state === "done");
    this.trouble.hidden = !shown;
    if (!shown || !error) return;
    this.part("sentence").textContent = state === "done" ? `Not deleted. ${explain(error)}` : explain(error);
    this.part("code").textContent = error.code;
    this.part("facts").replaceChildren(
      ...facts(error, this.name, this.upload.size).flatMap(([label, value]) => {
        const term = document.createElement("dt");
        term.textContent = label;
        const description = document.createElement("dd");
        description.textContent = value;
        return [term, description];
      }),
    );
  }

  async copyDetails() {
    const button = this.part("copy");
    const { error, size } = this.upload;
    if (!error) return;
    const text = facts(error, this.name, size).map(([label, value]) => `${label}: ${value}`).join("\n");
    const copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    button.textContent = copied ? "Copied" : "Copying is not allowed here";
    setTimeout(() => (button.textContent = "Copy details"), 2000);
  }

  /**
   * @param {string} name
   * @returns {HTMLElement}
   */
  part(name) {
    const found = this.parts.get(name);
    if (!found) throw new Error(`the row template has no part "${name}"`);
    return found;
  }
}

/** Only what is new: even the same text would be laid out again. @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Upload} upload @param {string} words */
function stateWords(upload, words) {
  // A cancelled upload deletes what may have arrived.
  if (upload.state === "deleting" && !upload.object) return "Cancelling";
  if (upload.state === "waiting" && navigator.onLine) return "Under way in another tab; goes on here after that";
  if (upload.state !== "retrying") return words;
  const cause = upload.error ? `: ${upload.error.code}` : "";
  return `${words} after ${counted(upload.attempt, "attempt")}${cause}`;
}
