// The demo page for everybody: by keyboard alone, for screen readers, in light and dark.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, tabTo } from "./harness/accessible.mjs";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket, readLink } from "./harness/bucket.mjs";
import { openDemo } from "./harness/demo.mjs";
import { Folder } from "./harness/files.mjs";
import { startServer } from "./harness/server.mjs";

let server, browser, folder;
before(async () => {
  [server, browser] = await Promise.all([startServer({ rules: { max_size: 1_000_000 } }), launch()]);
  folder = new Folder();
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

test("a file is uploaded, opened and deleted by keyboard alone", async () => {
  const file = folder.file("by-keyboard.txt", 1234);
  const demo = await openDemo(browser, server);
  const { page } = demo;
  // Before the way to the button: the browser has to be told first, and a key is quicker than that.
  const opening = page.waitForEvent("filechooser");
  await tabTo(page, /^Choose files$/);
  await page.keyboard.press("Enter");
  const chooser = await opening;
  await chooser.setFiles(file.path);
  const row = demo.row(file.name);
  const { url, key } = await row.stored();
  assert.equal((await readLink(url)).sha256, file.sha256);

  await tabTo(page, /^Open: by-keyboard\.txt$/);
  const [opened] = await Promise.all([page.context().waitForEvent("page"), page.keyboard.press("Enter")]);
  await opened.close();

  await tabTo(page, /^Delete from the bucket: by-keyboard\.txt$/);
  await page.keyboard.press("Enter");
  assert.equal(await row.state(), "done");
  await page.keyboard.press("Enter");
  await row.reaches("deleted");
  assert.ok(!(await new Bucket(server).list()).includes(key));
  // The focus is still somewhere useful, not lost to the page's top.
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), "BODY");
  demo.assertQuiet();
  await demo.close();
});

test("what happens is said aloud", async () => {
  const good = folder.file("said.txt", 10);
  const large = folder.file("said-large.txt", 1_000_001);
  const demo = await openDemo(browser, server);
  const announced = demo.page.locator('#announcer[role="status"]');
  await demo.page.evaluate(() => {
    window.said = [];
    const announcer = document.getElementById("announcer");
    new MutationObserver(() => window.said.push(announcer.textContent)).observe(announcer, { childList: true, characterData: true, subtree: true });
  });
  await demo.choose([good.path, large.path]);
  await demo.row(good.name).reaches("done");
  await demo.row(large.name).reaches("failed");
  await demo.page.waitForFunction(() => /stored/i.test(window.said.join("\n")) && /said-large\.txt was not stored/.test(window.said.join("\n")));
  assert.equal(await announced.count(), 1);
  await demo.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`no accessibility rule is broken, ${colorScheme}: empty, with files in every end state, settings open`, async () => {
    const demo = await openDemo(browser, server, { colorScheme, reducedMotion: "reduce" });
    await assertAccessible(demo.page);
    const good = folder.file(`axe-${colorScheme}.txt`, 10);
    const large = folder.file(`axe-large-${colorScheme}.txt`, 1_000_001);
    await demo.choose([good.path, large.path]);
    await demo.row(good.name).reaches("done");
    await demo.row(large.name).reaches("failed");
    await demo.page.getByText("Settings", { exact: true }).click();
    await assertAccessible(demo.page);
    await demo.close();
  });

  test(`no accessibility rule is broken on the form, ${colorScheme}`, async () => {
    const page = await openPage(browser, { colorScheme });
    await page.goto(`${server.url}/form.html`);
    await assertAccessible(page);
    await page.context().close();
  });
}

test("a narrow screen scrolls in one direction only", async () => {
  const demo = await openDemo(browser, server, { viewport: { width: 320, height: 640 } });
  const file = folder.file(`${"a-very-long-name-".repeat(8)}.txt`, 10);
  await demo.choose(file.path);
  await demo.row(file.name).reaches("done");
  const { wide, width } = await demo.page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: innerWidth }));
  assert.ok(wide <= width, `the page is ${wide} wide on a screen of ${width}`);
  await demo.close();
});

test("nothing is fetched from anywhere but the server and the bucket", async () => {
  const demo = await openDemo(browser, server);
  const strangers = [];
  demo.page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== server.url && origin !== server.s3Url) strangers.push(request.url());
  });
  await demo.page.reload();
  const file = folder.file("own.png", 10);
  await demo.choose(file.path);
  await demo.row(file.name).reaches("done");
  assert.deepEqual(strangers, []);
  await demo.close();
});
