// Uploads that outlive their page: reloaded, closed, crashed, in two tabs; nothing that S3 has is sent twice.
import assert from "node:assert/strict";
import { appendFileSync, closeSync, openSync, utimesSync, writeSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertAccessible, tabTo } from "./harness/accessible.mjs";
import { drop, launch, openPage, throttleUpload } from "./harness/browser.mjs";
import { Bucket, readLink } from "./harness/bucket.mjs";
import { Demo, openDemo } from "./harness/demo.mjs";
import { Folder, MIB } from "./harness/files.mjs";
import { ENGINE, onlyChromium } from "./harness/engine.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";

const SLOW = 3 * MIB;
const SIZE = 40 * MIB;
const PARTS = 8;

let app, server, browser, folder, bucket;
before(async () => {
  app = await serveFixtures();
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] } }), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop(), app?.stop()]);
  folder?.remove();
});

/** Multipart uploads that S3 keeps unfinished. */
async function unfinishedAtS3() {
  const answer = await bucket.client.fetch(`${bucket.url}?uploads`);
  return [...(await answer.text()).matchAll(/<UploadId>([^<]*)</g)].map(([, id]) => id);
}

/** The numbers of the parts that a page sends from now on, and of those that S3 has taken. */
function watchParts(page) {
  const seen = { sent: [], taken: [] };
  const number = (request) => (request.method() === "PUT" ? new URL(request.url()).searchParams.get("partNumber") : null);
  page.on("request", (request) => number(request) && seen.sent.push(Number(number(request))));
  page.on("response", (response) => response.ok() && number(response.request()) && seen.taken.push(Number(number(response.request()))));
  return seen;
}

/** Sends a file slowly until S3 has some of its parts; tells which. */
async function begin(demo, file, least = 2) {
  const parts = watchParts(demo.page);
  await throttleUpload(demo.page, SLOW, server);
  await demo.choose(file.path);
  await until(() => parts.taken.length >= least, "no part was stored");
  // What S3 answered is noted at once, but not in the same moment.
  await demo.page.waitForTimeout(300);
  return [...parts.taken];
}

async function until(condition, message) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(message);
}

async function assertStored(row, file) {
  const { url } = await row.stored(120_000);
  const read = await readLink(url);
  assert.equal(read.sha256, file.sha256);
}

/** What was stored before was not sent again, and the rest once. */
function assertRest(before, after) {
  assert.deepEqual(after.sent.filter((number) => before.includes(number)), [], `sent again: ${after.sent} after ${before}`);
  assert.equal(new Set(after.sent).size, PARTS - before.length);
}

const saved = (page) => page.locator("#unfinished li.row");

test("reloaded in mid-upload: the file is chosen once more, and only the rest is sent", async () => {
  const file = folder.file("reloaded.bin", SIZE);
  const demo = await openDemo(browser, server);
  const parts = watchParts(demo.page);
  await begin(demo, file);
  await demo.page.reload();
  const before = [...parts.taken];
  const row = saved(demo.page);
  await row.waitFor();
  assert.match(await row.innerText(), /reloaded\.bin[\s\S]*in the bucket[\s\S]*same file/);
  await throttleUpload(demo.page, 0, server);
  const after = watchParts(demo.page);
  const [chooser] = await Promise.all([demo.page.waitForEvent("filechooser"), row.getByRole("button", { name: /^Choose the file/ }).click()]);
  await chooser.setFiles(file.path);
  await assertStored(demo.row(file.name), file);
  assertRest(before, after);
  assert.equal(await demo.page.locator("#unfinished").isVisible(), false);
  assert.deepEqual(await unfinishedAtS3(), []);
  demo.assertQuiet();
  await demo.close();
});

test("the tab closed, and opened again: the same file, added again, is known", async () => {
  const file = folder.file("closed.bin", SIZE);
  const demo = await openDemo(browser, server);
  const { taken: before } = watchParts(demo.page);
  await begin(demo, file);
  const context = demo.page.context();
  await demo.page.close();
  const page = await context.newPage();
  await page.goto(`${server.url}/`);
  const again = new Demo(page);
  await saved(page).waitFor();
  const after = watchParts(page);
  await again.choose(file.path);
  await assertStored(again.row(file.name), file);
  assertRest(before, after);
  await saved(page).waitFor({ state: "detached" });
  await context.close();
});

test("a file small enough to be kept goes on by one click, without being chosen", async () => {
  const file = folder.file("kept.bin", 18 * MIB);
  const demo = await openDemo(browser, server);
  const parts = watchParts(demo.page);
  await begin(demo, file, 1);
  await demo.page.reload();
  const before = [...parts.taken];
  const after = watchParts(demo.page);
  await throttleUpload(demo.page, 0, server);
  await saved(demo.page).getByRole("button", { name: /^Resume/ }).click();
  await assertStored(demo.row(file.name), file);
  assert.deepEqual(after.sent.filter((number) => before.includes(number)), []);
  demo.assertQuiet();
  await demo.close();
});

