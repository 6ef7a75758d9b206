// One file's row: what it shows, and which buttons it offers. It reads the upload and never keeps a copy of its state.

import { armed, disarm } from "./arm.js";
import { h, icon, write } from "./dom.js";
import { explain, facts, isWorthAnotherTry } from "./errors.js";
import { kindOf, splitName, splitPath } from "./names.js";
import { stateView } from "./states.js";
import { showThumbnail } from "./thumbnails.js";
import { percentOf } from "./words.js";

/** @typedef {import("../index.js").Upload} Upload */
/** @typedef {import("../index.js").UploadState} UploadState */
/** @typedef {import("./states.js").Action} Action */
/** @typedef {import("./words.js").Words} Words */

/** Numbers that change faster than this cannot be read. */
const NUMBERS_EVERY_MS = 250;

/** @type {[Action, import("./dom.js").IconName][]} */
const BUTTONS = [["pause", "pause"], ["resume", "play"], ["retry", "retry"], ["again", "retry"], ["open", "file"], ["delete", "trash"], ["cancel", "close"], ["dismiss", "close"]];

/** Where a lost focus may go, best first: a key pressed once too often does no harm there. @type {Action[]} */
const SAFE = ["resume", "pause", "retry", "open", "dismiss"];

export class Row {
  /**
   * @param {HTMLLIElement} element of the list, empty
   * @param {Upload} upload
   * @param {Words} words
   * @param {(action: Action, upload: Upload) => void} act
   */
  constructor(element, upload, words, act) {
    this.element = element;
    this.upload = upload;
    this.words = words;
    this.act = act;
    const { folder, base } = splitPath(upload.name);
    this.name = base;
    /** The state that was shown last. @type {string} */
    this.shown = "";
    /** The focus is on the name until there is a button again. */
    this.waitsForControl = false;
    this.numbersAt = 0;
    this.shownPercent = NaN;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.expiry = undefined;
    /** @type {Map<Action, HTMLElement>} */
    this.controls = new Map(BUTTONS.map(([action, symbol]) => [action, this.control(action, symbol)]));
    this.build(folder);
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

  /** The row is taken off, or out of sight. */
  release() {
    clearTimeout(this.expiry);
    this.element.replaceChildren();
  }

  /** Focus goes to what can be done next; never to what destroys something. */
  focus() {
    const safe = SAFE.map((action) => this.controls.get(action)).find((control) => control && !control.hidden);
    // Some states offer nothing for a moment: the name keeps the place.
    (safe ?? this.title)?.focus();
    this.waitsForControl = !safe;
  }

  /** @param {string} folder */
  build(folder) {
    const { file } = this.upload;
    const { head, tail } = splitName(this.name);
    const kind = kindOf(this.name, file.type);
    this.thumb = h("div", { class: "thumb", part: "thumbnail", "data-kind": kind, "aria-hidden": "true" }, icon(kind));
    const title = h("p", { class: "row-name", part: "name", tabindex: "-1" },
      h("bdi", { class: "vh", "data-part": "full" }, this.name),
      h("span", { class: "name", dir: "auto", "aria-hidden": "true", title: folder + this.name }, h("span", { class: "name-head" }, head), h("span", { class: "name-tail" }, tail)),
      ...(folder ? [h("span", { class: "folder" }, folder)] : []));
    this.title = title;
    this.state = h("span", { class: "state", part: "state" });
    this.size = h("span", { "data-part": "size" });
    this.rate = h("span", { "data-part": "rate" });
    this.left = h("span", { "data-part": "left" });
    this.fill = h("span", { class: "bar-fill", part: "bar-fill" });
    this.confirmed = h("span", { class: "bar-confirmed", part: "bar-confirmed" });
    this.bar = h("div", { class: "bar", part: "bar", role: "progressbar", "aria-label": this.name, "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill, this.confirmed);
    this.percent = h("span", { class: "percent", "aria-hidden": "true" });
    this.track = h("div", { class: "track" }, this.bar, this.percent);
    this.trouble = h("div", { class: "trouble", part: "error", hidden: true });
    this.element.replaceChildren(
      this.thumb,
      title,
      h("p", { class: "row-meta", part: "meta" }, this.state, this.size, this.rate, this.left),
      this.track,
      this.trouble,
      h("div", { class: "row-actions", part: "actions" }, ...this.controls.values()));
    showThumbnail(this.thumb, file);
  }

  /** @param {Action} action @param {import("./dom.js").IconName} symbol */
  control(action, symbol) {
    const words = action === "retry" || action === "again" || action === "open" || action === "delete";
    const said = h("span", { class: action === "delete" ? "when-armed" : "wide" }, words ? this.words.say(`row.${action === "delete" ? "confirm_delete" : action}`) : "");
    const attributes = { class: words && action !== "delete" ? "action worded" : "action", part: `button ${action}-button`, "data-action": action };
    const control = action === "open"
      ? h("a", { ...attributes, target: "_blank", rel: "noopener noreferrer" }, icon(symbol), said)
      : h("button", { ...attributes, type: "button" }, icon(symbol), said);
    this.label(control, `row.${action}`);
    if (action === "delete") disarm(control, () => this.label(control, "row.delete"));
    control.addEventListener("click", () => {
      // Deleting asks once more, in place.
      if (action === "delete" && !armed(control)) this.label(control, "row.confirm_delete");
      else if (action !== "open") this.act(action, this.upload);
    });
    return control;
  }

  /** @param {HTMLElement} control @param {import("./words.js").Key} key */
  label(control, key) {
    control.setAttribute("aria-label", this.words.action(key, this.name));
    control.title = this.words.say(key);
  }

  /** @param {UploadState} state */
  renderState(state) {
    const view = stateView(state);
    this.shown = state;
    this.element.dataset.state = state;
    this.state?.replaceChildren(...(view.icon ? [icon(view.icon)] : []), this.stateWords());
    if (this.track) this.track.hidden = view.bar === "none";
    this.renderTrouble();
    this.renderLink();
    const hopeless = this.upload.error && !isWorthAnotherTry(this.upload.error);
    this.renderControls(hopeless ? view.actions.filter((action) => action !== "retry") : view.actions);
  }

  stateWords() {
    const { state, object, attempt } = this.upload;
    // A cancelled upload deletes what may have arrived.
    if (state === "deleting" && !object) return this.words.say("state.cancelling");
    if (state === "waiting" && navigator.onLine) return this.words.say("state.elsewhere");
    return this.words.say(`state.${state}`, { count: attempt });
  }

  /** A signed link dies; it should say so before S3 does. */
  renderLink() {
    const { object } = this.upload;
    const link = /** @type {HTMLAnchorElement} */ (this.controls.get("open"));
    if (!object || link.href === object.url) return;
    link.href = object.url;
    clearTimeout(this.expiry);
    if (!object.urlExpires) return;
    this.expiry = setTimeout(() => {
      link.removeAttribute("href");
      link.setAttribute("aria-disabled", "true");
      this.label(link, "row.expired");
    }, Date.parse(object.urlExpires) - Date.now());
  }

  /** @param {Action[]} offered */
  renderControls(offered) {
    const focused = /** @type {ShadowRoot | Document} */ (this.element.getRootNode()).activeElement;
    let lost = this.waitsForControl && focused === this.title;
    for (const [action, control] of this.controls) {
      const hidden = !offered.includes(action);
      if (hidden && control === focused) lost = true;
      control.hidden = hidden;
    }
    // A button that vanishes under the finger must not throw the reader back to the top of the page.
    if (lost) this.focus();
  }

  /** @param {UploadState} state */
  renderBar(state) {
    const { bar, fill, confirmed, percent } = this;
    if (!bar || !fill || !confirmed || !percent) return;
    const { fraction, loaded, confirmed: kept, total } = this.upload.progress;
    const shown = percentOf(fraction, state === "done");
    fill.style.setProperty("--fraction", String(Math.min(fraction || 0, 0.99)));
    confirmed.style.setProperty("--fraction", String(total > 0 ? Math.min(kept / total, 0.99) : 0));
    // A form's progress is whole or nothing: until something is known, the bar only says that something goes on.
    const kind = state === "uploading" && loaded === 0 ? "moving" : stateView(state).bar;
    if (this.element.dataset.bar !== kind) {
      this.element.dataset.bar = kind;
      this.shownPercent = NaN;
    }
    if (kind === "moving") {
      bar.removeAttribute("aria-valuenow");
      write(percent, "");
    } else if (shown !== this.shownPercent) {
      this.shownPercent = shown;
      bar.setAttribute("aria-valuenow", String(shown));
      write(percent, kind === "empty" ? "" : this.words.percent(shown));
    }
  }

  /** @param {UploadState} state */
  renderNumbers(state) {
    const { size, rate, left, words } = this;
    if (!size || !rate || !left) return;
    const { loaded, speed, remaining } = this.upload.progress;
    const moving = state === "uploading";
    const partly = (moving || state === "paused") && loaded > 0;
    const whole = words.bytes(this.upload.size);
    write(size, partly ? words.say("amount.of", { part: words.bytes(loaded), whole }) : whole);
    write(rate, moving && partly ? words.speed(speed) : "");
    write(left, moving && partly ? words.timeLeft(remaining) : "");
  }

  renderTrouble() {
    const { error, state } = this.upload;
    const { trouble, words } = this;
    if (!trouble) return;
    trouble.hidden = !error || (state !== "failed" && state !== "done");
    if (trouble.hidden || !error) return trouble.replaceChildren();
    const reason = explain(error, words);
    const copy = h("button", { type: "button", class: "button small" }, words.say("row.copy"));
    copy.addEventListener("click", () => void this.copyDetails(copy));
    trouble.replaceChildren(
      h("p", {}, h("span", { "data-part": "sentence" }, state === "done" ? words.say("row.not_deleted", { reason }) : reason), " ", h("code", { "data-part": "code" }, error.code)),
      h("details", {},
        h("summary", {}, words.say("row.details")),
        h("dl", {}, ...facts(error, this.name, this.upload.size, words).flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])),
        copy));
  }

  /** @param {HTMLElement} button */
  async copyDetails(button) {
    const { error, size } = this.upload;
    if (!error) return;
    const text = facts(error, this.name, size, this.words).map(([label, value]) => `${label}: ${value}`).join("\n");
    const copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    button.textContent = this.words.say(copied ? "row.copied" : "row.copy_refused");
    setTimeout(() => (button.textContent = this.words.say("row.copy")), 2000);
  }
}
