// `<sealift-upload>`: files come in, go through the rules to an uploader, and are seen on their way.

import { SealiftError } from "../error.js";
import { isJunk } from "../files.js";
import { createUploader } from "../uploader.js";
import { copyRules } from "./copy-rules.js";
import { watchDrops } from "./drop.js";
import { explain } from "./errors.js";
import { FormValue, holdSubmission, isBusy } from "./form.js";
import { takeIn } from "./intake/index.js";
import { splitPath } from "./names.js";
import { Originals } from "./originals.js";
import { reflect } from "./reflect.js";
import { reasonOf } from "./refusals.js";
import { isCleared } from "./states.js";
import { stringsFor } from "./strings/index.js";
import { stylesheet } from "./styles.js";
import { View } from "./view.js";
import { Words } from "./words.js";

/** @typedef {import("../index.js").Upload} Upload */
/** @typedef {import("../index.js").Uploader} Uploader */
/** @typedef {import("./intake/index.js").Found} Found */
/** @typedef {import("./copy-rules.js").CopyRules} CopyRules */
/** @typedef {import("./states.js").Action} Action */

/** Attributes that change what is built. */
const BUILT = ["accept", "capture", "directory", "drop-target", "duplicates", "label", "lang", "max-files", "max-size", "max-total-size", "min-size", "multiple"];
/** Attributes that only say what may be done. */
const SAID = ["disabled", "name", "readonly", "required", "value"];

