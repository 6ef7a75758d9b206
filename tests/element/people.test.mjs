// The element as those meet it who see it dark or small, do not see it, use no mouse, or read another language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "../e2e/harness/accessible.mjs";
import { throttleUpload } from "../e2e/harness/browser.mjs";
import { MIB } from "../e2e/harness/files.mjs";
import { choose, folder, page, put, reaches, row, useElement } from "./harness.mjs";

useElement();

/** Rows in many states at once: stored, failed, under way, paused, refused. */
async function everything() {
  await page.route("**/sealift/uploads", async (route) => {
    const { files } = route.request().postDataJSON();
    if (files.some(({ name }) => name === "failed.txt")) await route.fulfill({ json: { now: new Date().toISOString(), uploads: files.map(() => ({ error: { code: "type_refused", message: "not here" } })) } });
    else await route.fallback();
  });
  await put({ multiple: "", directory: "", "max-size": "50 MB" });
  await choose(folder.file("stored.bin", 20_000).path);
  await reaches("stored.bin", "done");
  await choose(folder.file("failed.txt", 30).path);
  await reaches("failed.txt", "failed");
  await throttleUpload(page, 300_000);
  await choose(folder.file("a holiday with a very long name that has to be cut in the middle.mp4", 9 * MIB).path, folder.file("paused.zip", 8 * MIB).path, folder.hole("large.iso", 60_000_000).path);
  await row("paused.zip").locator('[data-action="pause"]').click();
  await reaches("paused.zip", "paused");
  await page.waitForFunction(() => globalThis.element.uploads.some(({ state, progress }) => state === "uploading" && progress.loaded > 0));
}

for (const [colorScheme, width] of [["light", 900], ["dark", 900], ["light", 320], ["dark", 320]]) {
  test(`nothing is found by axe, and nothing is cut off: ${colorScheme}, ${width} pixels`, async () => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 900 });
    await put({});
    await assertAccessible(page);
    await page.evaluate(() => globalThis.element.remove());
    await everything();
    await assertAccessible(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, "no scrolling sideways");
    if (process.env.SEALIFT_SHOTS) await page.screenshot({ path: `${process.env.SEALIFT_SHOTS}/element-${colorScheme}-${width}.png`, fullPage: true });
  });
}

test("by the keyboard alone: chosen, paused, resumed, deleted after being asked, focus kept", async () => {
  await put({ multiple: "" });
  await throttleUpload(page, 400_000);
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label") ?? document.activeElement?.shadowRoot?.activeElement?.textContent);
  const reach = async (name) => {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press("Tab");
      if (name.test((await focused()) ?? "")) return;
    }
    assert.fail(`Tab never reached ${name}`);
  };
  // Listened to from here on: a key is quicker than the driver gets ready to catch the picker.
  const chosen = page.waitForEvent("filechooser");
  await reach(/^Choose files$/);
  await page.keyboard.press("Enter");
  await (await chosen).setFiles([folder.file("keys.bin", 6 * MIB).path]);
  await reaches("keys.bin", "uploading");
  await reach(/^Pause: keys\.bin$/);
  await page.keyboard.press("Space");
  await reaches("keys.bin", "paused");
  // The button went; what can be done next has the focus.
  await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label") === "Resume: keys.bin");
  await throttleUpload(page, 0);
  await page.keyboard.press("Enter");
  await reaches("keys.bin", "done");
  await reach(/^Delete: keys\.bin$/);
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "Really delete?: keys.bin");
  await page.keyboard.press("Escape");
  assert.equal(await focused(), "Delete: keys.bin");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await reaches("keys.bin", "deleted");
});

test("what happens is said, gathered and not too often", async () => {
  await put({ multiple: "" });
  await page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => globalThis.said.push(globalThis.element.shadowRoot.querySelector('[role="status"]').textContent)).observe(globalThis.element.shadowRoot.querySelector('[role="status"]'), { childList: true });
  });
  await choose(...Array.from({ length: 12 }, (_, index) => folder.file(`said-${index}.bin`, 500).path));
  await page.waitForFunction(() => globalThis.element.uploads.every(({ state }) => state === "done"));
  await page.waitForFunction(() => globalThis.said.some((text) => / stored\./.test(text)));
  const said = await page.evaluate(() => globalThis.said);
  assert.match(said.join(" "), /12 files added\./);
  assert.ok(said.length <= 4, `${said.length} times: ${said.join(" | ")}`);
});

test("the page's language is spoken where it is shipped, and an app's own words go before", async () => {
  await page.evaluate(() => (document.documentElement.lang = "de-AT"));
  await put({ multiple: "", "max-size": "1.5 MB" });
  await page.getByRole("button", { name: "Dateien wählen" }).waitFor();
  assert.match(await page.locator("sealift-upload .zone .hint").innerText(), /Je bis zu 1,5 MB/);
  await page.evaluate(() => (globalThis.element.strings = { "choose.many": "Belege wählen" }));
  await page.getByRole("button", { name: "Belege wählen" }).waitFor();
});

test("from right to left: laid out that way, nothing found by axe", async () => {
  await page.evaluate(() => Object.assign(document.documentElement, { lang: "ar", dir: "rtl" }));
  await page.setViewportSize({ width: 500, height: 700 });
  await put({ multiple: "" });
  await page.getByRole("button", { name: "اختر ملفات" }).waitFor();
  const file = folder.file("right.bin", 5_000);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "اختر ملفات" }).click()]);
  await chooser.setFiles([file.path]);
  await reaches(file.name, "done");
  const [thumb, action] = await Promise.all([row(file.name).locator(".thumb").boundingBox(), row(file.name).locator('[data-action="delete"]').boundingBox()]);
  assert.ok(thumb.x > action.x);
  await assertAccessible(page);
  if (process.env.SEALIFT_SHOTS) await page.screenshot({ path: `${process.env.SEALIFT_SHOTS}/element-rtl.png`, fullPage: true });
});

test("five thousand rows: only those near are made, and the page stays quick", async () => {
  await put({ multiple: "" });
  const found = await page.evaluate(async () => {
    const { createUploader } = await import("/js/index.js");
    globalThis.element.uploader = createUploader({ endpoint: "/sealift", resume: false, guard: false });
    globalThis.element.uploader.pause();
    const files = Array.from({ length: 5000 }, (_, index) => new File([`${index}`], `file ${index}.txt`));
    const uploads = globalThis.element.uploader.add(files);
    for (const upload of uploads) upload.pause();
    const frames = (count) => new Promise((resolve) => {
      const next = () => ((count -= 1) < 0 ? resolve() : requestAnimationFrame(next));
      next();
    });
    await frames(10);
    const { shadowRoot } = globalThis.element;
    const made = () => shadowRoot.querySelectorAll(".row-actions").length;
    const before = made();
    window.scrollTo(0, document.documentElement.scrollHeight / 2);
    await frames(20);
    const middle = made();
    window.scrollTo(0, document.documentElement.scrollHeight);
    await frames(20);
    const names = [...shadowRoot.querySelectorAll(".row")].map((item) => item.textContent);
    return { items: names.length, named: names.every((name) => name.includes("file ")), before, middle, end: made(), last: Boolean(shadowRoot.querySelector(".row:last-child .row-actions")) };
  });
  assert.equal(found.items, 5000);
  assert.ok(found.named && found.last, JSON.stringify(found));
  for (const made of [found.before, found.middle, found.end]) assert.ok(made > 5 && made < 120, JSON.stringify(found));
});
