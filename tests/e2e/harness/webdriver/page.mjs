// A tab, driven by WebDriver: so much of Playwright's Page and Locator as tests use that run in every browser.
import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { idOf } from "./commands.mjs";
import { Locator } from "./locator.mjs";
import { decode, encode } from "./values.mjs";
import { witness } from "./witness.mjs";

const TIMEOUT = 60_000;
const POLL_MS = 50;
/** How long the browser may wait inside one command for the end of some work. */
const PATIENCE_MS = 40;
/** What is told of requests meanwhile comes at least so often. */
const LISTEN_MS = 100;
const KEYS = {
  Tab: "\uE004", Enter: "\uE007", Escape: "\uE00C", Space: " ", Shift: "\uE008", Control: "\uE009", Alt: "\uE00A", Backspace: "\uE003", Delete: "\uE017",
  ArrowLeft: "\uE012", ArrowUp: "\uE013", ArrowRight: "\uE014", ArrowDown: "\uE015", Home: "\uE011", End: "\uE010", PageUp: "\uE00E", PageDown: "\uE00F",
};

/** Cookies and storage of their own, and the tabs that share them. */
export class Context {
  constructor(browser, context) {
    this.browser = browser;
    this.context = context;
    this.pages = new Set();
    /** A tab that could not be closed, being the last. */
    this.left = undefined;
  }

  async newPage() {
    const { left } = this;
    this.left = undefined;
    const page = new Page(this, left ?? (await this.context.open()));
    this.pages.add(page);
    return page;
  }

  async close() {
    await Promise.all([...this.pages].map((page) => page.close().catch(() => {})));
    await this.context.close();
  }
}

export class Page extends EventEmitter {
  constructor(context, tab) {
    super();
    this.owner = context;
    this.session = context.context.session;
    this.tab = tab;
    this.complaints = [];
    this.number = 0;
    this.isClosed = false;
    this.patience = PATIENCE_MS;
    /** Who waits for the answers of requests, by their numbers. */
    this.answers = new Map();
    this.keyboard = { press: (keys) => this.press(keys), type: (text) => this.typeKeys(text) };
    this.on("newListener", () => this.listen());
  }

  context() {
    return this.owner;
  }

  setDefaultTimeout() {}

  send(name, parameters) {
    return this.session.send(this.tab, name, parameters);
  }

  async goto(url) {
    await this.notice();
    await this.send("navigate", { url });
  }

  async reload() {
    await this.notice();
    await this.send("refresh");
  }

  async close() {
    if (this.isClosed) return;
    await this.notice();
    this.isClosed = true;
    this.owner.pages.delete(this);
    // A session ends with its last tab.
    const isLast = (await this.session.send(undefined, "handles")).length === 1;
    await this.session.inTurn(async () => {
      if (this.session.tab !== this.tab) await this.session.call("switchTo", { handle: this.tab });
      if (isLast) await this.session.call("navigate", { url: "about:blank" });
      else await this.session.call("close");
      this.session.tab = undefined;
    });
    if (isLast) this.owner.left = this.tab;
  }

  /** @param {Function | string} work */
  async evaluate(work, given) {
    if (typeof work === "string") return this.send("read", { script: `${work};`, args: [] });
    const number = (this.number += 1);
    const script = `const [number, patience, source, given, done] = arguments;
      const { __witness } = window;
      let work;
      try { work = __witness.fromSource(source); } catch (error) {
        if (error.name !== "EvalError" && !/CSP|Content Security|unsafe-eval/i.test(String(error))) throw error;
        work = ((globalThis, self) => (${work}))(window, window);
      }
      __witness.start(number, () => work(__witness.given(given)));
      __witness.ask(number, patience).then(done);`;
    await this.hasWitness();
    let answer = this.heard(await this.send("run", { script, args: [number, this.patience, String(work), encode(given)] }));
    while (!answer.outcome) {
      if (!answer.known) throw new Error("The page went elsewhere while it was asked.");
      answer = await this.ask(number);
    }
    const { error, value } = answer.outcome;
    if (error) throw Object.assign(new Error(`in the page: ${error.name}: ${error.message}`), { inPage: error });
    return decode(value);
  }

  /** Pages that the tests' servers made have it from their beginning. */
  hasWitness() {
    const script = `if (!window.__witness) { const tag = document.createElement("script"); tag.textContent = arguments[0]; document.documentElement.append(tag); tag.remove(); }`;
    return this.send("read", { script, args: [witness()] });
  }

