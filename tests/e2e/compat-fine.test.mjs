// Fine Uploader S3 5.16 in Chromium against the server: docs/compat.md.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, throttleUpload } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { openClient, startWithClient } from "./harness/clients.mjs";
import { Folder, MIB } from "./harness/files.mjs";

const FINE = { "compat.fine_uploader": { prefix: "/fine" } };
let server, browser, folder, bucket;
before(async () => {
  [server, browser] = await Promise.all([startWithClient("fine.mjs", { config: FINE }), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

/** Starts the client and hands it the page's files. */
async function open(files, options) {
  const page = await openClient(browser, server, files);
  await page.evaluate(([place, given]) => globalThis.start(place, given), [page.place, options]);
  await page.evaluate(() => globalThis.uploader.addFiles(document.querySelector("input").files));
  return page;
}

/** Waits for an event and answers it. */
async function happens(page, event, count = 1) {
  try {
    await page.waitForFunction(([wanted, least]) => globalThis.events.filter(({ event }) => event === wanted).length >= least, [event, count]);
  } catch (error) {
    throw new Error(`no "${event}" but ${JSON.stringify(await page.evaluate(() => globalThis.events))}\n${server.log.slice(-2000)}`, { cause: error });
  }
  return page.evaluate((wanted) => globalThis.events.filter(({ event }) => event === wanted).at(-1), event);
}

const close = (page) => page.context().close();

for (const version of [2, 4]) {
  test(`one request, signature version ${version}: the bytes arrive, with a receipt`, async () => {
    const file = folder.file(`ünder & über v${version}.txt`, 70_000);
    const page = await open([file], { version });
    const { result } = await happens(page, "complete");
    assert.equal(result.success, true, JSON.stringify(result));
    const read = await bucket.read(result.key);
    assert.equal(read.sha256, file.sha256);
    assert.equal(read.headers.get("x-amz-meta-ticket"), "42");
    const verified = await server.call("receipts/verify", { receipts: [result.receipt] }, { authorization: `Bearer ${server.appKey()}` });
    assert.equal(verified.body.results[0].key, result.key);
    await close(page);
  });

  test(`in parts, signature version ${version}: the bytes arrive`, async () => {
    const file = folder.file(`parts-v${version}.bin`, 12 * MIB);
    const page = await open([file], { version, chunking: true });
    const { result } = await happens(page, "complete");
    assert.equal(result.success, true, JSON.stringify(result));
    assert.equal((await bucket.read(result.key)).sha256, file.sha256);
    await close(page);
  });
}
