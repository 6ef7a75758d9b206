// Files that were not taken, each with its reason.

import { h, icon } from "./dom.js";
import { displayName } from "./names.js";

/** @typedef {import("./intake/index.js").Refusal} Refusal */
/** @typedef {import("./words.js").Words} Words */

/** More than this would be a wall. */
const SHOWN = 50;

/** @param {Refusal} refusal @param {Words} words */
export function reasonOf({ code, limit = 0 }, words) {
  return words.say(`refused.${code}`, { count: limit, limit: words.bytes(limit) });
}

export class Refusals {
  /** @param {Words} words @param {() => HTMLElement} fallback takes the focus when it closes */
  constructor(words, fallback) {
    this.words = words;
    this.list = h("ul", {});
    this.title = h("h2", { id: "refused-title" });
    const close = h("button", { type: "button", class: "action", part: "button", "aria-label": words.say("refused.dismiss"), title: words.say("refused.dismiss") }, icon("close"));
    this.element = h("section", { class: "panel refused", part: "refusals", "aria-labelledby": "refused-title", hidden: true }, this.title, this.list, close);
    close.addEventListener("click", () => {
      this.show([]);
      fallback().focus();
    });
  }

  /** @param {Refusal[]} refused those of the last try: what was refused before is no longer of interest */
  show(refused) {
    this.element.hidden = refused.length === 0;
    this.title.textContent = this.words.say("refused.title", { count: refused.length });
    this.list.replaceChildren(...refused.slice(0, SHOWN).map((refusal) => h("li", {}, h("bdi", {}, displayName(refusal.name)), " ", h("span", {}, reasonOf(refusal, this.words)))));
  }
}