/** Where there is no page (rendered on a server), it is a class like any other, and never made. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class SealiftUpload extends Base {
  static formAssociated = true;
  static observedAttributes = [...BUILT, ...SAID];

  /** @type {Uploader | undefined} */ #uploader;
  /** Which uploader an upload is of, where the page changed it since. @type {WeakMap<Upload, Uploader>} */ #owners = new WeakMap();
  /** @type {import("./words.js").Strings} */ #strings = {};
  /** @type {View | undefined} */ #view;
  /** Ends what listens, when it is taken off the page or built anew. */ #watch = new AbortController();
  #formWatch = new AbortController();
  #internals = this.attachInternals();
  #form = new FormValue(this.#internals);
  #disabledByForm = false;
  #building = false;
  /** What was chosen, where a smaller copy of it is uploaded. */ #originals = new Originals();
  /** Uploads of an earlier page that were seen to go on. @type {WeakSet<Upload>} */ #resumed = new WeakSet();

  constructor() {
    super();
    this.attachShadow({ mode: "open", delegatesFocus: true }).adoptedStyleSheets = [stylesheet()];
  }

  connectedCallback() {
    // Set by a framework before this class was there.
    for (const name of /** @type {const} */ (["uploader", "strings"])) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      /** @type {any} */ (this)[name] = value;
    }
    this.#build();
  }

  disconnectedCallback() {
    this.#watch.abort();
    this.#view?.stop();
    this.#view = undefined;
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.#view) return;
    if (SAID.includes(name)) this.#say();
    else this.#buildSoon();
  }

  /** @param {HTMLFormElement | null} form */
  formAssociatedCallback(form) {
    this.#formWatch.abort();
    this.#formWatch = new AbortController();
    if (form) holdSubmission(form, () => this.#originals.making || isBusy(this.uploads), () => this.#settled(), this.#formWatch.signal);
  }

  /** @param {boolean} disabled by itself, or with its fieldset */
  formDisabledCallback(disabled) {
    this.#disabledByForm = disabled;
    this.#say();
  }

  formResetCallback() {
    this.#form.restore(null);
    this.#originals.drop();
    for (const upload of this.uploads) this.#remove(upload);
    this.#say();
  }

  /** @param {File | string | FormData | null} state */
  formStateRestoreCallback(state) {
    this.#form.restore(state);
    this.#say();
  }

  /** The uploader that files go to: one's own, or else made of `endpoint`, when it is first needed. @returns {Uploader} */
  get uploader() {
    if (!this.#uploader) {
      const endpoint = this.getAttribute("endpoint");
      if (!endpoint) throw new SealiftError("<sealift-upload> needs an endpoint attribute, or an uploader property.", { code: "invalid_option" });
      // What is wrong in them is refused by the uploader, by name.
      const given = ["integrity", "transport", "user"].flatMap((name) => (this.hasAttribute(name) ? [[name, this.getAttribute(name)]] : []));
      const concurrency = this.hasAttribute("concurrency") ? { concurrency: Number(this.getAttribute("concurrency")) } : {};
      this.#uploader = createUploader({ endpoint, ...Object.fromEntries(given), ...concurrency });
    }
    return this.#uploader;
  }

  set uploader(uploader) {
    this.#uploader = uploader;
    if (this.#view) this.#build();
  }

  /** What is said otherwise than it is shipped, by key. @returns {import("./words.js").Strings} */
  get strings() {
    return this.#strings;
  }

  set strings(strings) {
    this.#strings = strings ?? {};
    this.#buildSoon();
  }

  /** The uploads in the list, in its order. @returns {Upload[]} */
  get uploads() {
    return this.#view ? [...this.#view.list.items.keys()] : [];
  }

  get form() { return this.#internals.form; }
  get validity() { return this.#internals.validity; }
  get validationMessage() { return this.#internals.validationMessage; }
  get willValidate() { return this.#internals.willValidate; }
  checkValidity() { return this.#internals.checkValidity(); }
  reportValidity() { return this.#internals.reportValidity(); }

  /** As if they were chosen: by the element's rules. @param {Iterable<File>} files */
  add(files) {
    this.#take(Array.from(files, (file) => ({ file, name: file.webkitRelativePath || file.name })));
  }

  /** Opens the file picker; only in answer to a click or a key. */
  open() {
    this.#view?.zone.choose.click();
  }

  /** Takes what is done, cancelled or deleted off the list. What is stored stays. */
  clear() {
    for (const upload of this.uploads) if (isCleared(upload.state)) this.#remove(upload);
  }

  /** Pauses what is under way. */
  pauseAll() {
    this.#view?.summary.each("pause");
  }

  /** Goes on with what is paused. */
  resumeAll() {
    this.#view?.summary.each("resume");
  }

  /** Gives up whatever is not over. */
  cancelAll() {
    this.#view?.summary.each("cancel");
  }

  #buildSoon() {
    if (this.#building || !this.#view) return;
    this.#building = true;
    queueMicrotask(() => {
      this.#building = false;
      if (this.isConnected) this.#build();
    });
  }

  #build() {
    const language = this.closest("[lang]")?.getAttribute("lang") || document.documentElement.lang || "en";
    this.#show(new Words(language, this.#strings));
    const { signal } = this.#watch;
    void stringsFor(language)?.then((strings) => {
      if (!signal.aborted) this.#show(new Words(language, { ...strings, ...this.#strings }));
    }, () => undefined); // English, then.
  }

  /** @param {Words} words */
  #show(words) {
    const before = this.uploads;
    this.#watch.abort();
    this.#view?.stop();
    this.#watch = new AbortController();
    const view = (this.#view = new View(words, this, {
      take: (files) => this.#take(files),
      soon: () => this.#uploaderIfAny()?.prepare(),
      act: (action, upload) => this.#act(action, upload),
      remove: (upload) => this.#remove(upload),
      changed: () => this.#say(),
      saved: async () => (await this.#uploaderIfAny()?.saved()) ?? [],
    }));
    this.shadowRoot?.append(view.root);
    const uploader = this.#uploaderIfAny();
    for (const upload of uploader?.uploads ?? []) this.#owners.set(upload, /** @type {Uploader} */ (uploader));
    // What an earlier uploader has under way is still shown.
    for (const owner of new Set([...before.map((upload) => this.#owners.get(upload)), uploader])) if (owner) this.#listen(owner);
    view.list.add([...new Set([...before, ...(uploader?.uploads ?? [])])]);
    this.#watchFiles(view);
    this.#say();
    void view.saved.refresh().then((count) => count > 0 && view.announcer.say("saved.found", { count }));
  }

  #uploaderIfAny() {
    return this.#uploader ?? (this.hasAttribute("endpoint") ? this.uploader : undefined);
  }

  /** @param {Uploader} uploader */
  #listen(uploader) {
    const { signal } = this.#watch;
    /** @param {"add" | "progress" | "statechange" | "done" | "error"} type @param {(upload: Upload) => void} heard */
    const on = (type, heard) => uploader.addEventListener(type, ({ upload }) => heard(upload), { signal });
    on("add", (upload) => {
      if (uploader !== this.#uploader) return;
      this.#owners.set(upload, uploader);
      this.#view?.list.add([upload]);
    });
    on("progress", (upload) => {
      this.#view?.list.touch(upload);
      this.#fire("sealift-progress", { upload });
    });
    on("statechange", (upload) => {
      this.#view?.list.touch(upload);
      if (upload.resumed && !this.#resumed.has(upload)) {
        this.#resumed.add(upload);
        void this.#view?.saved.refresh();
      }
      this.#fire("sealift-statechange", { upload });
    });
    on("done", (upload) => {
      this.#view?.announcer.noteStored(splitPath(upload.name).base);
      this.#say();
      this.#fire("sealift-done", { upload, object: upload.object });
      this.dispatchEvent(new Event("change", { bubbles: true }));
    });
    on("error", (upload) => {
      const { error } = upload;
      if (error && this.#view) this.#view.announcer.say("said.failed", { name: splitPath(upload.name).base, reason: explain(error, this.#view.words) });
      this.#fire("sealift-error", { upload, error });
    });
  }

  /** @param {View} view */
  #watchFiles(view) {
    const { signal } = this.#watch;
    const wholePage = this.getAttribute("drop-target") === "page";
    watchDrops({
      target: wholePage ? window : view.zone.element,
      hover: (over) => {
        if (over) this.#uploaderIfAny()?.prepare();
        view.hover(over && !this.#isOff, wholePage);
      },
      take: (files) => void files.then((found) => this.#take(found), () => view.announcer.say("refused.unreadable")),
      signal,
    });
    (wholePage ? document : this).addEventListener("paste", (event) => {
      const files = Array.from(/** @type {ClipboardEvent} */ (event).clipboardData?.files ?? []);
      if (files.length === 0 || event.defaultPrevented) return;
      event.preventDefault();
      this.add(files);
    }, { signal });
  }

  /** @param {Found[]} chosen */
  #take(chosen) {
    const view = this.#view;
    if (!view || this.#isOff) return;
    const files = chosen.filter(({ name }) => !isJunk(name));
    const replaces = !this.hasAttribute("multiple");
    const there = replaces ? [] : this.uploads.filter(({ state }) => state !== "aborted" && state !== "deleted");
    const known = this.#originals.known(there, replaces);
    const { accepted, refused } = takeIn(files, view.zone.rules, known);
    view.refusals.show(refused);
    for (const refusal of refused.slice(0, 3)) view.announcer.say("said.refused", { name: splitPath(refusal.name).base, reason: reasonOf(refusal, view.words) });
    if (refused.length > 0) this.#fire("sealift-refused", { refused });
    if (files.length === 0) view.announcer.say("said.none");
    if (accepted.length === 0 || !this.#fire("sealift-add", { files: accepted.map(({ file }) => file) }, true)) return;
    // A single file takes the place of the one before, as in an <input>.
    if (replaces) {
      this.#originals.drop();
      for (const upload of this.uploads) this.#remove(upload);
    }
    view.announcer.say("said.added", { count: accepted.length });
    const pictures = copyRules(this);
    if (pictures) void this.#addCopies(accepted, pictures);
    else this.uploader.add(accepted);
    this.#say();
  }

  /** One after the other: a picture takes much memory while it is worked on. @param {Found[]} files @param {CopyRules} rules */
  async #addCopies(files, rules) {
    const waiting = this.#originals.await(files);
    try {
      const { copyOf } = await import("./copies.js");
      for (const found of files) {
        let first = true;
        for await (const made of copyOf(found, rules)) {
          // Taken back while it was made: by a reset, or by another file in its place.
          if (!waiting.has(found)) break;
          if (!this.#isOff) for (const upload of this.uploader.add([made])) this.#originals.note(upload, first ? found : undefined);
          first = false;
        }
        waiting.delete(found);
      }
    } finally {
      this.#originals.end(waiting);
      this.#say();
    }
  }

  /** @param {Action} action @param {Upload} upload */
  #act(action, upload) {
    if (action === "pause") upload.pause();
    else if (action === "resume") upload.resume();
    else if (action === "retry") upload.retry();
    else if (action === "cancel") upload.abort();
    else if (action === "dismiss") this.#remove(upload);
    else if (action === "again") {
      const owner = this.#ownerOf(upload);
      const next = owner.add(upload.file, { name: upload.name });
      this.#owners.set(next, owner);
      this.#originals.pass(upload, next);
      this.#view?.list.replace(upload, next);
      owner.remove(upload);
    } else if (action === "delete") {
      const name = splitPath(upload.name).base;
      // Why it could not be deleted is said in the row.
      upload.delete().then(() => this.#view?.announcer.say("said.deleted", { name }), () => undefined);
    }
    this.#view?.list.touch(upload);
  }

  /** @param {Upload} upload */
  #remove(upload) {
    this.#view?.list.remove(upload);
    this.#ownerOf(upload).remove(upload);
    this.#fire("sealift-remove", { upload });
    this.#say();
  }

  /** @param {Upload} upload */
  #ownerOf(upload) {
    return this.#owners.get(upload) ?? this.uploader;
  }

  get #isOff() {
    return this.#disabledByForm || this.hasAttribute("disabled") || this.hasAttribute("readonly");
  }

  /** To the form, and to whoever looks. */
  #say() {
    const view = this.#view;
    if (!view) return;
    view.zone.disabled = this.#isOff;
    const value = this.getAttribute("value") === "keys" ? "keys" : "receipts";
    this.#form.update(this.uploads, { name: this.getAttribute("name") ?? "", value, required: this.hasAttribute("required"), making: this.#originals.making, words: view.words, anchor: view.zone.choose });
  }

  /** Resolves when the state of an upload changed, its value told to the form. */
  async #settled() {
    await Promise.race([new Promise((resolve) => this.addEventListener("sealift-statechange", resolve, { once: true })), this.#originals.ended()]);
    // The object comes with the same event, or right after it.
    await new Promise((resolve) => setTimeout(resolve));
    this.#say();
  }

  /** @param {string} type @param {object} detail @param {boolean} [cancelable] @returns {boolean} whether nobody objected */
  #fire(type, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable }));
  }
}

reflect(SealiftUpload.prototype, {
  strings: { accept: "accept", dropTarget: "drop-target", duplicates: "duplicates", endpoint: "endpoint", integrity: "integrity", label: "label", maxFiles: "max-files", maxSize: "max-size", maxTotalSize: "max-total-size", minSize: "min-size", name: "name" },
  booleans: { directory: "directory", disabled: "disabled", multiple: "multiple", readOnly: "readonly", required: "required" },
});
