// The line above the list: how many, how much, how fast, and what can be done with all of them.

import { isWorthAnotherTry } from "./errors.js";
import { bytes, counted, percent, speed, timeLeft } from "./format.js";
import { isActive, isCleared } from "./states.js";

/** @typedef {import("/js/index.js").Upload} Upload */

const EVERY_MS = 200;

/** States in which some of the file may have been sent; only there is it worth asking. @type {ReadonlySet<string>} */
const SENDING = new Set(["uploading", "paused", "waiting", "retrying", "finishing"]);

const NOTHING = { loaded: 0, confirmed: 0, speed: 0 };

/** Whether "try failed again" takes it. @param {Upload} upload */
export function isRetried({ state, error }) {
  return state === "failed" && (!error || isWorthAnotherTry(error));
}

/**
 * @typedef {object} Sums
 * @property {number} files without those that were cancelled or deleted
 * @property {number} stored
 * @property {number} failed
 * @property {number} retried how many "try failed again" would take
 * @property {number} paused
 * @property {number} active
 * @property {number} cleared how many "clear finished" would take
 * @property {number} total bytes
 * @property {number} sent bytes
 * @property {number} confirmed bytes of those that S3 has for good
 * @property {number} speed bytes a second
 * @property {number} remaining seconds, NaN while unknown
 */

/**
 * @param {Iterable<Upload>} uploads
 * @returns {Sums}
 */
export function sum(uploads) {
  const sums = { files: 0, stored: 0, failed: 0, retried: 0, paused: 0, active: 0, cleared: 0, total: 0, sent: 0, confirmed: 0, speed: 0, remaining: NaN };
  let ahead = 0;
  for (const upload of uploads) {
    const { state, size } = upload;
    if (isRetried(upload)) sums.retried += 1;
    if (isCleared(state)) sums.cleared += 1;
    if (state === "aborted" || state === "deleting" || state === "deleted") continue;
    sums.files += 1;
    sums.total += size;
    const progress = SENDING.has(state) ? upload.progress : NOTHING;
    const sent = state === "done" ? size : Math.min(progress.loaded, size);
    sums.sent += sent;
    sums.confirmed += state === "done" ? size : Math.min(progress.confirmed, size);
    if (state === "done") sums.stored += 1;
    else if (state === "failed") sums.failed += 1;
    else if (state === "paused") sums.paused += 1;
    else if (isActive(state)) {
      sums.active += 1;
      ahead += size - sent;
      if (state === "uploading") sums.speed += progress.speed || 0;
    }
  }
  if (sums.active > 0 && sums.speed > 0) sums.remaining = ahead / sums.speed;
  return sums;
}

export class Totals {
  /**
   * @param {HTMLElement} element
   * @param {{ pauseAll(): void, resumeAll(): void, retryFailed(): void, cancelAll(): void, clearFinished(): void }} actions
   */
  constructor(element, actions) {
    this.element = element;
    this.shownAt = -EVERY_MS;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.count = this.part("count");
    this.amount = this.part("amount");
    this.rate = this.part("rate");
    this.bar = this.part("bar");
    this.fill = this.part("fill");
    this.pause = this.part("pause-all");
    this.resume = this.part("resume-all");
    this.retry = this.part("retry-failed");
    this.cancel = this.part("cancel-all");
    this.clear = this.part("clear");
    this.pause.addEventListener("click", actions.pauseAll);
    this.resume.addEventListener("click", actions.resumeAll);
    this.retry.addEventListener("click", actions.retryFailed);
    this.clear.addEventListener("click", actions.clearFinished);
    this.cancel.addEventListener("click", () => {
      const armed = this.cancel.dataset.armed !== undefined;
      this.arm(!armed);
      if (armed) actions.cancelAll();
    });
    this.cancel.addEventListener("blur", () => this.arm(false));
  }

  /** At once, or soon if that was done a moment ago. @param {() => Iterable<Upload>} uploads */
  render(uploads) {
    if (this.timer !== undefined) return;
    const wait = this.shownAt + EVERY_MS - performance.now();
    if (wait <= 0) {
      this.show(sum(uploads()));
      return;
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.show(sum(uploads()));
    }, wait);
  }

  /** @param {Sums} sums */
  show(sums) {
    this.shownAt = performance.now();
    this.count.textContent = headline(sums);
    this.amount.textContent = sums.files === 0 ? "" : `${bytes(sums.sent)} of ${bytes(sums.total)} sent${confirmed(sums)}`;
    this.rate.textContent = [speed(sums.speed), timeLeft(sums.remaining)].filter(Boolean).join(" · ");
    const shown = percent(sums.total === 0 ? 0 : sums.sent / sums.total, sums.files > 0 && sums.stored === sums.files);
    this.bar.setAttribute("aria-valuenow", String(shown));
    this.fill.style.setProperty("--fraction", String(shown / 100));
    this.element.dataset.state = sums.active > 0 ? "uploading" : sums.failed > 0 ? "failed" : sums.paused > 0 ? "paused" : "done";
    this.offer(this.pause, sums.active > 0);
    this.offer(this.resume, sums.paused > 0 && sums.active === 0);
    this.offer(this.retry, sums.retried > 0);
    this.offer(this.cancel, sums.active + sums.paused > 1);
    this.offer(this.clear, sums.cleared > 0);
    document.title = sums.active > 0 ? `${shown}% · Sealift` : "Sealift: files straight into your bucket";
  }

  /** What cannot be taken back is pressed twice. @param {boolean} armed */
  arm(armed) {
    if (armed) this.cancel.dataset.armed = "";
    else delete this.cancel.dataset.armed;
    this.part("cancel-words").textContent = armed ? "Really cancel all?" : "Cancel all";
  }

  /** @param {HTMLElement} button @param {boolean} offered */
  offer(button, offered) {
    if (button.hidden === !offered) return;
    const lost = !offered && button === document.activeElement;
    button.hidden = !offered;
    if (lost) this.count.focus();
  }

  /**
   * @param {string} name
   * @returns {HTMLElement}
   */
  part(name) {
    const found = this.element.querySelector(`[data-part="${name}"]`);
    if (!(found instanceof HTMLElement)) throw new Error(`the totals have no part "${name}"`);
    return found;
  }
}

/** Said only where it is another figure. @param {Sums} sums */
function confirmed({ sent, confirmed: bytesConfirmed }) {
  return bytesConfirmed > 0 && bytesConfirmed < sent ? `, ${bytes(bytesConfirmed)} confirmed` : "";
}

/** @param {Sums} sums */
function headline(sums) {
  if (sums.files === 0) return "Nothing on its way";
  const failed = sums.failed > 0 ? `, ${sums.failed.toLocaleString("en")} not stored` : "";
  if (sums.stored === sums.files) return `${counted(sums.files)} stored`;
  return `${sums.stored.toLocaleString("en")} of ${counted(sums.files)} stored${failed}`;
}
