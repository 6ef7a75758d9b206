// What the rules refuse, as a person sees it on the page; and pages that may not call at all.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, throttleUpload } from "./harness/browser.mjs";
import { Bucket, readLink } from "./harness/bucket.mjs";
import { openDemo } from "./harness/demo.mjs";
import { Folder, MIB } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";

let browser, folder;
const running = [];
before(async () => {
  browser = await launch();
  folder = new Folder();
});
after(async () => {
  await Promise.all([browser?.close(), ...running.map((server) => server.stop())]);
  folder?.remove();
});

async function start(config) {
  const server = await startServer(config);
  running.push(server);
  return server;
}

test("a file that is too large or of another type is refused with the reason; its neighbours arrive", async () => {
  const server = await start({ rules: { max_size: 1000, types: ["text/plain", "image/*"] } });
  const demo = await openDemo(browser, server);
  const good = folder.file("good.txt", 1000);
  const large = folder.file("large.txt", 1001);
  const page = folder.file("page.html", 10);
  await demo.choose([large.path, good.path, page.path]);
  assert.equal((await demo.row(large.name).trouble()).code, "size_refused");
  assert.equal((await demo.row(page.name).trouble()).code, "type_refused");
  const { url, key } = await demo.row(good.name).stored();
  assert.equal((await readLink(url)).sha256, good.sha256);
  assert.deepEqual(await new Bucket(server).list(), [key]);
  await demo.close();
});

for (const [label, rules] of [
  ["renewed while it may be", { grant_lifetime: 2, grant_max_age: 600 }],
  ["replaced when it is too old for that", { grant_lifetime: 2, grant_max_age: 2 }],
]) {
  test(`a grant that runs out while the upload rests is ${label}`, async () => {
    const server = await start({ rules });
    const bucket = new Bucket(server);
    const demo = await openDemo(browser, server);
    const file = folder.file("rested.bin", 4 * MIB);
    const granted = demo.page.waitForResponse((response) => response.url().endsWith("/sealift/uploads"));
    await throttleUpload(demo.page, 128 * 1024);
    await demo.choose(file.path);
    const row = demo.row(file.name);
    await row.isUnderWay(1);
    await row.press("pause");
    await row.reaches("paused");
    const { uploads } = await (await granted).json();
    const { token, expires } = uploads[0].grant;
    await untilServerTime(server, Date.parse(expires) + 1000);

    // The old grant itself signs nothing any more.
    const { body } = await server.call("sign", { requests: [{ token, intents: [{ op: "put" }] }] });
    assert.equal(body.results[0].requests, undefined);
    assert.equal(body.results[0].error.code, "grant_expired");

    await throttleUpload(demo.page, 0);
    await row.press("resume");
    const { url, key } = await row.stored();
    assert.equal((await readLink(url)).sha256, file.sha256);
    assert.deepEqual(await bucket.list(), [key]);
    await demo.close();
  });
}

test("a page of an origin that is not configured gets nothing; of one that is, it uploads", async () => {
  const fixtures = await serveFixtures();
  running.push(fixtures);
  const strict = await start();
  const open = await start({ server: { origins: [fixtures.url] } });
  const page = await openPage(browser);
  await page.goto(`${fixtures.url}/blank.html`);
  const upload = (endpoint) =>
    page.evaluate(async (where) => {
      const { createUploader } = await import("/js/index.js");
      const uploader = createUploader({ endpoint: where });
      try {
        return await uploader.add(new File(["from elsewhere"], "elsewhere.txt", { type: "text/plain" })).result;
      } catch (error) {
        return { failed: true, name: error.name, code: error.code, message: error.message };
      }
    }, `${endpoint.url}/sealift`);

  const refused = await upload(strict);
  assert.equal(refused.failed, true, JSON.stringify(refused));
  assert.equal(refused.name, "SealiftError");
  assert.deepEqual(await new Bucket(strict).list(), []);

  const stored = await upload(open);
  assert.equal(stored.failed, undefined, JSON.stringify(stored));
  const read = await readLink(stored.url);
  assert.equal(read.size, "from elsewhere".length);

  // Without a browser's say: the server itself refuses a call that another page made.
  const { status, body } = await strict.call("uploads", { files: [] }, { origin: fixtures.url });
  assert.deepEqual([status, body.error.code], [403, "origin_refused"]);
  await page.context().close();
});

/** Waits until the server's own clock is past a moment. */
async function untilServerTime(server, moment) {
  for (;;) {
    const { body } = await server.call("uploads", { files: [] });
    const now = Date.parse(body.now);
    if (now >= moment) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(250, moment - now)));
  }
}
