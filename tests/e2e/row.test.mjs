// What a row of the demo page shows of its file.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, throttleUpload } from "./harness/browser.mjs";
import { openDemo } from "./harness/demo.mjs";
import { Folder, MIB } from "./harness/files.mjs";
import { startServer } from "./harness/server.mjs";

/** Four pixels. */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8AARP8ZGBgAI+wD/TTKxsoAAAAASUVORK5CYII=", "base64");

let server, browser, folder;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  folder = new Folder();
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

test("an image shows itself in small; what only says that it is one, and other files, show a symbol", async () => {
  const demo = await openDemo(browser, server);
  await demo.choose([
    { name: "pixels.png", mimeType: "image/png", buffer: PNG },
    { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no pixels") },
    { name: "words.txt", mimeType: "text/plain", buffer: Buffer.from("words") },
  ]);
  await demo.waitForRows(3, "done");
  await demo.row("pixels.png").element.locator('[data-part="thumb"] .thumb-picture').waitFor();
  for (const name of ["broken.png", "words.txt"]) {
    const thumb = demo.row(name).element.locator('[data-part="thumb"]');
    assert.equal(await thumb.locator(".thumb-picture").count(), 0, name);
    assert.equal(await thumb.locator("svg").count(), 1, name);
  }
  demo.assertQuiet();
  await demo.close();
});

test("a file under way shows how far it is, how fast, and how long it will take", async () => {
  const file = folder.file("under-way.bin", 8 * MIB);
  const demo = await openDemo(browser, server);
  await throttleUpload(demo.page, 512 * 1024);
  await demo.choose(file.path);
  const row = demo.row(file.name);
  await row.isUnderWay(5);
  const { element } = row;
  await demo.page.waitForFunction((item) => /\/s$/.test(item.querySelector('[data-part="rate"]').textContent), await element.elementHandle());
  await demo.page.waitForFunction((item) => /\d/.test(item.querySelector('[data-part="left"]').textContent), await element.elementHandle());
  assert.match(await element.locator('[data-part="percent"]').innerText(), /^\d{1,2}\s?%$/);
  assert.match(await element.locator('[data-part="size"]').innerText(), /8(\.\d+)?\sM/);
  await throttleUpload(demo.page, 0);
  await row.reaches("done");
  assert.equal(await element.locator('[data-part="rate"]').innerText(), "");
  demo.assertQuiet();
  await demo.close();
});
