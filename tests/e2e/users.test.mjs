// Several people at one browser: each finds their own, and a logout leaves nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, page, reload } from "./harness/scripted.mjs";

test("what one user left is neither offered to another nor gone on with", async () => {
  await page.evaluate(async (size) => {
    make({ user: "ann" });
    await begin(file(size));
    await begin(file(500_000, { name: "small.bin" }));
    core().options.save(1, record({ key: "given up", uploadId: "u-1", aborting: true }));
    await until(async () => (await stored()).length === 2);
  }, 17 * MIB);
  for (const user of ["bob", undefined]) {
    await reload();
    const found = await page.evaluate(
      async ([size, who]) => {
        make({ user: who });
        const offered = (await uploader.saved()).length;
        const uploads = uploader.add([file(size), file(500_000, { name: "small.bin" })]);
        await until(() => uploads.every(({ state }) => state === "uploading"));
        return { offered, resumed: uploads.some(({ resumed }) => resumed), aborts: core().added.filter(({ saved }) => saved).length, kept: (await stored()).length };
      },
      [17 * MIB, user],
    );
    assert.deepEqual(found, { offered: 0, resumed: false, aborts: 0, kept: 2 }, user);
  }
  await reload();
  const own = await page.evaluate(async (size) => {
    make({ user: "ann" });
    const offered = (await uploader.saved()).map(({ name }) => name);
    const upload = uploader.add(file(size));
    await until(() => upload.state === "uploading" && core().added.some(({ saved }) => saved?.aborting));
    return { offered, resumed: upload.resumed };
  }, 17 * MIB);
  assert.deepEqual(own, { offered: ["big.bin"], resumed: true });
});

test("a logout forgets all of that user, and what is under way goes on unremembered", async () => {
  await page.evaluate(async (size) => {
    make({ user: "bob" });
    await begin(file(size, { name: "his.bin" }));
    make({ user: "ann" });
    await begin(file(size, { name: "left.bin" }));
    await until(async () => (await stored()).length === 2);
  }, 17 * MIB);
  await reload();
  const found = await page.evaluate(async (size) => {
    make({ user: "ann" });
    const running = await begin(file(size, { name: "running.bin" }));
    const small = uploader.add(file(500_000, { name: "small.bin" }));
    await until(async () => small.state === "uploading" && (await stored()).length === 3);
    core().options.save(1, record({ plan: { kind: "put" } }));
    await uploader.forget();
    const names = async () => (await stored()).map(({ name }) => name);
    const after = await names();
    // The engine does not know of it.
    core().options.save(0, record({ uploadId: "u-2" }));
    core().options.save(0, { number: 2, etag: "e2", sha256: "00" });
    await new Promise((resolve) => setTimeout(resolve, 3300));
    const later = await names();
    const states = [running.state, small.state];
    core().end(0, "done");
    core().end(1, "done");
    // Whoever comes next is remembered.
    make({ user: "cleo" });
    await begin(file(size, { name: "hers.bin" }));
    await until(async () => (await stored()).length === 2);
    return { after, later, states, last: await names() };
  }, 17 * MIB);
  assert.deepEqual(found, { after: ["his.bin"], later: ["his.bin"], states: ["uploading", "uploading"], last: ["his.bin", "hers.bin"] });
});

test("where nothing is remembered there is nothing to forget", async () => {
  const found = await page.evaluate(async () => {
    make();
    await uploader.forget();
    make({ resume: false });
    await uploader.forget();
    const code = (() => { try { make({ user: "" }); } catch (error) { return error.code; } })();
    return [(await indexedDB.databases()).length, code];
  });
  assert.deepEqual(found, [0, "invalid_option"]);
});