test("a file of one request that takes long is remembered with its bytes, and sent anew", async () => {
  const file = folder.file("one request.bin", 3 * MIB);
  const demo = await openDemo(browser, server);
  await throttleUpload(demo.page, 100_000, server);
  await demo.choose(file.path);
  await demo.row(file.name).isUnderWay(1);
  await demo.page.waitForTimeout(6000);
  await demo.page.reload();
  await throttleUpload(demo.page, 0, server);
  await saved(demo.page).getByText("Ready to go on").waitFor();
  await saved(demo.page).getByRole("button", { name: /^Resume/ }).click();
  await assertStored(demo.row(file.name), file);
  await demo.page.reload();
  await demo.page.waitForTimeout(500);
  assert.equal(await saved(demo.page).count(), 0);
  demo.assertQuiet();
  await demo.close();
});

test("a file handle: nothing is chosen, and nothing stored is sent again", { skip: ENGINE === "webkit" && "WebKitGTK has no private file system" }, async () => {
  const page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
  const endpoint = `${server.url}/sealift`;
  const first = watchParts(page);
  await throttleUpload(page, SLOW, server);
  await page.evaluate(
    async ([url, size]) => {
      const { createUploader } = await import("/js/index.js");
      const handle = await (await navigator.storage.getDirectory()).getFileHandle("handled.bin", { create: true });
      const writable = await handle.createWritable();
      await writable.write(new Uint8Array(size).map((_, index) => index >> 16));
      await writable.close();
      createUploader({ endpoint: url }).add(await handle.getFile(), { handle });
    },
    [endpoint, SIZE],
  );
  await until(() => first.taken.length >= 2, "no part was stored");
  await page.waitForTimeout(300);
  await page.reload();
  const before = [...first.taken];
  await throttleUpload(page, 0, server);
  const after = watchParts(page);
  const found = await page.evaluate(async (url) => {
    const { createUploader, hashFile } = await import("/js/index.js");
    const [one] = await createUploader({ endpoint: url }).saved();
    const upload = await one.resume();
    const { key } = await upload.result;
    return { key, needs: one.needs, resumed: upload.resumed, sha256: (await hashFile(upload.file)).sha256 };
  }, endpoint);
  assert.deepEqual([found.needs, found.resumed], ["nothing", true]);
  assertRest(before, after);
  assert.equal((await bucket.read(found.key)).sha256, found.sha256);
  await page.context().close();
});

test("a file that was dropped brings its handle: it is not chosen again", { skip: onlyChromium("only Chromium gives handles of dropped files") }, async () => {
  const file = folder.file("dropped.bin", SIZE);
  const demo = await openDemo(browser, server);
  const { page } = demo;
  const parts = watchParts(page);
  await throttleUpload(page, SLOW, server);
  await drop(page, [file.path]);
  await until(() => parts.taken.length >= 2, "no part was stored");
  await page.waitForTimeout(300);
  const before = [...parts.taken];
  await page.reload();
  await throttleUpload(page, 0, server);
  const after = watchParts(page);
  await saved(page).getByRole("button", { name: /^(Allow and resume|Resume)/ }).click();
  await assertStored(demo.row(file.name), file);
  assertRest(before, after);
  await demo.close();
});

test("a changed file is refused: when it shows at once, and when only hashing shows it", async () => {
  const file = folder.file("changed.bin", SIZE);
  // To the second: systems keep finer dates than browsers see.
  const date = new Date(1_700_000_000_000);
  utimesSync(file.path, date, date);
  const demo = await openDemo(browser, server);
  const [stored] = await begin(demo, file);
  await demo.page.reload();
  await throttleUpload(demo.page, 0, server);
  const choose = async () => {
    const [chooser] = await Promise.all([demo.page.waitForEvent("filechooser"), saved(demo.page).getByRole("button", { name: /^Choose the file/ }).click()]);
    await chooser.setFiles(file.path);
  };
  appendFileSync(file.path, "more");
  await choose();
  await saved(demo.page).getByText(/another file/).waitFor();

  // Of the same size and date again, but other where nobody looked: inside a part that S3 has.
  const handle = openSync(folder.file("changed.bin", SIZE).path, "r+");
  writeSync(handle, "XXXX", (stored - 1) * 5 * MIB + 200_000);
  closeSync(handle);
  utimesSync(file.path, date, date);
  await choose();
  const { code } = await demo.row(file.name).trouble();
  assert.equal(code, "file_changed");
  await demo.close();
});

