// The line above the list: all files together, and what can be done with all of them.

import { armed, disarm } from "./arm.js";
import { h, icon, write } from "./dom.js";
import { isActive, isCleared, isSettled } from "./states.js";
import { isRetried, sum } from "./totals.js";
import { percentOf } from "./words.js";

/** @typedef {import("../index.js").Upload} Upload */
/** @typedef {import("./words.js").Words} Words */

const EVERY_MS = 200;

/** What can be done with all, and with which of them. @type {Record<"pause" | "resume" | "retry" | "cancel", (upload: Upload) => void>} */
const ALL = {
  pause: (upload) => isActive(upload.state) && upload.state !== "finishing" && upload.pause(),
  resume: (upload) => upload.state === "paused" && upload.resume(),
  retry: (upload) => isRetried(upload) && upload.retry(),
  cancel: (upload) => !isSettled(upload.state) && upload.abort(),
};

export class Summary {
  /**
   * @param {Words} words
   * @param {() => Iterable<Upload>} uploads
   * @param {(upload: Upload) => void} remove
   */
  constructor(words, uploads, remove) {
    this.words = words;
    this.uploads = uploads;
    this.remove = remove;
    this.shownAt = -EVERY_MS;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.count = h("p", { class: "count", part: "count", tabindex: "-1" });
    this.amount = h("span", { "data-part": "amount" });
    this.rate = h("span", { "data-part": "rate" });
    this.fill = h("span", { class: "bar-fill", part: "bar-fill" });
    this.bar = h("div", { class: "bar", part: "bar total-bar", role: "progressbar", "aria-label": words.say("total.bar"), "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
    this.pause = this.button("pause", "pause", () => this.each("pause"));
    this.resume = this.button("resume", "play", () => this.each("resume"));
    this.retry = this.button("retry", "retry", () => this.each("retry"));
    this.cancelWords = h("span", {}, words.say("total.cancel"));
    this.cancel = h("button", { type: "button", class: "button small", part: "button cancel-all-button", "data-all": "cancel", hidden: true }, icon("close"), this.cancelWords);
    this.cancel.addEventListener("click", () => {
      if (armed(this.cancel)) this.each("cancel");
      this.nameCancel();
    });
    disarm(this.cancel, () => this.nameCancel());
    this.clear = this.button("clear", "check", () => this.clearFinished());
    this.element = h("div", { class: "totals", part: "totals" },
      h("div", { class: "totals-text" }, this.count, h("p", { class: "totals-amount" }, this.amount, " ", this.rate)),
      h("div", { class: "totals-buttons" }, this.pause, this.resume, this.retry, this.cancel, this.clear),
      this.bar);
  }

  /** At once, or soon if that was done a moment ago. */
  render() {
    if (this.timer !== undefined) return;
    const wait = this.shownAt + EVERY_MS - performance.now();
    if (wait <= 0) return this.show();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.show();
    }, wait);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  show() {
    this.shownAt = performance.now();
    const sums = sum(this.uploads());
    const { words } = this;
    write(this.count, this.headline(sums));
    write(this.amount, sums.files === 0 ? "" : words.say("amount.of", { part: words.bytes(sums.sent), whole: words.bytes(sums.total) }));
    write(this.rate, [words.speed(sums.speed), words.timeLeft(sums.remaining)].filter(Boolean).join(" · "));
    const shown = percentOf(sums.total === 0 ? 0 : sums.sent / sums.total, sums.files > 0 && sums.stored === sums.files);
    this.bar.setAttribute("aria-valuenow", String(shown));
    this.fill.style.setProperty("--fraction", String(shown / 100));
    this.element.dataset.state = sums.active > 0 ? "uploading" : sums.failed > 0 ? "failed" : sums.paused > 0 ? "paused" : "done";
    this.offer(this.pause, sums.active > 1);
    this.offer(this.resume, sums.paused > 1 && sums.active === 0);
    this.offer(this.retry, sums.retried > 1);
    this.offer(this.cancel, sums.active + sums.paused > 1);
    this.offer(this.clear, sums.cleared > 0);
  }

  /** @param {import("./totals.js").Sums} sums */
  headline({ files, stored, failed }) {
    const { words } = this;
    if (files === 0) return words.say("total.nothing");
    if (stored === files) return words.say("total.stored", { count: files });
    const part = words.say("total.part", { count: files, stored });
    return failed > 0 ? `${part}, ${words.say("total.failed", { count: failed })}` : part;
  }

  /** @param {keyof typeof ALL} what */
  each(what) {
    for (const upload of [...this.uploads()]) ALL[what](upload);
    this.render();
  }

  clearFinished() {
    for (const upload of [...this.uploads()]) if (isCleared(upload.state)) this.remove(upload);
    this.render();
  }

  /** @param {"pause" | "resume" | "retry" | "clear"} what @param {import("./dom.js").IconName} symbol @param {() => void} act */
  button(what, symbol, act) {
    const button = h("button", { type: "button", class: "button small", part: `button ${what}-all-button`, "data-all": what, hidden: true }, icon(symbol), this.words.say(`total.${what}`));
    button.addEventListener("click", act);
    return button;
  }

  nameCancel() {
    write(this.cancelWords, this.words.say(this.cancel.dataset.armed === undefined ? "total.cancel" : "total.confirm_cancel"));
  }

  /** @param {HTMLElement} button @param {boolean} offered */
  offer(button, offered) {
    if (button.hidden === !offered) return;
    const focused = /** @type {ShadowRoot | Document} */ (button.getRootNode()).activeElement;
    button.hidden = !offered;
    if (!offered && button === focused) this.count.focus();
  }
}
