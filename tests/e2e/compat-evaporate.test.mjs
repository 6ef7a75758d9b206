// EvaporateJS 2.1 in Chromium against the server: docs/compat.md.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, throttleUpload } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { openClient, startWithClient } from "./harness/clients.mjs";
import { happens } from "./harness/events.mjs";
import { Folder, MIB } from "./harness/files.mjs";

const EVAPORATE = { "compat.evaporate": { prefix: "/evaporate" }, rules: { max_size: 20 * MIB } };

let server, browser, folder, bucket;
before(async () => {
  [server, browser] = await Promise.all([startWithClient("evaporate.mjs", { docs: "evaporate", config: EVAPORATE }), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

async function open(files, more = {}) {
  const page = await openClient(browser, server, files);
  await page.evaluate(([place, given]) => globalThis.start(place, given), [page.place, more]);
  return page;
}

const close = (page) => page.context().close();

for (const size of [70_000, 12 * MIB]) {
  test(`a file of ${size} bytes arrives`, async () => {
    const file = folder.file(`ünder (über) ${size}.bin`, size);
    const page = await open([file]);
    const { key } = await happens(page, server, "complete");
    assert.equal((await bucket.read(key)).sha256, file.sha256);
    const answer = await fetch(`${server.url}/evaporate/success`, { method: "POST", body: new URLSearchParams({ key, name: file.name }) });
    assert.equal((await answer.json()).size, file.size);
    await close(page);
  });
}

test("cancel gives the parts up", async () => {
  const file = folder.file("cancelled.bin", 18 * MIB);
  const page = await open([file]);
  await throttleUpload(page, 2 * MIB);
  await happens(page, server, "started");
  await page.waitForFunction(() => globalThis.events.some(({ event, fraction }) => event === "progress" && fraction > 0.05));
  await page.evaluate(() => globalThis.evaporate.cancel());
  const given = Date.now() + 20_000;
  while ((await bucket.uploads()).length > 0 && Date.now() < given) await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(await bucket.uploads(), []);
  await close(page);
});

test("a part that S3 refuses is sent again", async () => {
  const file = folder.file("again.bin", 7 * MIB);
  await server.inject({ operation: "UploadPart", kind: "status", status: 503, code: "SlowDown" });
  const page = await open([file]);
  const { key } = await happens(page, server, "complete");
  assert.equal((await bucket.read(key)).sha256, file.sha256);
  await server.clearFaults();
  await close(page);
});

test("too large: its Complete is not signed, and the client hears of it", async () => {
  const file = folder.file("large.bin", 21 * MIB);
  const before = await bucket.list();
  const page = await open([file]);
  await happens(page, server, "failed");
  assert.deepEqual(await bucket.list(), before);
  await close(page);
});
