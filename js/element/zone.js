// Where files come in: the buttons, the place to drop them, and what is taken.

import { h, icon } from "./dom.js";
import { parseCount, parseSize } from "./intake/sizes.js";

/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./intake/index.js").Found} Found */
/** @typedef {import("./intake/index.js").Rules} Rules */

export class Zone {
  /**
   * @param {Words} words
   * @param {Element} host whose attributes say what is taken
   * @param {{ take: (files: Found[]) => void, soon: () => void }} parts `soon`: files are likely to come
   */
  constructor(words, host, { take, soon }) {
    this.host = host;
    this.words = words;
    const multiple = host.hasAttribute("multiple");
    const accept = host.getAttribute("accept") ?? undefined;
    this.input = h("input", { type: "file", hidden: true, multiple, accept, capture: host.getAttribute("capture") ?? undefined });
    this.choose = h("button", { type: "button", class: "button primary", part: "button choose-button" }, icon("file"), words.say(multiple ? "choose.many" : "choose.one"));
    this.folderInput = h("input", { type: "file", hidden: true, webkitdirectory: true });
    this.folder = h("button", { type: "button", class: "button", part: "button folder-button" }, icon("folder"), words.say("choose.folder"));
    // Phones choose no folders: a button that does nothing is worse than none.
    this.folder.hidden = !host.hasAttribute("directory") || !multiple || !("webkitdirectory" in this.folderInput) || matchMedia("(hover: none) and (pointer: coarse)").matches;
    const label = host.getAttribute("drop-target") === "page" ? "drop.page" : multiple ? "drop.many" : "drop.one";
    const said = h("p", { class: "zone-title", part: "label" }, h("slot", { name: "label" }, words.say(matchMedia("(hover: none)").matches ? "touch" : label)));
    const hints = this.hints();
    this.element = h("div", { class: "zone", part: "zone" }, icon("upload"), said,
      ...(hints ? [h("p", { class: "hint", part: "hint" }, hints)] : []),
      h("div", { class: "zone-buttons" }, this.choose, this.folder), this.input, this.folderInput);
    this.overlay = h("div", { class: "overlay", part: "overlay", "aria-hidden": "true", hidden: true }, words.say("drop.release"));
    this.choose.addEventListener("pointerenter", soon);
    for (const [button, input] of /** @type {const} */ ([[this.choose, this.input], [this.folder, this.folderInput]])) {
      button.addEventListener("click", () => (soon(), input.click()));
      input.addEventListener("change", () => {
        const files = Array.from(input.files ?? [], (file) => ({ file, name: file.webkitRelativePath || file.name }));
        input.value = ""; // so that the same file can be chosen again
        if (files.length > 0) take(files);
      });
    }
  }

  /** What the attributes allow. @returns {Rules} */
  get rules() {
    const attribute = (/** @type {string} */ name) => this.host.getAttribute(name);
    const limits = { maxSize: parseSize(attribute("max-size")), minSize: parseSize(attribute("min-size")), maxTotalSize: parseSize(attribute("max-total-size")), maxFiles: this.host.hasAttribute("multiple") ? parseCount(attribute("max-files")) : 1 };
    return {
      accept: attribute("accept") ?? "",
      duplicates: attribute("duplicates") === "allow",
      .../** @type {Partial<Rules>} */ (Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))),
    };
  }

  hints() {
    const { rules, words } = this;
    return [
      rules.maxSize !== undefined && words.say("hint.size", { size: words.bytes(rules.maxSize) }),
      rules.maxFiles !== undefined && rules.maxFiles > 1 && words.say("hint.files", { count: rules.maxFiles }),
      rules.maxTotalSize !== undefined && words.say("hint.total", { size: words.bytes(rules.maxTotalSize) }),
    ].filter(Boolean).join(" · ");
  }

  /** @param {boolean} off nothing is taken */
  set disabled(off) {
    this.choose.disabled = this.folder.disabled = off;
  }
}
