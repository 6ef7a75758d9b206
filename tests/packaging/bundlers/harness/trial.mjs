// Where a page that was built somehow is tried: a server with its S3, Chromium, and what must come of an upload.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { run } from "../../../../scripts/lib/run.mjs";
import { launch, openPage } from "../../../e2e/harness/browser.mjs";
import { Bucket } from "../../../e2e/harness/bucket.mjs";
import { bytes, KIB, sha256 } from "../../../e2e/harness/files.mjs";
import { startServer } from "../../../e2e/harness/server.mjs";
import { openProject, Unreachable } from "./project.mjs";

const SIZE = 300 * KIB;
/** AWS's own presigned URL of the S3 documentation, which every page signs too. */
const SIGNATURE = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

/** What a test file needs: `trial.server` and `trial.browser` while its tests run. */
export function trial() {
  const it = { server: undefined, browser: undefined, uploads, fails };
  before(async () => {
    [it.server, it.browser] = await Promise.all([startServer(), launch()]);
  });
  after(() => Promise.all([it.browser?.close(), it.server?.stop()]));
  return it;

  /**
   * Opens a page, chooses a file, and looks at what is in the bucket then.
   * @param {string} url of the page
   * @param {{ workers?: boolean, expected?: RegExp, violations?: RegExp }} [options] workers: whether it must have hashed in
   *   one; expected, violations: complaints on the console, and about its policy, that belong to the test
   */
  async function uploads(url, { workers = true, expected = /^$/, violations = /^$/ } = {}) {
    const content = bytes(SIZE, url);
    const tried = await chosen(url, content);
    const { told, complaints } = tried;
    assert.equal(told.error, undefined, `${told.error}\n${complaints.join("\n")}\n${tried.violations.join("\n")}`);
    const stored = await new Bucket(it.server).read(told.key);
    assert.equal(stored.sha256, sha256(content), "the very bytes are in the bucket");
    assert.equal(told.sha256, sha256(content));
    if ("md5" in told) assert.equal(told.md5, createHash("md5").update(content).digest("hex"));
    if ("signature" in told) assert.equal(told.signature, SIGNATURE);
    if (workers) assert.ok(tried.workers > 0, "hashed in a worker");
    assert.deepEqual(tried.violations.filter((text) => !violations.test(text)), []);
    assert.deepEqual(complaints.filter((text) => !expected.test(text)), []);
    return tried;
  }

  /** The same of a page whose upload must not succeed: `{ error }`. */
  async function fails(url) {
    const { told } = await chosen(url, bytes(SIZE, url));
    assert.ok(told.error, JSON.stringify(told));
    return told;
  }

  async function chosen(url, buffer) {
    const page = await openPage(it.browser);
    const violations = [];
    await page.exposeFunction("violated", (text) => violations.push(text));
    await page.addInitScript(watch);
    // The endpoint is the app's own: passed on as an app's server does, whatever the tool that serves the page.
    await page.route((address) => address.pathname.startsWith("/sealift/") && address.origin !== it.server.url, async (route) => {
      const { pathname, search } = new URL(route.request().url());
      const headers = { ...(await route.request().allHeaders()), origin: it.server.url, host: new URL(it.server.url).host };
      return route.fulfill({ response: await route.fetch({ url: `${it.server.url}${pathname}${search}`, headers }) });
    });
    let workers = 0;
    page.on("worker", () => (workers += 1));
    try {
      await page.goto(url, { waitUntil: "load" });
      await page.locator("body[data-ready]").waitFor();
      await page.setInputFiles("input[type=file]", { name: "tried.bin", mimeType: "application/octet-stream", buffer });
      await page.waitForFunction(() => document.querySelector("output").value !== "", undefined, { timeout: 60_000 });
      const [text, compiled] = await page.evaluate(() => [document.querySelector("output").value, globalThis.compiled]);
      return { told: JSON.parse(text), workers, violations, compiled, complaints: page.complaints };
    } finally {
      await page.context().close();
    }
  }
}

/** Runs in the page before its own scripts: what its policy forbade, and how wasm was compiled. */
function watch() {
  addEventListener("securitypolicyviolation", (event) => globalThis.violated(`${event.violatedDirective} ${event.blockedURI}`));
  globalThis.compiled = { streaming: [], whole: [] };
  const { instantiate, instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const { url } = await source;
    const made = await instantiateStreaming.call(WebAssembly, source, imports);
    globalThis.compiled.streaming.push(url.match(/sealift_(\w+)_bg/)?.[1]);
    return made;
  };
  WebAssembly.instantiate = (source, imports) => {
    if (!(source instanceof WebAssembly.Module)) globalThis.compiled.whole.push(source.byteLength);
    return instantiate.call(WebAssembly, source, imports);
  };
}

/**
 * A test in a project; left out, and saying so, where the project cannot be installed.
 * @param {string} name what it shows
 * @param {string} project
 * @param {(folder: string, t: import("node:test").TestContext) => Promise<void>} work
 */
export function inProject(name, project, work) {
  test(name, async (t) => {
    let folder;
    try {
      folder = await openProject(project);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      t.skip(error.message);
      return;
    }
    await work(folder, t);
  });
}

/** Runs a tool of the project to its end. */
export async function build(folder, ...args) {
  const { code, output } = await run(process.execPath, args, { cwd: folder, env: { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: undefined } });
  assert.equal(code, 0, output);
  return output;
}
