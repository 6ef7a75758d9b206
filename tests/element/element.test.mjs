// `<sealift-upload>`, from files that are chosen to objects in the bucket, and to the form it stands in.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { drop, throttleUpload } from "../e2e/harness/browser.mjs";
import { MIB } from "../e2e/harness/files.mjs";
import { choose, folder, open, page, put, reaches, row, server, useElement } from "./harness.mjs";

useElement();

const receipts = () => page.evaluate(() => new FormData(document.querySelector("#form")).getAll("files"));

test("a file that is chosen is stored, and its receipt is the form's", async () => {
  const file = folder.file("chosen.bin", 100_000);
  await put({ name: "files" });
  await choose(file.path);
  await reaches(file.name, "done");
  const [url, receipt] = [await row(file.name).locator('[data-action="open"]').getAttribute("href"), await receipts()];
  assert.ok(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(readFileSync(file.path)));
  assert.equal(receipt.length, 1);
  const answer = await fetch(`${server.url}/sealift/receipts/verify`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.appKey()}` },
    body: JSON.stringify({ receipts: receipt }),
  });
  const [{ name, size }] = (await answer.json()).results;
  assert.deepEqual([name, size], [file.name, file.size]);
  assert.deepEqual(await page.evaluate(() => globalThis.fired.filter(([type]) => type === "done")), [["done", file.name]]);
  assert.deepEqual(page.complaints, []);
});

test("keys instead of receipts, where the app wants those", async () => {
  const file = folder.file("keyed.bin", 1_000);
  await put({ name: "files", value: "keys" });
  await choose(file.path);
  await reaches(file.name, "done");
  assert.match((await receipts())[0], /keyed\.bin$/);
});

test("what the rules do not allow is refused with its reason, and the rest is taken", async () => {
  await put({ multiple: "", accept: ".bin,image/*", "max-size": "2 kB", "min-size": "10", "max-files": "2", "max-total-size": "3000" });
  const names = { fits: 1_500, large: 2_001, small: 9, more: 1_501, second: 1_400, third: 50 };
  const files = Object.entries(names).map(([name, size]) => folder.file(`${name}.bin`, size));
  const text = folder.file("text.txt", 100);
  await choose(...files.map((file) => file.path), text.path);
  await page.locator("sealift-upload .refused").waitFor();
  const refused = await page.evaluate(() => globalThis.fired.filter(([type]) => type === "refused"));
  assert.deepEqual(refused, [["refused", "large.bin too_large,small.bin too_small,more.bin total,third.bin too_many,text.txt type"]]);
  assert.match(await page.locator("sealift-upload .refused").innerText(), /5 files were not taken[\s\S]*large\.bin Larger than 2 kB\./);
  await Promise.all([reaches("fits.bin", "done"), reaches("second.bin", "done")]);
  await choose(files[0].path);
  assert.match(await page.locator("sealift-upload .refused").innerText(), /fits\.bin It is in the list already\./);
});

test("an app that objects to `sealift-add` has nothing uploaded", async () => {
  await put({ multiple: "" });
  await page.evaluate(() => globalThis.element.addEventListener("sealift-add", (event) => event.preventDefault()));
  await choose(folder.file("objected.bin", 100).path);
  await page.waitForFunction(() => globalThis.fired.length > 0);
  assert.deepEqual(await page.evaluate(() => [globalThis.fired, globalThis.element.uploads.length]), [[["add", 1]], 0]);
});

test("files and folders that are dropped are taken, on the element and on the whole page", async () => {
  folder.file("dropped/inner/deep.bin", 500);
  folder.file("dropped/.DS_Store", 10);
  await put({ multiple: "", "drop-target": "page" });
  await drop(page, [`${folder.path}/dropped`], { x: 20, y: 5 });
  await reaches("deep.bin", "done");
  assert.deepEqual(await page.evaluate(() => globalThis.element.uploads.map(({ name }) => name)), ["dropped/inner/deep.bin"]);
});

test("how files are sent is an attribute too, and a wrong one is refused by its name", async () => {
  await put({ multiple: "", transport: "multipart", integrity: "crc64nvme", concurrency: "2", user: "ann" });
  const file = folder.file("attributes.bin", 200_000);
  await choose(file.path);
  await reaches(file.name, "done");
  assert.ok(await page.evaluate(() => globalThis.element.uploads[0].object.crc64nvme), "what was asked for is kept");
  assert.equal((await server.requests()).filter(({ operation }) => operation === "UploadPart").length, 1);
  const thrown = await page.evaluate(() => {
    const wrong = document.createElement("sealift-upload");
    wrong.setAttribute("endpoint", "/sealift");
    wrong.setAttribute("transport", "pigeon");
    try {
      return void wrong.uploader;
    } catch (error) {
      return [error.code, /transport/.test(error.message)];
    }
  });
  assert.deepEqual(thrown, ["invalid_option", true]);
});

test("with another uploader, what the earlier one has under way is shown on its way", async () => {
  await throttleUpload(page, 512 * 1024);
  await put({ multiple: "" });
  const [early, late] = [folder.file("early.bin", 3 * MIB), folder.file("late.bin", 1_000)];
  await choose(early.path);
  await page.waitForFunction(() => globalThis.element.uploads[0]?.progress.loaded > 100_000);
  await page.evaluate(async () => {
    const { createUploader } = await import("/js/index.js");
    globalThis.element.uploader = createUploader({ endpoint: "/sealift", transport: "put" });
  });
  await choose(late.path);
  await row(early.name).locator('[data-action="cancel"]').click();
  await reaches(early.name, "aborted");
  await throttleUpload(page, 0);
  await reaches(late.name, "done");
  await row(early.name).locator('[data-action="again"]').click();
  await reaches(early.name, "done");
  assert.deepEqual(await page.evaluate(() => globalThis.element.uploads.map(({ name }) => name)), [early.name, late.name]);
});

test("a single file takes the place of the one before", async () => {
  await put({ name: "files" });
  await choose(folder.file("first.bin", 100).path);
  await reaches("first.bin", "done");
  await choose(folder.file("next.bin", 200).path);
  await reaches("next.bin", "done");
  assert.equal(await page.locator("sealift-upload .manifest .row").count(), 1);
  assert.equal((await receipts()).length, 1);
});

test("under way: paused, resumed, cancelled; never 100 % before it is stored", async () => {
  await throttleUpload(page, 512 * 1024);
  const file = folder.file("long.bin", 8 * MIB);
  await put({ multiple: "" });
  await choose(file.path);
  await page.waitForFunction(() => globalThis.element.uploads[0]?.progress.loaded > 300_000);
  const shown = async () => Number(await row(file.name).locator('[role="progressbar"]').getAttribute("aria-valuenow"));
  assert.ok((await shown()) > 0 && (await shown()) < 100);
  await row(file.name).locator('[data-action="pause"]').click();
  await reaches(file.name, "paused");
  await row(file.name).locator('[data-action="resume"]').click();
  await reaches(file.name, "uploading");
  assert.equal(await row(file.name).getByRole("button", { name: `Cancel: ${file.name}` }).count(), 1);
  await row(file.name).locator('[data-action="cancel"]').click();
  await reaches(file.name, "aborted");
  await throttleUpload(page, 0);
  await row(file.name).locator('[data-action="again"]').click();
  await reaches(file.name, "done");
  assert.equal(await page.locator("sealift-upload .manifest .row").count(), 1);
});

test("a form that is sent while a file is under way is sent once it has arrived", async () => {
  await throttleUpload(page, 1024 * 1024);
  await put({ name: "files", required: "", multiple: "" });
  assert.equal(await page.evaluate(() => globalThis.element.validity.valueMissing), true);
  await choose(folder.file("awaited.bin", 3 * MIB).path);
  await page.waitForFunction(() => globalThis.element.uploads[0]?.progress.loaded > 100_000);
  await Promise.all([page.waitForURL(/\/sent\?files=.+/), page.click("#send")]);
});

test("reset takes all off, disabled takes nothing", async () => {
  await put({ name: "files", multiple: "" });
  await choose(folder.file("reset.bin", 100).path);
  await reaches("reset.bin", "done");
  await page.evaluate(() => document.querySelector("#form").reset());
  assert.deepEqual([await receipts(), await page.evaluate(() => globalThis.element.uploads.length)], [[], 0]);
  await page.evaluate(() => (globalThis.element.disabled = true));
  assert.equal(await page.locator("sealift-upload .zone-buttons .primary").isDisabled(), true);
  await page.evaluate(() => globalThis.element.add([new File(["x"], "ignored.txt")]));
  assert.equal(await page.evaluate(() => globalThis.element.uploads.length), 0);
});

test("what is taken out of the page and put back goes on, and is shown again", async () => {
  await throttleUpload(page, 512 * 1024);
  await put({ multiple: "" });
  await choose(folder.file("moved.bin", 4 * MIB).path);
  await page.waitForFunction(() => globalThis.element.uploads[0]?.progress.loaded > 100_000);
  await page.evaluate(() => {
    globalThis.element.remove();
    document.body.append(globalThis.element);
  });
  await reaches("moved.bin", "uploading");
  await throttleUpload(page, 0);
  await reaches("moved.bin", "done");
  assert.equal(await page.locator("sealift-upload .manifest .row").count(), 1);
});

test("what an earlier page left is offered, goes on with its file, and is forgotten", async () => {
  await throttleUpload(page, 2 * MIB);
  const file = folder.file("left.bin", 24 * MIB);
  await put({ multiple: "" });
  await choose(file.path);
  await page.waitForFunction(() => globalThis.element.uploads[0]?.progress.confirmed > 0);
  await open();
  await throttleUpload(page, 0);
  await put({ multiple: "" });
  const banner = page.locator("sealift-upload .saved");
  await banner.getByText("Needs the same file once more").waitFor();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), banner.locator('[data-action="resume"]').click()]);
  await chooser.setFiles([file.path]);
  await reaches(file.name, "done");
  await banner.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => globalThis.element.uploads[0].resumed), true);
});

test("a refusal of the endpoint is told in words, with its code and what support needs", async () => {
  await page.route("**/sealift/uploads", (route) => route.fulfill({ status: 200, json: { now: new Date().toISOString(), uploads: [{ error: { code: "type_refused", message: "not here" } }] } }));
  await put({ multiple: "" });
  await choose(folder.file("refused.bin", 100).path);
  await reaches("refused.bin", "failed");
  const trouble = row("refused.bin").locator(".trouble");
  assert.match(await trouble.innerText(), /This kind of file is not taken here\. type_refused/);
  assert.equal(await row("refused.bin").locator('[data-action="retry"]').isVisible(), false, "it would be refused again");
});

test("the form of docs/element.md is sent with the receipt of its file, in the words it chose", async () => {
  const guide = readFileSync(new URL("../../docs/element.md", import.meta.url), "utf8");
  const [html, script] = ["html", "js"].map((language) => guide.split(`\`\`\`${language}\n`)[1].split("```")[0]);
  await page.evaluate((markup) => document.querySelector("#form").replaceWith(document.importNode(new DOMParser().parseFromString(markup, "text/html").querySelector("form"), true)), html);
  // The policy takes no inline script.
  await page.route("**/guide.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }));
  await page.addScriptTag({ url: "/guide.js" });
  await page.getByRole("button", { name: "Attach receipts" }).waitFor();
  let sent;
  await page.route("**/tickets", (route) => ((sent = route.request().postData()), route.fulfill({ body: "thanks" })));
  await choose(folder.file("guide.bin", 5_000).path);
  await reaches("guide.bin", "done");
  await page.getByRole("button", { name: "Send" }).click();
  await page.waitForURL(/tickets/);
  assert.match(sent, /^attachments=[\w.-]+/);
});

test("a page pauses, resumes and cancels all by the element's methods", async () => {
  const files = ["all-one.bin", "all-two.bin"].map((name) => folder.file(name, 6 * MIB));
  await put({ multiple: "" });
  await throttleUpload(page, 256 * 1024);
  await choose(...files.map((file) => file.path));
  await reaches("all-one.bin", "uploading");
  const all = (method, state) => page.evaluate((name) => globalThis.element[name](), method).then(() => Promise.all(files.map(({ name }) => reaches(name, state))));
  await all("pauseAll", "paused");
  await all("resumeAll", "uploading");
  await all("cancelAll", "aborted");
  assert.deepEqual(await page.evaluate(() => globalThis.element.uploads.map(({ state }) => state)), ["aborted", "aborted"]);
});