test("aborted while nobody could be reached, then reloaded: nothing stays at S3", { skip: onlyChromium("WebDriver answers no request instead of the server") }, async () => {
  const file = folder.file("aborted.bin", SIZE);
  const demo = await openDemo(browser, server);
  const { page } = demo;
  const earlier = await unfinishedAtS3();
  await begin(demo, file);
  const [id] = (await unfinishedAtS3()).filter((one) => !earlier.includes(one));
  assert.ok(id);
  await page.route("**/sealift/uploads/delete", (route) => route.abort());
  await demo.row(file.name).press("cancel");
  await page.waitForTimeout(500);
  await page.unroute("**/sealift/uploads/delete");
  await page.reload();
  await until(async () => !(await unfinishedAtS3()).includes(id), "the upload is still at S3");
  assert.deepEqual(await page.evaluate(() => [document.querySelectorAll("li.row").length, document.querySelector("#unfinished").hidden]), [0, true]);
  await demo.close();
});

test("aborted while the endpoint would not, to the last try; then reloaded: nothing stays at S3", { skip: onlyChromium("WebDriver answers no request instead of the server") }, async () => {
  const file = folder.file("left behind.bin", SIZE);
  const demo = await openDemo(browser, server);
  const { page } = demo;
  const earlier = await unfinishedAtS3();
  await begin(demo, file);
  const [id] = (await unfinishedAtS3()).filter((one) => !earlier.includes(one));
  assert.ok(id);
  let asked = 0;
  await page.route("**/sealift/uploads/delete", (route) => ((asked += 1), route.fulfill({ status: 401, json: { error: { code: "unauthenticated", message: "sign in" } } })));
  await demo.row(file.name).press("cancel");
  await demo.row(file.name).reaches("aborted");
  assert.ok(asked > 0 && (await unfinishedAtS3()).includes(id));
  await page.unroute("**/sealift/uploads/delete");
  await page.reload();
  await until(async () => !(await unfinishedAtS3()).includes(id), "the upload is still at S3");
  assert.equal(await page.evaluate(() => document.querySelector("#unfinished").hidden), true);
  await demo.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`by keyboard alone, and accessible: what is unfinished is resumed (${colorScheme})`, { skip: onlyChromium("WebDriver chooses no colours, and less motion neither") }, async () => {
    const file = folder.file(`keys-${colorScheme}.bin`, 18 * MIB);
    const demo = await openDemo(browser, server, { colorScheme, reducedMotion: "reduce" });
    const { page } = demo;
    await begin(demo, file, 1);
    await page.reload();
    await throttleUpload(page, 0, server);
    await saved(page).waitFor();
    await assertAccessible(page);
    await tabTo(page, /^Discard: keys-/);
    await page.keyboard.press("Enter");
    await assertAccessible(page);
    // Leaving it takes back what was not pressed twice.
    await page.keyboard.press("Shift+Tab");
    assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /^Resume: keys-/);
    await page.keyboard.press("Enter");
    await demo.row(file.name).reaches("done");
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), "BODY");
    demo.assertQuiet();
    await demo.close();
  });
}

test("discarded: nothing stays at S3, and nothing is shown after a reload", async () => {
  const file = folder.file("discarded.bin", SIZE);
  const demo = await openDemo(browser, server);
  const { page } = demo;
  const earlier = await unfinishedAtS3();
  await begin(demo, file, 1);
  await page.reload();
  const discard = saved(page).getByRole("button", { name: /^(Discard|Really discard):/ });
  await discard.click();
  await discard.click();
  await saved(page).waitFor({ state: "detached" });
  assert.deepEqual(await unfinishedAtS3(), earlier);
  await page.reload();
  await page.waitForTimeout(500);
  assert.equal(await saved(page).count(), 0);
  demo.assertQuiet();
  await demo.close();
});

test("two tabs with the same file: one sends it, the other takes over when the first is closed", async () => {
  const file = folder.file("two tabs.bin", SIZE);
  const demo = await openDemo(browser, server);
  const taken = await begin(demo, file, 1);
  const context = demo.page.context();
  const page = await context.newPage();
  const after = watchParts(page);
  await page.goto(`${server.url}/`);
  const other = new Demo(page);
  await other.choose(file.path);
  const row = other.row(file.name);
  await row.reaches("waiting");
  assert.match(await row.element.innerText(), /another tab/);
  assert.deepEqual(after.sent, []);
  const before = (await Promise.all([demo.page.close(), taken]))[1];
  await assertStored(row, file);
  assert.deepEqual(after.sent.filter((number) => before.includes(number)), []);
  await context.close();
});
