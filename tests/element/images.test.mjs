// Pictures that are made smaller before they are uploaded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { page, put, useElement } from "./harness.mjs";

useElement();

/**
 * Adds a photograph of 300 by 200 pixels that was taken with the camera turned (EXIF orientation 6), its left half red and
 * its right half blue, so upright 200 by 300 and red above; and what stands in the bucket for it.
 */
async function stored(attributes) {
  await put({ multiple: "", ...attributes });
  return page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    const context = canvas.getContext("2d");
    context.fillStyle = "red";
    context.fillRect(0, 0, 150, 200);
    context.fillStyle = "blue";
    context.fillRect(150, 0, 150, 200);
    const plain = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer());
    // APP1: "Exif", a TIFF header, one directory with one entry, the orientation.
    const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const photo = new File([plain.subarray(0, 2), new Uint8Array(exif), plain.subarray(2)], "turned.jpg", { type: "image/jpeg", lastModified: 1 });
    globalThis.element.add([photo, new File(["words"], "words.txt", { type: "text/plain" })]);
    const expected = globalThis.element.getAttribute("image-copies") === "beside" ? 3 : 2;
    while (globalThis.element.uploads.length < expected || !globalThis.element.uploads.every(({ state }) => state === "done")) await new Promise((resolve) => setTimeout(resolve, 50));
    return Promise.all(globalThis.element.uploads.map(async ({ name, object }) => {
      const blob = await (await fetch(object.url)).blob();
      if (!blob.type.startsWith("image/")) return { name, type: blob.type };
      const text = new TextDecoder("latin1").decode(await blob.arrayBuffer());
      const bitmap = await createImageBitmap(blob);
      const look = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      look.drawImage(bitmap, 0, 0);
      const colour = (y) => {
        const [red, , blue] = look.getImageData(bitmap.width >> 1, y, 1, 1).data;
        return red > 200 && blue < 60 ? "red" : blue > 200 && red < 60 ? "blue" : `${red} ${blue}`;
      };
      return { name, type: blob.type, size: `${bitmap.width} × ${bitmap.height}`, above: colour(4), below: colour(bitmap.height - 5), exif: text.includes("Exif") };
    }));
  });
}

const WORDS = { name: "words.txt", type: "text/plain" };

test("instead of the original: upright, small enough, without metadata; other files as they are", async () => {
  assert.deepEqual(await stored({ "image-max-edge": "150" }), [{ name: "turned.jpg", type: "image/jpeg", size: "100 × 150", above: "red", below: "blue", exif: false }, WORDS]);
});

test("beside the original, of another type", async () => {
  const original = { name: "turned.jpg", type: "image/jpeg", size: "200 × 300", above: "red", below: "blue", exif: true };
  const copy = { name: "turned-60.webp", type: "image/webp", size: "40 × 60", above: "red", below: "blue", exif: false };
  assert.deepEqual(await stored({ "image-max-edge": "60", "image-copies": "beside", "image-type": "image/webp", "image-quality": "0.9" }), [original, copy, WORDS]);
});

test("what is small enough stays as it is, unless its metadata is to go", async () => {
  const [kept] = await stored({ "image-max-edge": "4000" });
  assert.deepEqual([kept.size, kept.exif], ["200 × 300", true]);
  await page.evaluate(() => globalThis.element.remove());
  const [clean] = await stored({ "image-max-edge": "4000", "image-metadata": "drop" });
  assert.deepEqual([clean.size, clean.exif, clean.above], ["200 × 300", false, "red"]);
});
