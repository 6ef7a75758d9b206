// Fine Uploader S3 5.16 in Chromium against the server: docs/compat.md.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, throttleUpload } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { openClient, startWithClient } from "./harness/clients.mjs";
import { happens } from "./harness/events.mjs";
import { Folder, MIB } from "./harness/files.mjs";

const FINE = { "compat.fine_uploader": { prefix: "/fine" }, rules: { max_size: 20 * MIB } };
const IN_PARTS = { chunking: { enabled: true, mandatory: true, partSize: 5 * MIB, concurrent: { enabled: true } } };

let server, browser, folder, bucket;
before(async () => {
  [server, browser] = await Promise.all([startWithClient("fine.mjs", { docs: "fine-uploader", config: FINE }), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

/** Starts the client and hands it the page's files. */
async function open(files, more = {}) {
  const page = await openClient(browser, server, files);
  await page.evaluate(([place, given]) => globalThis.start(place, given), [page.place, more]);
  return page;
}

const add = (page) => page.evaluate(() => globalThis.uploader.addFiles(document.querySelector("input").files));
const close = (page) => page.context().close();

async function uploaded(page) {
  await add(page);
  const { result } = await happens(page, server, "complete");
  assert.equal(result.success, true, JSON.stringify(result));
  return result;
}

async function assertStored(key, file) {
  const read = await bucket.read(key);
  assert.equal(read.status, 200);
  assert.equal(read.sha256, file.sha256);
  return read;
}

test("in one request: the bytes arrive, with a receipt", async () => {
  const file = folder.file("ünder & über.txt", 70_000);
  const page = await open([file]);
  const result = await uploaded(page);
  await assertStored(result.key, file);
  const verified = await server.call("receipts/verify", { receipts: [result.receipt] }, { authorization: `Bearer ${server.appKey()}` });
  assert.equal(verified.body.results[0].key, result.key);
  await close(page);
});

test("in parts: the bytes arrive", async () => {
  const file = folder.file("parts.bin", 12 * MIB);
  const page = await open([file], IN_PARTS);
  await assertStored((await uploaded(page)).key, file);
  await close(page);
});

for (const method of ["DELETE", "POST"]) {
  test(`delete by ${method}`, async () => {
    const file = folder.file(`delete-${method}.txt`, 1000);
    const page = await open([file], { deleteFile: { enabled: true, endpoint: "/fine/files", method } });
    const { key } = await uploaded(page);
    await page.evaluate(() => globalThis.uploader.deleteFile(0));
    assert.equal((await happens(page, server, "deleted")).isError, false);
    assert.equal((await bucket.read(key)).status, 404);
    await close(page);
  });
}

test("the session lists what the user has, with links for thumbnails", async () => {
  const file = folder.file("thumbnail.png", 500);
  const first = await open([file]);
  const { key } = await uploaded(first);
  await close(first);
  const page = await open([file], { session: { endpoint: "/fine/session" } });
  const { response, success } = await happens(page, server, "session");
  assert.equal(success, true);
  const found = response.find(({ s3Key }) => s3Key === key);
  assert.equal(found.name, file.name);
  assert.equal(found.size, file.size);
  assert.equal((await fetch(found.thumbnailUrl)).status, 200);
  await close(page);
});

test("cancel gives the parts up", async () => {
  const file = folder.file("cancelled.bin", 16 * MIB);
  const page = await open([file], { ...IN_PARTS, resume: { enabled: true } });
  await throttleUpload(page, 4 * MIB);
  await add(page);
  await happens(page, server, "chunk");
  await page.evaluate(() => globalThis.uploader.cancel(0));
  await happens(page, server, "cancel");
  const given = Date.now() + 20_000;
  while ((await bucket.uploads()).length > 0 && Date.now() < given) await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(await bucket.uploads(), []);
  await close(page);
});

test("a part that S3 refuses is sent again", async () => {
  const file = folder.file("again.bin", 6 * MIB);
  await server.inject({ operation: "UploadPart", kind: "status", status: 503, code: "SlowDown" });
  const page = await open([file], IN_PARTS);
  await assertStored((await uploaded(page)).key, file);
  assert.ok(await page.evaluate(() => globalThis.events.some(({ event }) => event === "retry")));
  await server.clearFaults();
  await close(page);
});

for (const [way, more] of [["one request", {}], ["parts", IN_PARTS]]) {
  test(`too large, in ${way}: refused, and not there`, async () => {
    const file = folder.file(`large-${way}.bin`, 21 * MIB);
    const before = await bucket.list();
    const page = await open([file], { ...more, retry: { enableAuto: false } });
    await add(page);
    const { result } = await happens(page, server, "complete");
    assert.notEqual(result.success, true);
    assert.deepEqual(await bucket.list(), before);
    await close(page);
  });
}

test("a refusal is said in the client's words", async () => {
  const answer = await fetch(`${server.url}/fine/signature?v4=true`, { method: "POST", body: "{}" });
  const body = await answer.json();
  assert.equal(body.invalid, true);
  assert.equal(body.preventRetry, true);
  const foreign = await fetch(`${server.url}/fine/session`, { headers: { origin: "https://evil.example" } });
  assert.equal(foreign.status, 403);
});
