// What stands in the element's shadow, top to bottom.

import { Announcer } from "./announcer.js";
import { h } from "./dom.js";
import { FileList } from "./list.js";
import { Refusals } from "./refusals.js";
import { SavedBanner } from "./saved.js";
import { Summary } from "./summary.js";
import { Zone } from "./zone.js";

/** @typedef {import("../index.js").Upload} Upload */
/** @typedef {import("../index.js").SavedUpload} SavedUpload */
/** @typedef {import("./words.js").Words} Words */

/**
 * @typedef {object} ViewParts
 * @property {(files: import("./intake/index.js").Found[]) => void} take
 * @property {() => void} soon files are likely to come
 * @property {(action: import("./states.js").Action, upload: Upload) => void} act
 * @property {(upload: Upload) => void} remove
 * @property {() => void} changed once a frame after anything was
 * @property {() => Promise<readonly SavedUpload[]>} saved
 */

export class View {
  /** @param {Words} words @param {Element} host @param {ViewParts} parts */
  constructor(words, host, { take, soon, act, remove, changed, saved }) {
    const fallback = () => this.zone.choose;
    this.words = words;
    this.zone = new Zone(words, host, { take, soon });
    this.refusals = new Refusals(words, fallback);
    this.saved = new SavedBanner(words, { saved, fallback });
    this.list = new FileList(words, { act, fallback, changed: () => (this.render(), changed()) });
    this.summary = new Summary(words, () => this.list.items.keys(), remove);
    const status = h("p", { class: "vh", role: "status" });
    this.announcer = new Announcer(status, () => words);
    this.empty = h("slot", { name: "empty" });
    this.manifest = h("section", { class: "manifest", part: "files", "aria-label": words.say("total.bar"), hidden: true }, this.summary.element, this.list.element);
    this.root = h("div", { class: "root", part: "root", role: "group", "aria-label": host.getAttribute("label") ?? words.say("label"), "data-empty": true },
      this.zone.element, this.refusals.element, this.saved.element, this.empty, this.manifest, status, this.zone.overlay);
  }

  render() {
    const empty = this.list.items.size === 0;
    this.root.toggleAttribute("data-empty", empty);
    this.manifest.hidden = empty;
    this.empty.hidden = !empty;
    this.summary.render();
  }

  /** Files hang over it. @param {boolean} over @param {boolean} wholePage */
  hover(over, wholePage) {
    this.zone.element.toggleAttribute("data-over", over);
    this.zone.overlay.hidden = !over || !wholePage;
  }

  stop() {
    this.list.stop();
    this.summary.stop();
    this.announcer.stop();
    this.root.remove();
  }
}
