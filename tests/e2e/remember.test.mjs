// What the facade remembers of unfinished uploads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINE } from "./harness/engine.mjs";
import { MIB, page, reload } from "./harness/scripted.mjs";

test("the same file, added again after a reload, goes on with what was stored", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size), { metadata: { ticket: "42" } });
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  const found = await page.evaluate(async (size) => {
    make();
    const others = uploader.add([file(size, { lastModified: 1 }), file(size, { fill: 8 }), file(size)]);
    const upload = uploader.add(file(size), { metadata: { ticket: "42" } });
    await until(() => [upload, ...others].every(({ state }) => state === "uploading"));
    const { saved } = core().added.find(({ metadata }) => metadata.length > 0);
    return { saved, resumed: upload.resumed, others: core().added.filter((one) => one.saved).length, otherResumed: others.some((one) => one.resumed) };
  }, 17 * MIB);
  assert.deepEqual(found.saved, {
    token: "t",
    bucket: "b",
    key: "k",
    plan: { kind: "multipart", partSize: 5 * MIB, parts: 4 },
    integrity: "sha256",
    uploadId: "u-1",
    parts: [
      { number: 1, etag: "e1", sha256: "00" },
      { number: 4, etag: "e4", sha256: "00" },
    ],
  });
  assert.equal(found.resumed, true);
  // Another date, other bytes, other metadata: another file.
  assert.deepEqual([found.others, found.otherResumed], [1, false]);
});

test("what is over is forgotten, and the mark that made pages look for it too", async () => {
  const found = await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    const during = await until(async () => (await stored())[0]?.parts === 2 && localStorage.getItem("sealift"));
    core().end(0, "done");
    await until(async () => (await stored()).length === 0 && localStorage.getItem("sealift") === null);
    return during;
  }, 17 * MIB);
  assert.equal(found, "1");
});

test("small files: nothing is looked up, and nothing written of what is over soon", async () => {
  const found = await page.evaluate(async () => {
    let opened = 0;
    const open = indexedDB.open.bind(indexedDB);
    indexedDB.open = (...args) => ((opened += 1), open(...args));
    make();
    const uploads = uploader.add(Array.from({ length: 300 }, (_, index) => file(100, { name: `${index}.txt` })));
    await until(() => uploads.every(({ state }) => state === "uploading"));
    for (const number of uploads.keys()) core().options.save(number, { ...record(), plan: { kind: "put" } });
    for (const number of uploads.keys()) if (number > 0) core().end(number, "done");
    const soon = opened;
    // The one that takes long is written, with its bytes.
    const late = await until(async () => (await stored())[0]);
    return { soon, late };
  });
  assert.equal(found.soon, 0);
  assert.equal(found.late.name, "0.txt");
  assert.equal(found.late.kept, true);
});

test("an unfinished upload whose file was kept goes on without it being chosen", async () => {
  await page.evaluate(async () => {
    make();
    await begin(file(500_000));
    await until(async () => (await stored())[0]?.files === 1);
  });
  await reload();
  const found = await page.evaluate(async () => {
    make();
    const [saved, ...more] = await uploader.saved();
    const { name, size, type, confirmed, needs } = saved;
    const upload = await saved.resume();
    await until(() => upload.state === "uploading");
    const { blob } = core().added[0];
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return { shown: { name, size, type, confirmed, needs }, more: more.length, uploadId: core().added[0].saved.uploadId, same: bytes.length === 500_000 && bytes.every((byte) => byte === 7), again: (await uploader.saved()).length };
  });
  assert.deepEqual(found.shown, { name: "big.bin", size: 500_000, type: "", confirmed: 500_000, needs: "nothing" });
  assert.deepEqual([found.more, found.uploadId, found.same, found.again], [0, "u-1", true, 0]);
});

test("a file handle is kept; reading it again is asked for by a click; a changed file is refused", { skip: ENGINE === "webkit" && "WebKitGTK has no private file system" }, async () => {
  await page.evaluate(async (size) => {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle("big.bin", { create: true });
    const writable = await handle.createWritable();
    await writable.write(new Uint8Array(size).fill(3));
    await writable.close();
    make();
    await begin(await handle.getFile(), { handle });
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  const found = await page.evaluate(async (size) => {
    // Handles of this private folder need no permission; those of a person's files do.
    let answer = "prompt";
    FileSystemFileHandle.prototype.queryPermission = async () => answer;
    FileSystemFileHandle.prototype.requestPermission = async () => answer;
    make();
    const [saved] = await uploader.saved();
    const refused = await saved.resume().catch((error) => error.code);
    const other = await saved.resume(file(size)).catch((error) => error.code);
    answer = "granted";
    const [granted] = await uploader.saved();
    const upload = await saved.resume();
    await until(() => upload.state === "uploading");
    return { needs: [saved.needs, granted.needs], confirmed: saved.confirmed, refused, other, size: upload.file.size, resumed: upload.resumed };
  }, 17 * MIB);
  assert.deepEqual(found, { needs: ["permission", "nothing"], confirmed: 5 * MIB + 2 * MIB, refused: "permission_refused", other: "file_changed", size: 17 * MIB, resumed: true });
  await reload();
  const changed = await page.evaluate(async () => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle("big.bin");
    const writable = await handle.createWritable({ keepExistingData: true });
    await writable.write({ type: "write", position: 0, data: "other" });
    await writable.close();
    make();
    const [saved] = await uploader.saved();
    return saved.resume().catch((error) => error.code);
  });
  assert.equal(changed, "file_changed");
});

test("without a handle and too large to be kept, the file is needed", async () => {
  await page.evaluate(async () => {
    make({ keepFiles: 400_000 });
    await begin(file(500_000));
    await until(async () => (await stored())[0]);
  });
  await reload();
  const found = await page.evaluate(async () => {
    make();
    const [saved] = await uploader.saved();
    const code = await saved.resume().catch((error) => error.code);
    const upload = await saved.resume(file(500_000));
    await until(() => upload.state === "uploading");
    return [saved.needs, code, upload.resumed];
  });
  assert.deepEqual(found, ["file", "file_needed", true]);
});

test("files give way to newer ones once they are too many", async () => {
  const found = await page.evaluate(async () => {
    make({ keepFiles: 250_000 });
    for (const name of ["first", "second", "third"]) {
      await begin(file(100_000, { name }));
      await until(async () => (await stored()).some((one) => one.name === name));
    }
    const { keptFiles } = await import("/js/resume/store.js");
    await until(async () => (await keptFiles()).length === 2);
    return (await uploader.saved()).length;
  });
  // They are under way in this page.
  assert.equal(found, 0);
  await reload();
  assert.deepEqual(
    await page.evaluate(async () => {
      make();
      return (await uploader.saved()).map(({ name, needs }) => [name, needs]);
    }),
    [
      ["first", "file"],
      ["second", "nothing"],
      ["third", "nothing"],
    ],
  );
});
