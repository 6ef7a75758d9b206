// The rules and the form go by what people chose, also where something else is uploaded for it, or nothing is yet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { throttleUpload } from "../e2e/harness/browser.mjs";
import { MIB } from "../e2e/harness/files.mjs";
import { choose, folder, page, put, reaches, useElement } from "./harness.mjs";
useElement();
const putTwo = () => page.evaluate(() => {
  for (const name of ["one", "two"]) {
    const it = document.createElement("sealift-upload");
    for (const [k, v] of [["endpoint", "/sealift"], ["name", name], ["multiple", ""]]) it.setAttribute(k, v);
    it.id = name; document.querySelector("#form").prepend(it);
  }
});
test("two elements in a form: held until both have arrived", async () => {
  await putTwo();
  await throttleUpload(page, 1024 * 1024);
  await page.evaluate((mib) => { const f = (n, s) => [new File([new Uint8Array(s)], n)]; document.querySelector("#one").add(f("a.bin", 1 * mib)); document.querySelector("#two").add(f("b.bin", 5 * mib)); }, MIB);
  await page.waitForFunction(() => ["one", "two"].every((id) => document.querySelector(`#${id}`).uploads[0]?.progress.loaded > 50_000));
  await Promise.all([page.waitForURL(/\/sent\?.*/, { timeout: 25_000 }), page.click("#send")]);
  assert.match(page.url(), /one=.+two=.+|two=.+one=.+/);
});
test("a picture still being made smaller counts as under way", async () => {
  await put({ name: "files", multiple: "", "image-max-edge": "800" });
  const state = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(3000, 2000); canvas.getContext("2d").fillRect(0, 0, 3000, 2000);
    const file = new File([await canvas.convertToBlob({ type: "image/jpeg" })], "p.jpg", { type: "image/jpeg", lastModified: 1 });
    globalThis.element.add([file]);
    return { uploads: globalThis.element.uploads.length, valid: globalThis.element.validity.valid };
  });
  assert.deepEqual(state, { uploads: 0, valid: false });
});
test("the same picture again is a duplicate, though its copy was uploaded", async () => {
  await put({ name: "files", multiple: "", "image-max-edge": "80" });
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200); canvas.getContext("2d").fillRect(0, 0, 300, 200);
    globalThis.photo = new File([await canvas.convertToBlob({ type: "image/jpeg" })], "p.jpg", { type: "image/jpeg", lastModified: 1 });
    globalThis.element.add([globalThis.photo]);
  });
  await reaches("p.jpg", "done");
  await page.evaluate(() => globalThis.element.add([globalThis.photo]));
  assert.deepEqual(await page.evaluate(() => globalThis.fired.filter(([t]) => t === "refused")), [["refused", "p.jpg duplicate"]]);
});
test("max-files counts what was chosen, copies beside do not use it up", async () => {
  await put({ name: "files", multiple: "", "max-files": "2", "image-max-edge": "80", "image-copies": "beside" });
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200); canvas.getContext("2d").fillRect(0, 0, 300, 200);
    globalThis.photos = await Promise.all(["p.jpg", "q.jpg"].map(async (n) => new File([await canvas.convertToBlob({ type: "image/jpeg" })], n, { type: "image/jpeg", lastModified: 1 })));
    globalThis.element.add([globalThis.photos[0]]);
  });
  await page.waitForFunction(() => globalThis.element.uploads.length === 2 && globalThis.element.uploads.every(({ state }) => state === "done"));
  await page.evaluate(() => globalThis.element.add([globalThis.photos[1]]));
  assert.deepEqual(await page.evaluate(() => globalThis.fired.filter(([t]) => t === "refused")), []);
});
test("junk of a chosen folder uses up none of max-files", async () => {
  folder.file("picked/.DS_Store", 10); folder.file("picked/a.bin", 100);
  await put({ name: "files", multiple: "", "max-files": "1" });
  await page.evaluate(() => globalThis.element.add([new File(["x"], ".DS_Store"), new File(["y"], "a.bin")]));
  assert.deepEqual(await page.evaluate(() => [globalThis.fired.filter(([t]) => t === "refused"), globalThis.element.uploads.map(({ name }) => name)]), [[], ["a.bin"]]);
});
test("a novalidate form sent by a script waits too", async () => {
  await throttleUpload(page, 1024 * 1024);
  await put({ name: "files", multiple: "" });
  await choose(folder.file("novalidate.bin", 3 * MIB).path);
  await page.waitForFunction(() => globalThis.element.uploads[0]?.progress.loaded > 100_000);
  await Promise.all([page.waitForURL(/\/sent/, { timeout: 15_000 }), page.evaluate(() => { const f = document.querySelector("#form"); f.noValidate = true; f.requestSubmit(); })]);
  assert.match(page.url(), /files=.+/);
});
test("a button outside its form that names it by `form` waits too", async () => {
  await throttleUpload(page, 1024 * 1024);
  await put({ name: "files", multiple: "" });
  await page.evaluate(() => { const b = document.createElement("button"); b.setAttribute("form", "form"); b.id = "out"; b.textContent = "out"; document.body.append(b); });
  await choose(folder.file("outside.bin", 3 * MIB).path);
  await page.waitForFunction(() => globalThis.element.uploads[0]?.progress.loaded > 100_000);
  await Promise.all([page.waitForURL(/\/sent\?files=.+/, { timeout: 15_000 }), page.click("#out")]);
});
test("a picture that is still made smaller when the form is reset is not uploaded", async () => {
  await put({ name: "files", multiple: "", "image-max-edge": "800" });
  const [made, uploads] = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(3000, 2000);
    canvas.getContext("2d").fillRect(0, 0, 3000, 2000);
    const blob = await canvas.convertToBlob({ type: "image/jpeg" });
    let made = 0;
    const { convertToBlob } = OffscreenCanvas.prototype;
    OffscreenCanvas.prototype.convertToBlob = function (...given) {
      return convertToBlob.apply(this, given).finally(() => (made += 1));
    };
    globalThis.element.add([new File([blob], "p.jpg", { type: "image/jpeg", lastModified: 1 })]);
    document.querySelector("#form").reset();
    for (let turns = 0; turns < 100 && made === 0; turns += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 200));
    return [made, globalThis.element.uploads.length];
  });
  assert.deepEqual([made, uploads], [1, 0]);
});
