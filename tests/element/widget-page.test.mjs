// The demo's page of the element: what the editor says is what the element does, and what the source says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "../e2e/harness/accessible.mjs";
import { launch, openPage } from "../e2e/harness/browser.mjs";
import { Folder } from "../e2e/harness/files.mjs";
import { startServer } from "../e2e/harness/server.mjs";

let server, browser, folder;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  folder = new Folder();
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

test("a ticket is sent with the receipt of its file", async () => {
  const page = await openPage(browser);
  await page.goto(`${server.url}/widget.html`);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Choose files" }).click()]);
  await chooser.setFiles(folder.file("ticket.bin", 10_000).path);
  await page.locator('sealift-upload .row[data-state="done"]').waitFor();
  await page.getByRole("button", { name: "Send the ticket" }).click();
  assert.equal(await page.locator("#sent").innerText(), "Sent, with 1 receipt as “attachments”.");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("what is edited is seen at once, and stands in the source", async () => {
  const page = await openPage(browser);
  await page.goto(`${server.url}/widget.html`);
  await page.locator("#accent").fill("#ffd400");
  await page.locator("#lang").selectOption("de");
  await page.locator("#max-size").selectOption("10 MB");
  const button = page.getByRole("button", { name: "Dateien wählen" });
  await button.waitFor();
  const colours = await button.evaluate((it) => [getComputedStyle(it).backgroundColor, getComputedStyle(it).color]);
  assert.deepEqual(colours, ["rgb(255, 212, 0)", "rgb(0, 0, 0)"]);
  assert.match(await page.locator("#html").innerText(), /<sealift-upload endpoint="\/sealift" name="attachments" multiple directory max-size="10 MB" lang="de"><\/sealift-upload>/);
  assert.match(await page.locator("#css").innerText(), /--sealift-accent: light-dark\(#ffd400, /);
  await page.context().close();
});

for (const [colorScheme, width] of [["light", 1200], ["dark", 360]]) {
  test(`nothing is found by axe: ${colorScheme}, ${width} pixels`, async () => {
    const page = await openPage(browser, { colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce" });
    await page.goto(`${server.url}/widget.html`);
    await page.getByRole("button", { name: "Choose files" }).waitFor();
    await assertAccessible(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    if (process.env.SEALIFT_SHOTS) await page.screenshot({ path: `${process.env.SEALIFT_SHOTS}/widget-${colorScheme}-${width}.png`, fullPage: true });
    await page.context().close();
  });
}
