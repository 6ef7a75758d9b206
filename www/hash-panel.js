// "Hash a file": digests of a file that never leaves the browser, and how fast they come.

import { SealiftError, hashFile } from "/js/index.js";
import { explain } from "./errors.js";
import { bytes, percent, speed } from "./format.js";

/** @typedef {import("./announcer.js").Announcer} Announcer */

/** In the order in which they are shown; also the values of the form's boxes. */
const NAMES = /** @type {const} */ ({ sha256: "SHA-256", sha1: "SHA-1", md5: "MD5", crc64nvme: "CRC64NVME", crc32c: "CRC32C", crc32: "CRC32" });
/** @typedef {keyof typeof NAMES} Name */

const EVERY_MS = 100;
/** How long "Copied" stands. */
const COPIED_MS = 2_000;

export class HashPanel {
  /** The file that is being hashed. @type {AbortController | undefined} */ #running;

  /**
   * @param {HTMLElement} element its parts are marked `data-hash`
   * @param {Announcer} announcer
   */
  constructor(element, announcer) {
    this.announcer = announcer;
    const part = (/** @type {string} */ name) => {
      const found = element.querySelector(`[data-hash="${name}"]`);
      if (!(found instanceof HTMLElement)) throw new Error(`the panel has no "${name}"`);
      return found;
    };
    this.form = /** @type {HTMLFormElement} */ (part("form"));
    this.choose = part("choose");
    this.stop = part("stop");
    this.run = part("run");
    this.name = part("name");
    this.rate = part("rate");
    this.bar = part("bar");
    this.fill = part("fill");
    this.trouble = part("trouble");
    this.results = part("results");
    this.template = /** @type {HTMLTemplateElement} */ (part("template"));
    const input = /** @type {HTMLInputElement} */ (part("input"));

    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => this.choose.toggleAttribute("disabled", this.wanted.length === 0));
    this.choose.addEventListener("click", () => input.click());
    this.stop.addEventListener("click", () => this.#running?.abort());
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      input.value = ""; // so that the same file can be chosen again
      if (file) void this.hash(file);
    });
  }

  /** @returns {Name[]} */
  get wanted() {
    const chosen = new FormData(this.form).getAll("algorithm");
    return /** @type {Name[]} */ (Object.keys(NAMES)).filter((name) => chosen.includes(name));
  }

  /** @param {File} file */
  async hash(file) {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    const wanted = this.wanted;
    const begun = performance.now();
    let shown = 0;
    this.#show({ file, loaded: 0, rate: "" });
    this.results.replaceChildren();
    try {
      const digests = await hashFile(file, {
        algorithms: wanted,
        signal: running.signal,
        onProgress: (loaded) => {
          const now = performance.now();
          if (running !== this.#running || now - shown < EVERY_MS) return;
          shown = now;
          this.#show({ file, loaded, rate: speed((loaded / (now - begun)) * 1000) });
        },
      });
      if (running !== this.#running) return;
      const took = performance.now() - begun;
      this.#show({ file, loaded: file.size, rate: `${(took / 1000).toFixed(took < 9_950 ? 2 : 1)}\u00a0s, ${speed((file.size / took) * 1000)}` });
      this.results.replaceChildren(...wanted.map((name) => this.#row(NAMES[name], digests[name] ?? "")));
      this.announcer.say(`${file.name} is hashed.`);
    } catch (error) {
      if (running !== this.#running) return;
      const stopped = running.signal.aborted;
      this.run.hidden = stopped;
      this.trouble.hidden = stopped;
      this.trouble.textContent = error instanceof SealiftError ? explain(error) : "The file cannot be hashed.";
      this.announcer.say(stopped ? "Stopped." : this.trouble.textContent);
    } finally {
      if (running === this.#running) {
        // Who stopped it by keyboard is not left nowhere.
        if (document.activeElement === this.stop) this.choose.focus();
        this.stop.hidden = true;
        this.#running = undefined;
      }
    }
  }

  /** @param {{ file: File, loaded: number, rate: string }} now */
  #show({ file, loaded, rate }) {
    const whole = loaded === file.size && rate !== "";
    const share = whole ? 100 : percent(loaded / file.size, false);
    this.run.hidden = false;
    this.trouble.hidden = true;
    this.stop.hidden = whole;
    this.name.textContent = file.name;
    this.rate.textContent = [bytes(file.size), rate].filter(Boolean).join(" · ");
    this.bar.setAttribute("aria-valuenow", String(share));
    this.bar.dataset.state = whole ? "done" : "hashing";
    this.fill.style.transform = `scaleX(${share / 100})`;
  }

  /**
   * @param {string} title
   * @param {string} digest
   */
  #row(title, digest) {
    const row = /** @type {DocumentFragment} */ (this.template.content.cloneNode(true));
    const [term, value, copy] = ["dt", "code", "button"].map((selector) => /** @type {HTMLElement} */ (row.querySelector(selector)));
    if (!term || !value || !copy) throw new Error("the template of digests lacks a part");
    term.textContent = title;
    value.textContent = digest;
    copy.setAttribute("aria-label", `Copy ${title}`);
    copy.addEventListener("click", async () => {
      const done = await navigator.clipboard.writeText(digest).then(() => true, () => false);
      copy.textContent = done ? "Copied" : "Select it";
      if (!done) getSelection()?.selectAllChildren(value);
      this.announcer.say(done ? `${title} copied.` : `${title} is selected.`);
      setTimeout(() => (copy.textContent = "Copy"), COPIED_MS);
    });
    return row;
  }
}
