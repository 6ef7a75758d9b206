// Files of all sizes and names, from the page into the bucket, byte for byte.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { drop, launch } from "./harness/browser.mjs";
import { Bucket, readLink, readWithBoto3 } from "./harness/bucket.mjs";
import { openDemo } from "./harness/demo.mjs";
import { Folder, KIB, MIB } from "./harness/files.mjs";
import { onlyChromium } from "./harness/engine.mjs";
import { startServer } from "./harness/server.mjs";
import { ensureBoto3 } from "../../scripts/lib/python.mjs";

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

/** The bytes behind the link and the bytes under the key are the file's. */
async function assertStored(row, file, timeout) {
  const { url, key } = await row.stored(timeout);
  const [linked, read] = await Promise.all([readLink(url), bucket.read(key)]);
  for (const found of [linked, read]) {
    assert.equal(found.status, 200);
    assert.equal(found.size, file.size);
    assert.equal(found.sha256, file.sha256, `bytes of ${file.name}`);
  }
  return { key, headers: linked.headers };
}

for (const [label, size] of [["0 B", 0], ["1 B", 1], ["5 MiB", 5 * MIB], ["64 MiB", 64 * MIB]]) {
  test(`a file of ${label} arrives whole`, async () => {
    const file = folder.file(`size-${size}.bin`, size);
    const demo = await openDemo(browser, server);
    await demo.choose(file.path);
    await assertStored(demo.row(file.name), file, 120_000);
    demo.assertQuiet();
    await demo.close();
  });
}

const AWKWARD = [
  "a+b c/ü'%.txt",
  "plus+and space.txt",
  "percent%20literal%.txt",
  "日本語のファイル.txt",
  "emoji 🚢.txt",
  "nfd-u\u0308.txt",
  "quotes ' \" and (parens)!*.txt",
  "semi;colon,comma=equals&and#hash?query.txt",
  ".hidden",
  "no-extension",
  "trailing dot.",
];

test("awkward names arrive, each under a key of its own", async () => {
  const files = AWKWARD.map((name, index) => folder.file(name, 200 + index));
  const demo = await openDemo(browser, server);
  await demo.choose(files.map((file) => file.path));
  const keys = [];
  for (const file of files) keys.push((await assertStored(demo.row(file.name), file)).key);
  assert.equal(new Set(keys).size, files.length);
  demo.assertQuiet();
  await demo.close();
});

test("a folder chosen with the button: `a+b c/ü'%.txt`", { skip: onlyChromium("WebDriver chooses no folders") }, async () => {
  const file = folder.file("a+b c/ü'%.txt", 321);
  const demo = await openDemo(browser, server);
  const [chooser] = await Promise.all([demo.page.waitForEvent("filechooser"), demo.page.click("#choose-folder")]);
  await chooser.setFiles(`${folder.path}/a+b c`);
  await demo.waitForRows(1, "done");
  const read = await readLink(await demo.rows().locator('[data-action="open"]').getAttribute("href"));
  assert.equal(read.sha256, file.sha256);
  assert.match(await demo.rows().innerText(), /ü'%\.txt/);
  demo.assertQuiet();
  await demo.close();
});

test("a name is kept: the link offers the file under it", async () => {
  const file = folder.file("Übersicht 2026.txt", 10);
  const demo = await openDemo(browser, server);
  await demo.choose(file.path);
  const { headers } = await assertStored(demo.row(file.name), file);
  const disposition = headers.get("content-disposition") ?? "";
  assert.match(disposition, /filename\*=UTF-8''%C3%9Cbersicht%202026\.txt/);
  await demo.close();
});

test("50 files at once arrive whole", async () => {
  const files = Array.from({ length: 50 }, (_, index) => folder.file(`fifty-${index}.dat`, index * 3 * KIB + index));
  const demo = await openDemo(browser, server);
  await demo.choose(files.map((file) => file.path));
  await demo.waitForRows(50, "done");
  for (const file of files) await assertStored(demo.row(file.name), file);
  assert.match(await demo.page.locator('[data-part="count"]').innerText(), /^50\sfiles stored$/);
  demo.assertQuiet();
  await demo.close();
});

test("a folder dropped on the page brings all its files, however deep", { skip: onlyChromium("WebDriver drops nothing on a page") }, async () => {
  const files = [folder.file("drop/top.txt", 11), folder.file("drop/deep/er/below ü.txt", 22), folder.file("drop/deep/empty.txt", 0)];
  const demo = await openDemo(browser, server);
  await drop(demo.page, [`${folder.path}/drop`]);
  await demo.waitForRows(files.length, "done");
  const bySha = new Map(files.map((file) => [file.sha256, file]));
  for (const row of await demo.rows().all()) {
    const read = await readLink(await row.locator('[data-action="open"]').getAttribute("href"));
    assert.ok(bySha.delete(read.sha256), "a file that was not in the folder, or came twice");
  }
  assert.equal(bySha.size, 0);
  demo.assertQuiet();
  await demo.close();
});

test("files and a folder dropped together all arrive", { skip: onlyChromium("WebDriver drops nothing on a page") }, async () => {
  const single = folder.file("single.txt", 33);
  const inFolder = folder.file("mixed/inside.txt", 44);
  const demo = await openDemo(browser, server);
  await drop(demo.page, [single.path, `${folder.path}/mixed`]);
  await demo.waitForRows(2, "done");
  const hashes = await Promise.all((await demo.rows().all()).map(async (row) => (await readLink(await row.locator('[data-action="open"]').getAttribute("href"))).sha256));
  assert.deepEqual(hashes.sort(), [single.sha256, inFolder.sha256].sort());
  await demo.close();
});

test("boto3 lists and reads what the page uploaded", async () => {
  const python = await ensureBoto3();
  const files = [folder.file("for boto3 ü+%.txt", 4321), folder.file("for-boto3.bin", 70_000)];
  const demo = await openDemo(browser, server);
  await demo.choose(files.map((file) => file.path));
  const objects = new Map();
  for (const file of files) objects.set((await assertStored(demo.row(file.name), file)).key, file);
  const read = readWithBoto3(server, python);
  assert.equal(read.length, (await bucket.list()).length);
  for (const [key, file] of objects) {
    const found = read.find((object) => object.key === key);
    assert.ok(found, `boto3 does not list ${key}`);
    assert.equal(found.sha256, file.sha256);
    assert.equal(found.listedSize, file.size);
    assert.equal(found.etag, found.listedEtag);
  }
  await demo.close();
});
