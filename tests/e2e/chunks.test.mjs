// Chunk-signed bodies from Chromium, with the key at home: a Blob of slices, cross-origin, and what S3 refuses of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { Folder, KIB, MIB } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";

/** As the server grants them. */
const CHUNK = 896 * KIB;

let app, server, browser, bucket, folder, page;
before(async () => {
  app = await serveFixtures();
  app.pages["/chunks.html"] = `<!doctype html><title>Chunks</title><link rel="icon" href="data:," /><input type="file">`;
  folder = new Folder();
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] } }), launch()]);
  bucket = new Bucket(server);
});
after(() => Promise.all([browser?.close(), server?.stop(), app?.stop(), folder?.remove()]));

test.beforeEach(async () => {
  page = await openPage(browser);
  await page.goto(`${app.url}/chunks.html`);
});
test.afterEach(() => page.context().close());

/** Picks the file and runs `work(chunks, endpoint, file)` in the page. */
async function withFile(file, work) {
  await page.setInputFiles("input", file.path);
  return page.evaluate(
    async ([source, endpoint]) => (0, eval)(`(${source})`)(await import("/chunks.js"), endpoint, document.querySelector("input").files[0]),
    [String(work), `${server.url}/sealift`],
  );
}

test("files in chunks arrive by one PUT: nothing, a byte, a chunk, a byte more, many", async () => {
  for (const size of [0, 1, CHUNK, CHUNK + 1, 21 * MIB + 7]) {
    const file = folder.file(`chunks-${size}.bin`, size);
    const { status, object } = await withFile(file, ({ putInChunks }, endpoint, picked) => putInChunks(endpoint, picked));
    assert.deepEqual([status, object.size], [200, size]);
    const stored = await bucket.read(object.key);
    assert.equal(stored.sha256, file.sha256, `${size}`);
    assert.equal(stored.headers.get("content-encoding"), null);
  }
  assert.deepEqual(page.complaints, []);
});

test("parts in chunks arrive as one object", async () => {
  const file = folder.file("parts.bin", 23 * MIB + 5);
  const { object } = await withFile(file, ({ partsInChunks }, endpoint, picked) => partsInChunks(endpoint, picked));
  assert.equal(object.size, file.size);
  assert.equal((await bucket.read(object.key)).sha256, file.sha256);
  assert.deepEqual(page.complaints, []);
});

test("a body that is changed on its way is refused, and the page can read why", async () => {
  const file = folder.file("changed.bin", 3 * MIB + 100);
  const refused = await withFile(file, async ({ putInChunks }, endpoint, picked) => {
    const head = "e0000;chunk-signature=".length + 64 + 2;
    const chunk = head + 896 * 1024 + 2;
    const other = new Blob(["\u0001"]);
    const changes = {
      "a byte of the first chunk": (body) => new Blob([body.slice(0, 500), other, body.slice(501)]),
      "a byte of the last chunk": (body) => new Blob([body.slice(0, 3 * chunk + 120), other, body.slice(3 * chunk + 121)]),
      "two chunks in each other's place": (body) => new Blob([body.slice(chunk, 2 * chunk), body.slice(0, chunk), body.slice(2 * chunk)]),
      "cut": (body) => body.slice(0, 2 * chunk),
    };
    const answers = {};
    for (const [what, change] of Object.entries(changes)) {
      const { status, code, object } = await putInChunks(endpoint, picked, change);
      answers[what] = [status, code, object];
    }
    return answers;
  });
  for (const [what, answer] of Object.entries(refused)) {
    assert.deepEqual(answer, [403, "SignatureDoesNotMatch", undefined], what);
  }
  assert.equal(Object.keys(refused).length, 4);
});
