// The debugging protocol of Chromium, raw, over its pipe.
//
// Drivers such as Playwright switch the Network domain on, and then every body that a page sends from memory is copied
// to the driver: that slows some contenders down twelve times and leaves others alone. Nothing here switches it on.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CHROMIUM_ARGS } from "../../scripts/lib/browser.mjs";

/**
 * Starts a browser with a profile of its own.
 * @param {string} program
 * @param {{ args?: string[], through?: string[] }} [options] `through`: a command that starts it, for a network of its own
 */
export async function launch(program, { args = [], through = [] } = {}) {
  const profile = mkdtempSync(path.join(tmpdir(), "sealift-bench-profile-"));
  const [command, ...rest] = [...through, program, ...CHROMIUM_ARGS, "--remote-debugging-pipe", `--user-data-dir=${profile}`, ...args, "about:blank"];
  const child = spawn(command, rest, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-4_000)));
  const connection = new Connection(child.stdio[3], child.stdio[4]);
  child.once("error", (error) => connection.fail(error));
  const ended = new Promise((resolve) =>
    child.once("close", (code) => {
      connection.fail(new Error(`the browser ended (${code}): ${said}`));
      resolve();
    }),
  );
  const close = async () => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    connection.send("Browser.close").catch(() => {});
    await ended;
    clearTimeout(timer);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { product } = await connection.send("Browser.getVersion");
    return { send: connection.send, on: connection.on, product, openPage: (url) => openPage(connection, url), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Goes to `url` and waits until it is loaded. */
async function openPage(connection, url) {
  const { targetInfos } = await connection.send("Target.getTargets");
  const { targetId } = targetInfos.find(({ type }) => type === "page");
  const { sessionId } = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const page = new Page(connection, sessionId);
  await page.send("Page.enable");
  const loaded = connection.on("Page.loadEventFired", sessionId);
  loaded.catch(() => {});
  const { errorText } = await page.send("Page.navigate", { url });
  if (errorText) throw new Error(`${url}: ${errorText}`);
  await loaded;
  return page;
}

class Page {
  constructor(connection, sessionId) {
    this.send = (method, params) => connection.send(method, params, sessionId);
  }

  /** The value, or that of the promise, that an expression has in the page. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.exception?.value ?? exceptionDetails.text);
    return result.value;
  }

  /** Puts files of the disk into the input that `selector` names. */
  async setFiles(selector, files) {
    const { result } = await this.send("Runtime.evaluate", { expression: `document.querySelector(${JSON.stringify(selector)})` });
    await this.send("DOM.setFileInputFiles", { files, objectId: result.objectId });
  }
}

/** Messages are JSON, each ended by a zero byte. */
class Connection {
  #output;
  #rest = [];
  #last = 0;
  #calls = new Map();
  #waiting = new Set();
  #failure;

  constructor(output, input) {
    this.#output = output;
    output.on("error", (error) => this.fail(error));
    input.on("data", (chunk) => this.#read(chunk)).on("error", (error) => this.fail(error));
  }

  send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#last += 1;
      this.#calls.set(this.#last, { method, resolve, reject });
      this.#output.write(`${JSON.stringify({ id: this.#last, method, params, sessionId })}\0`);
    });

  /** The parameters of the next event of a name. */
  on = (method, sessionId) => new Promise((resolve, reject) => this.#waiting.add({ method, sessionId, resolve, reject }));

  fail(error) {
    this.#failure ??= error;
    for (const { reject } of [...this.#calls.values(), ...this.#waiting]) reject(this.#failure);
    this.#calls.clear();
    this.#waiting.clear();
  }

  #read(chunk) {
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      this.#receive(JSON.parse(Buffer.concat([...this.#rest, chunk.subarray(start, end)]).toString()));
      this.#rest = [];
      start = end + 1;
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
  }

  #receive({ id, method, params, result, error, sessionId }) {
    if (id === undefined) {
      for (const one of this.#waiting) {
        if (one.method !== method || (one.sessionId && one.sessionId !== sessionId)) continue;
        this.#waiting.delete(one);
        one.resolve(params);
      }
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error) call?.reject(new Error(`${call.method}: ${error.message}`));
    else call?.resolve(result);
  }
}
