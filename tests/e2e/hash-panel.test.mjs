// "Hash a file" on the demo page: what it shows is what other implementations say.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertAccessible, tabTo } from "./harness/accessible.mjs";
import { launch } from "./harness/browser.mjs";
import { openDemo } from "./harness/demo.mjs";
import { Folder } from "./harness/files.mjs";
import { startServer } from "./harness/server.mjs";

const MIB = 1024 * 1024;

let server, browser, folder;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  folder = new Folder();
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

/** Opens the panel by keyboard and gives it a file. */
async function hash(page, path) {
  const opening = page.waitForEvent("filechooser");
  await tabTo(page, /^Choose a file to hash$/);
  await page.keyboard.press("Enter");
  await (await opening).setFiles(path);
}

/** What is shown, by the digest's name. */
function shown(page) {
  return page.$$eval("#hashing .digests > div", (rows) => Object.fromEntries(rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("code").textContent])));
}

test("all digests of a file, by keyboard alone, with the speed; each can be copied", async () => {
  const { path } = folder.file("a film.bin", 20 * MIB + 1);
  const demo = await openDemo(browser, server);
  const { page } = demo;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await tabTo(page, /^Hash a file$/);
  await page.keyboard.press("Enter");
  await hash(page, path);
  await page.locator("#hashing .digests > div").nth(5).waitFor();

  const bytes = readFileSync(path);
  const of = (name) => createHash(name).update(bytes).digest("hex");
  const digests = await shown(page);
  assert.deepEqual(Object.keys(digests), ["SHA-256", "SHA-1", "MD5", "CRC64NVME", "CRC32C", "CRC32"]);
  assert.deepEqual([digests["SHA-256"], digests["SHA-1"], digests.MD5], ["sha256", "sha1", "md5"].map(of));
  for (const [name, length] of [["CRC64NVME", 8], ["CRC32C", 4], ["CRC32", 4]]) assert.equal(Buffer.from(digests[name], "base64").length, length, name);
  assert.match(await page.textContent("#hashing .hash-rate"), /^21\sMB · \d+\.\d+\ss, [\d.]+\s[kM]B\/s$/);
  assert.equal(await page.getAttribute("#hashing .bar", "aria-valuenow"), "100");
  await assertAccessible(page);

  await tabTo(page, /^Copy MD5$/);
  await page.keyboard.press("Enter");
  await page.getByText("Copied", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), digests.MD5);
  demo.assertQuiet();
  await demo.close();
});

test("only what is wanted; none wanted, none chosen; a big one is stopped, and the next one begins", async () => {
  const [big, small] = [folder.file("big.bin", 300 * MIB), folder.file("small.txt", 5)];
  const demo = await openDemo(browser, server);
  const { page } = demo;
  await page.click("#hashing summary");
  for (const name of ["SHA-1", "MD5", "CRC64NVME", "CRC32C", "CRC32"]) await page.locator("#hashing").getByLabel(name, { exact: true }).uncheck();
  await hash(page, big.path);
  await page.getByText("Stop", { exact: true }).click();
  await page.locator("#hashing .hash-run").waitFor({ state: "hidden" });
  assert.deepEqual(await shown(page), {});

  await hash(page, small.path);
  await page.locator("#hashing .digests > div").waitFor();
  assert.deepEqual(await shown(page), { "SHA-256": createHash("sha256").update(readFileSync(small.path)).digest("hex") });

  await page.locator("#hashing").getByLabel("SHA-256", { exact: true }).uncheck();
  assert.equal(await page.isDisabled('[data-hash="choose"]'), true);
  demo.assertQuiet();
  await demo.close();
});