  async ask(number) {
    const script = "const [number, patience, done] = arguments; if (window.__witness) window.__witness.ask(number, patience).then(done); else done('{\"events\":[]}');";
    return this.heard(await this.send("run", { script, args: [number, this.patience] }));
  }

  /** Whatever happened in the page so far is told here. */
  async notice() {
    if (!this.isClosed) await this.ask(0).catch(() => {});
  }

  heard(text) {
    const answer = JSON.parse(text);
    for (const event of answer.events) {
      if (event.kind === "complaint") this.complaints.push(event.text);
      if (event.kind === "request") this.emit("request", this.requestOf(event));
      if (event.kind === "response") this.emit("response", this.responseOf(event));
    }
    return answer;
  }

  requestOf({ id, method, url }) {
    const response = new Promise((resolve) => this.answers.set(id, resolve));
    return { method: () => method, url: () => url, response: () => response };
  }

  responseOf({ id, method, url, status, body }) {
    const request = { method: () => method, url: () => url };
    const response = { url: () => url, status: () => status, ok: () => status >= 200 && status < 300, request: () => request, text: async () => body, json: async () => JSON.parse(body) };
    this.answers.get(id)?.(response);
    this.answers.delete(id);
    return response;
  }

  /** Listens for requests from the first listener on. */
  async listen() {
    if (this.isListening) return;
    this.isListening = true;
    while (!this.isClosed) {
      await this.notice();
      await sleep(LISTEN_MS, undefined, { ref: false });
    }
  }

  async waitForFunction(work, given, { timeout = TIMEOUT } = {}) {
    await this.poll(() => this.evaluate(work, given), timeout, () => `never true: ${work}`);
  }

  /** Asks until the answer is one. */
  async poll(ask, timeout, message) {
    const end = performance.now() + timeout;
    for (;;) {
      const found = await ask();
      if (found) return found;
      if (performance.now() > end) throw new Error(`${message()} (${timeout} ms)`);
      await sleep(POLL_MS);
    }
  }

  waitForTimeout(milliseconds) {
    return sleep(milliseconds);
  }

  /** Of events only file choosers, which the page never opens. */
  async waitForEvent(event) {
    if (event !== "filechooser") throw new Error(`\`${event}\` is not told by this driver.`);
    const chooser = await this.poll(() => this.elementBy("const { chooser } = window.__witness ?? {}; if (chooser) window.__witness.chooser = undefined; return chooser;"), TIMEOUT, () => "no file was asked for");
    return { setFiles: (files) => this.setFilesOf(chooser, files) };
  }

  /** Sets the files of an input, instead of those it has. */
  async setInputFiles(selector, files) {
    const element = await this.locator(selector).element({ shown: false });
    await this.send("read", { script: "arguments[0].value = '';", args: [element] });
    await this.setFilesOf(element, files);
  }

  async setFilesOf(element, files) {
    const folder = mkdtempSync(path.join(tmpdir(), "sealift-chosen-"));
    const paths = [files].flat().map((file) => {
      if (typeof file === "string") return file;
      const written = path.join(folder, file.name);
      writeFileSync(written, file.buffer);
      return written;
    });
    this.owner.browser.folders.push(() => rmSync(folder, { recursive: true, force: true }));
    await this.send("type", { id: idOf(element), text: paths.join("\n") });
  }

  async elementBy(script, args = []) {
    const found = await this.send("read", { script, args });
    return idOf(found) ? found : undefined;
  }

  locator(selector) {
    return new Locator(this, [{ by: "css", selector }]);
  }

  getByRole(role, options = {}) {
    return new Locator(this, [{ by: "role", role, ...options }]);
  }

  getByText(text, options = {}) {
    return new Locator(this, [{ by: "text", text, ...options }]);
  }

  getByLabel(text, options = {}) {
    return new Locator(this, [{ by: "label", text, ...options }]);
  }

  click(selector) {
    return this.locator(selector).click();
  }

  fill(selector, text) {
    return this.locator(selector).fill(text);
  }

  /** Keys as Playwright names them, `Shift+Tab` too. */
  async press(keys) {
    const names = keys === "+" ? ["+"] : keys.split("+");
    const values = names.map((name) => KEYS[name] ?? name);
    await this.act([...values.map((value) => ({ type: "keyDown", value })), ...values.toReversed().map((value) => ({ type: "keyUp", value }))]);
  }

  typeKeys(text) {
    return this.act([...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]));
  }

  act(actions) {
    return this.send("act", { actions: [{ type: "key", id: "keys", actions }] });
  }
}

