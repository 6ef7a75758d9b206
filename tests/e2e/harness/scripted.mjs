// The facade alone in a real page, with a real IndexedDB and real locks; the engine does what a test tells it
// (fixtures/scripted-core.js). Whoever imports this has a fresh `page` in every test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.mjs";
import { serveFixtures } from "./fixtures.mjs";

const CORE = readFileSync(new URL("../fixtures/scripted-core.js", import.meta.url), "utf8");
export const MIB = 1024 * 1024;

export let app, page;
let browser;
before(async () => {
  app = await serveFixtures();
  app.instead["/pkg/uploader/sealift_uploader.js"] = { type: "text/javascript", body: CORE };
  browser = await launch();
});
after(() => Promise.all([browser?.close(), app?.stop()]));

test.beforeEach(async () => {
  capable({});
  page = await openPage(browser);
  await prepare(page);
});
test.afterEach(async () => {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

/** What the endpoint says of itself from now on; `asked` is told each time with what headers it is asked. */
export function capable(capabilities, asked) {
  app.instead["/sealift/capabilities"] = { type: "application/json", body: JSON.stringify(capabilities), asked };
}

/** A page with the scripted engine; what it imports is there before anything is done. */
export async function prepare(tab) {
  await tab.goto(`${app.url}/blank.html`);
  await setUp(tab);
}

/** What the functions that run in the page have at hand. */
export const setUp = (tab) =>
  tab.evaluate(async () => {
    const { createUploader } = await import("/js/index.js");
    const { settlement } = await import("/js/settlement.js");
    globalThis.settlement = settlement;
    globalThis.make = (options) => (globalThis.uploader = createUploader({ endpoint: "/sealift", ...options }));
    /** The same bytes, name and date every time. */
    globalThis.file = (size, { name = "big.bin", lastModified = 1_700_000_000_000, fill = 7 } = {}) => new File([new Uint8Array(size).fill(fill)], name, { lastModified });
    globalThis.core = () => globalThis.cores?.at(-1);
    globalThis.until = async (condition) => {
      for (let tries = 0; tries < 400; tries += 1) {
        const found = await condition();
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`never: ${condition}`);
    };
    globalThis.record = (more) => ({ token: "t", bucket: "b", key: "k", plan: { kind: "multipart", partSize: 5 * 1024 * 1024, parts: 4 }, integrity: "sha256", ...more });
    globalThis.stored = async () => {
      const { storedUploads, storedParts, keptFiles, written } = await import("/js/resume/store.js");
      await written();
      const uploads = await storedUploads();
      return Promise.all(uploads.map(async ({ upload, name, kept }) => ({ name, upload, kept: Boolean(kept), parts: (await storedParts(uploads[0].id)).length, files: (await keptFiles()).length })));
    };
    /** Adds a file and has two of its parts stored. */
    globalThis.begin = async (added, options) => {
      const upload = uploader.add(added, options);
      await until(() => upload.state === "uploading");
      const number = core().added.length - 1;
      core().options.save(number, record());
      core().options.save(number, record({ uploadId: "u-1" }));
      core().options.save(number, { number: 1, etag: "e1", sha256: "00" });
      core().options.save(number, { number: 4, etag: "e4", sha256: "00" });
      return upload;
    };
  });

export async function reload() {
  await page.reload();
  await setUp(page);
}
