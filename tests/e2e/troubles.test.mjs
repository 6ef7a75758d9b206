// What goes wrong on the way, and what the page makes of it: faults are injected into dev-s3, or the network is slow
// while somebody acts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, throttleUpload } from "./harness/browser.mjs";
import { Bucket, readLink } from "./harness/bucket.mjs";
import { openDemo } from "./harness/demo.mjs";
import { Folder, MIB } from "./harness/files.mjs";
import { startServer } from "./harness/server.mjs";

/** What Chromium says on the console about answers that a test asked for. */
const FAILED_LOADS = /Failed to load resource/;
const SLOW = 256 * 1024;

let server, browser, folder, bucket;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

const keysWith = async (text) => (await bucket.list()).filter((key) => key.includes(text));

async function assertStored(row, file) {
  const { url, key } = await row.stored(120_000);
  const read = await readLink(url);
  assert.equal(read.status, 200);
  assert.equal(read.sha256, file.sha256);
  return key;
}

const FAULTS = [
  ["a 500", { kind: "status", status: 500, code: "InternalError" }],
  ["a 503 SlowDown", { kind: "status", status: 503, code: "SlowDown" }],
  ["a 503 of a proxy, without S3's document", { kind: "status", status: 503 }],
  ["a reset before the answer", { kind: "reset" }],
  ["a reset in the middle of the body", { kind: "reset", after_bytes: 100_000 }],
  ["an answer that is lost after S3 acted", { kind: "swallow_answer" }],
];
for (const [label, fault] of FAULTS) {
  test(`after ${label} the file is sent again and arrives whole`, async () => {
    const file = folder.file(`fault ${label.replaceAll(/[^a-z0-9]+/gi, "-")}.bin`, 300_000);
    const demo = await openDemo(browser, server);
    await server.inject({ operation: "PutObject", times: 1, ...fault }, { operation: "PostObject", times: 1, ...fault });
    await demo.choose(file.path);
    await assertStored(demo.row(file.name), file);
    demo.assertQuiet(FAILED_LOADS);
    await server.clearFaults();
    await demo.close();
  });
}

test("two failures in a row: every attempt is signed anew", async () => {
  const file = folder.file("twice.bin", 50_000);
  const demo = await openDemo(browser, server);
  const signatures = [];
  demo.page.on("request", (request) => {
    if (request.method() === "PUT") signatures.push(request.headers().authorization);
  });
  await demo.page.getByText("Settings", { exact: true }).click();
  await demo.page.locator('input[name="transport"][value="put"]').check();
  await server.inject({ operation: "PutObject", times: 2, kind: "status", status: 503, code: "SlowDown" });
  await demo.choose(file.path);
  await assertStored(demo.row(file.name), file);
  assert.equal(signatures.length, 3);
  await demo.close();
});

test("what S3 refuses for good is not tried again, and the page says so", async () => {
  const file = folder.file("denied.bin", 5_000);
  const demo = await openDemo(browser, server);
  const fault = { times: 20, kind: "status", status: 403, code: "AccessDenied" };
  await server.inject({ operation: "PutObject", ...fault }, { operation: "PostObject", ...fault });
  await demo.choose(file.path);
  const { sentence } = await demo.row(file.name).trouble();
  assert.notEqual(sentence, "");
  await server.clearFaults();
  // The button goes on from there.
  await demo.row(file.name).press("retry");
  await assertStored(demo.row(file.name), file);
  await demo.close();
});

test("cancel in the middle leaves nothing in the bucket", async () => {
  const file = folder.file("cancelled.bin", 4 * MIB);
  const demo = await openDemo(browser, server);
  await throttleUpload(demo.page, SLOW);
  await demo.choose(file.path);
  const row = demo.row(file.name);
  await row.isUnderWay();
  await row.press("cancel");
  await row.reaches("aborted");
  await throttleUpload(demo.page, 0);
  assert.deepEqual(await keysWith("cancelled"), []);
  // And it can be sent after all.
  await row.press("again");
  await assertStored(row, file);
  assert.equal((await keysWith("cancelled")).length, 1);
  demo.assertQuiet();
  await demo.close();
});

test("pause stops the bytes, resume brings the rest", async () => {
  const file = folder.file("paused.bin", 4 * MIB);
  const demo = await openDemo(browser, server);
  await throttleUpload(demo.page, SLOW);
  await demo.choose(file.path);
  const row = demo.row(file.name);
  await row.isUnderWay();
  await row.press("pause");
  await row.reaches("paused");
  await throttleUpload(demo.page, 0);
  assert.deepEqual(await keysWith("paused"), []);
  await row.press("resume");
  await assertStored(row, file);
  demo.assertQuiet();
  await demo.close();
});

test("delete from the page removes the object, after it was asked twice", async () => {
  const file = folder.file("deleted.txt", 777);
  const demo = await openDemo(browser, server);
  await demo.choose(file.path);
  const row = demo.row(file.name);
  const key = await assertStored(row, file);
  await row.press("delete");
  assert.equal(await row.state(), "done");
  await row.press("delete");
  await row.reaches("deleted");
  assert.ok(!(await bucket.list()).includes(key));
  assert.equal((await bucket.read(key)).status, 404);
  demo.assertQuiet();
  await demo.close();
});

test("a server that restarts in mid-upload costs an attempt, not the file", async () => {
  const file = folder.file("restart.bin", 4 * MIB);
  const demo = await openDemo(browser, server);
  await throttleUpload(demo.page, SLOW);
  await demo.choose(file.path);
  const row = demo.row(file.name);
  await row.isUnderWay();
  await server.kill();
  await demo.page.waitForFunction((name) => {
    const rows = [...document.querySelectorAll("li.row")];
    return rows.some((candidate) => candidate.textContent.includes(name) && candidate.dataset.state !== "uploading");
  }, file.name);
  await throttleUpload(demo.page, 0);
  await server.start();
  await assertStored(row, file);
  demo.assertQuiet(FAILED_LOADS);
  await demo.close();
});

test("a form transport carries a file too, and the bucket holds the same bytes", async () => {
  const file = folder.file("by form ü.bin", 2 * MIB);
  const demo = await openDemo(browser, server);
  const methods = new Set();
  demo.page.on("request", (request) => {
    if (request.url().startsWith(server.s3Url)) methods.add(request.method());
  });
  await demo.page.getByText("Settings", { exact: true }).click();
  await demo.page.locator('input[name="transport"][value="post"]').check();
  await demo.choose(file.path);
  await assertStored(demo.row(file.name), file);
  assert.deepEqual([...methods], ["POST"]);
  demo.assertQuiet();
  await demo.close();
});
