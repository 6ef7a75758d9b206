// What the element is to the form that it stands in: a value, a validity, and a submission that waits for its files.

import { isSettled } from "./states.js";

/** @typedef {import("../index.js").Upload} Upload */
/** @typedef {import("./words.js").Words} Words */

export class FormValue {
  /** @param {ElementInternals} internals */
  constructor(internals) {
    this.internals = internals;
    /** Entries of a form that was restored by the browser: files of an earlier page. @type {string[]} */
    this.restored = [];
  }

  /**
   * @param {readonly Upload[]} uploads
   * @param {{ name: string, value: "receipts" | "keys", required: boolean, making: boolean, words: Words, anchor: HTMLElement }} options
   *   `making`: there are files that are no uploads yet
   */
  update(uploads, { name, value, required, making, words, anchor }) {
    const counted = uploads.filter(({ state }) => state !== "aborted" && state !== "deleting" && state !== "deleted");
    const stored = counted.flatMap(({ object }) => (object ? [value === "keys" ? object.key : object.receipt] : []));
    const entries = [...this.restored, ...stored];
    if (name && entries.length > 0) {
      const form = new FormData();
      for (const entry of entries) form.append(name, entry);
      this.internals.setFormValue(form, form);
    } else {
      this.internals.setFormValue(null);
    }
    const failed = counted.filter(({ state }) => state === "failed").length;
    if (making || counted.some(({ state }) => !isSettled(state))) this.internals.setValidity({ customError: true }, words.say("form.busy"), anchor);
    else if (failed > 0) this.internals.setValidity({ customError: true }, words.say("form.failed", { count: failed }), anchor);
    else if (required && entries.length === 0) this.internals.setValidity({ valueMissing: true }, words.say("form.required"), anchor);
    else this.internals.setValidity({});
  }

  /** @param {File | string | FormData | null} state */
  restore(state) {
    this.restored = state instanceof FormData ? [...state.values()].filter((entry) => typeof entry === "string") : [];
  }
}

/**
 * Whether files are on their way, and will come to an end by themselves.
 * @param {readonly Upload[]} uploads
 */
export function isBusy(uploads) {
  return uploads.some(({ state }) => !isSettled(state) && state !== "paused" && state !== "deleting");
}

/**
 * A submission that comes while files are on their way is held, and made again by the same button once they have arrived.
 * What fails or is paused ends the waiting: the form then says so itself.
 * @param {HTMLFormElement} form
 * @param {() => boolean} busy
 * @param {() => Promise<void>} settled resolves when `busy` may have changed
 * @param {AbortSignal} signal
 */
export function holdSubmission(form, busy, settled, signal) {
  let held = false;
  /** @param {Event} event @param {HTMLElement | null} submitter */
  const hold = (event, submitter) => {
    event.preventDefault();
    if (held) return;
    held = true;
    void (async () => {
      while (busy() && !signal.aborted) await settled();
      held = false;
      if (!signal.aborted) form.requestSubmit(submitter);
    })();
  };
  // Validation would stop it before `submit`: the click on its button comes first. The button may stand outside the form.
  form.getRootNode().addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button, input") : null;
    const submits = (button instanceof HTMLButtonElement || button instanceof HTMLInputElement) && (button.type === "submit" || button.type === "image") && button.form === form;
    if (submits && busy() && !event.defaultPrevented) hold(event, button);
  }, { signal });
  // A form that is not validated gets this far by a script, and its own listeners would send half a value.
  form.addEventListener("submit", (event) => {
    if (!busy()) return;
    event.stopImmediatePropagation();
    hold(event, event.submitter);
  }, { capture: true, signal });
}
