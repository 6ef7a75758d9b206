// What is given up: deleted at S3, by this page or a later one, and forgotten only then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, app, page, reload, setUp } from "./harness/scripted.mjs";

test("an abort that the page's end broke off is carried on by itself, seen by nobody", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    core().options.save(0, record({ uploadId: "u-1", aborting: true }));
    await until(async () => (await stored())[0]?.upload.aborting);
  }, 17 * MIB);
  await reload();
  const found = await page.evaluate(async () => {
    make();
    await until(async () => core()?.added.length === 1 && (await stored()).length === 0);
    return { saved: core().added[0].saved, uploads: uploader.uploads.length, listed: (await uploader.saved()).length };
  });
  assert.equal(found.saved.aborting, true);
  assert.equal(found.saved.uploadId, "u-1");
  assert.deepEqual([found.uploads, found.listed], [0, 0]);
});

test("discarding deletes at S3 and forgets; a page closed meanwhile does not keep it from that", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  await page.evaluate(async () => {
    globalThis.abortsHang = true;
    make();
    const [saved] = await uploader.saved();
    void saved.discard();
    await until(async () => (await stored())[0]?.upload.aborting && core()?.added.length === 1);
  });
  await reload();
  await page.evaluate(async () => {
    make();
    await until(async () => core()?.added.length === 1 && (await stored()).length === 0);
  });
});

test("what was resumed and is done stays, though it is discarded afterwards", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  const added = await page.evaluate(async (size) => {
    make();
    const [saved] = await uploader.saved();
    const upload = await saved.resume(file(size));
    await until(() => upload.state === "uploading");
    core().end(0, "done");
    await until(async () => (await stored()).length === 0);
    await saved.discard();
    return { added: core().added.length, stored: (await stored()).length };
  }, 17 * MIB);
  assert.deepEqual(added, { added: 1, stored: 0 });
});

test("what is aborted before the engine has it is deleted at S3 too", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  const found = await page.evaluate(async (size) => {
    make();
    const upload = uploader.add(file(size));
    upload.abort();
    await until(async () => core()?.added.length === 1 && (await stored()).length === 0);
    return [core().added[0].saved.aborting, upload.state];
  }, 17 * MIB);
  assert.deepEqual(found, [true, "aborted"]);
});

test("an abort that nobody would do is done by a later page, and says so until then", async () => {
  const first = await page.evaluate(async (size) => {
    globalThis.abortsFail = true;
    make();
    const upload = await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
    const codes = [await upload.delete().catch(({ code }) => code), await upload.delete().catch(({ code }) => code)];
    return { codes, state: upload.state, left: upload.leftBehind, aborting: (await stored())[0].upload.aborting };
  }, 17 * MIB);
  assert.deepEqual(first, { codes: ["left_behind", "left_behind"], state: "aborted", left: { bucket: "b", key: "k" }, aborting: true });
  await reload();
  const second = await page.evaluate(async () => {
    globalThis.abortsFail = true;
    make();
    await until(() => core()?.added.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return (await stored()).map(({ upload }) => [upload.aborting, upload.uploadId]);
  });
  assert.deepEqual(second, [[true, "u-1"]]);
  await reload();
  await page.evaluate(async () => {
    make();
    await until(async () => core()?.added.length === 1 && (await stored()).length === 0 && localStorage.getItem("sealift") === null);
  });
});

test("the same file, added again while its abort waits, begins anew beside it", async () => {
  await page.evaluate(async (size) => {
    globalThis.abortsFail = true;
    make();
    (await begin(file(size))).abort();
    await until(async () => (await stored())[0]?.upload.aborting);
  }, 17 * MIB);
  await reload();
  const found = await page.evaluate(async (size) => {
    globalThis.abortsHang = true;
    make();
    const upload = uploader.add(file(size));
    await until(() => upload.state === "uploading" && core().added.length === 2);
    const number = core().added.findIndex(({ saved }) => !saved);
    core().options.save(number, record({ token: "new", key: "other", uploadId: "u-2" }));
    const both = await until(async () => ((await stored()).length === 2 ? stored() : undefined));
    core().end(1 - number, "aborted");
    const rest = await until(async () => ((await stored()).length === 1 ? stored() : undefined));
    const ids = (list) => list.map(({ upload }) => upload.uploadId).sort();
    return { resumed: upload.resumed, both: ids(both), rest: ids(rest) };
  }, 17 * MIB);
  assert.deepEqual(found, { resumed: false, both: ["u-1", "u-2"], rest: ["u-2"] });
});

test("what is discarded in vain is not given up; once it can be, it is", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  const found = await page.evaluate(async () => {
    globalThis.abortsFail = true;
    make();
    const [saved] = await uploader.saved();
    const first = await saved.discard().catch(({ code, retryable }) => [code, retryable]);
    const listed = (await uploader.saved()).length;
    const kept = (await stored()).length;
    await until(async () => (await navigator.locks.query()).held.length === 0);
    globalThis.abortsFail = false;
    await saved.discard();
    return { first, listed, kept, after: (await stored()).length };
  });
  assert.deepEqual(found, { first: ["left_behind", true], listed: 0, kept: 1, after: 0 });
});

test("what is being sent cannot be discarded, here or in another tab", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  await page.evaluate(async () => {
    make();
    globalThis.listed = (await uploader.saved())[0];
  });
  const second = await page.context().newPage();
  await second.goto(`${app.url}/blank.html`);
  await setUp(second);
  await second.evaluate(async (size) => {
    make();
    const upload = uploader.add(file(size));
    await until(() => upload.state === "uploading");
    globalThis.here = upload.resumed && core().added[0].saved;
  }, 17 * MIB);
  const refused = await page.evaluate(async () => [await listed.discard().catch(({ code, retryable }) => [code, retryable]), (await stored())[0].upload.aborting]);
  assert.deepEqual(refused, [["in_use", true], undefined]);
  await second.close();
  await page.evaluate(async () => {
    await until(async () => (await navigator.locks.query()).held.length === 0);
    await listed.discard();
    await until(async () => (await stored()).length === 0);
  });
});

test("a failed upload that is deleted leaves nothing; a deletion that failed is tried again", async () => {
  const commands = await page.evaluate(async () => {
    make();
    const [failed, done] = uploader.add([file(100), file(101)]);
    await until(() => core()?.added.length === 2 && done.state === "uploading");
    const error = { kind: "network", code: "network", message: "no", retryable: true };
    core().tell(0, { state: "failed", error });
    await failed.delete();
    core().tell(1, { state: "done", object: { key: "k", urlLifetime: 1 } });
    const first = done.delete();
    core().tell(1, { state: "deleting" });
    core().tell(1, { state: "failed", error });
    const code = await first.catch((reason) => reason.code);
    const second = done.delete();
    core().tell(1, { state: "deleting" });
    core().tell(1, { state: "deleted" });
    await second;
    return [code, ...core().commands.filter(([command]) => command !== "start").map(([command, number]) => `${command} ${number}`)];
  });
  assert.deepEqual(commands, ["network", "abort 0", "delete 1", "retry 1"]);
});

test("a small file, given up while it is about to be stored, is given up in the store too", async () => {
  const found = await page.evaluate(async () => {
    // The answer to the first request for its lock takes as long as the test wants.
    const { promise, resolve } = settlement();
    const request = navigator.locks.request.bind(navigator.locks);
    let asked = 0;
    navigator.locks.request = async (name, ...more) => {
      if ((asked += 1) === 1) await promise;
      return request(name, ...more);
    };
    globalThis.abortsFail = true;
    make();
    const upload = uploader.add(file(1000));
    await until(() => upload.state === "uploading");
    core().options.save(0, record({ plan: { kind: "put" } }));
    await until(() => asked === 1);
    upload.abort();
    resolve();
    const [kept] = await until(async () => ((await stored()).length === 1 ? stored() : undefined));
    await until(async () => (await navigator.locks.query()).held.length === 0);
    return [kept.upload.aborting, kept.upload.uploadId, (await uploader.saved()).length];
  });
  assert.deepEqual(found, [true, "u-1", 0]);
  await reload();
  await page.evaluate(async () => {
    make();
    await until(async () => core()?.added.length === 1 && (await stored()).length === 0);
  });
});

test("a small file that another tab has stored is given up apart from that one's", async () => {
  await page.evaluate(async () => {
    make();
    await begin(file(1000));
    await until(async () => (await stored()).length === 1);
  });
  const second = await page.context().newPage();
  await second.goto(`${app.url}/blank.html`);
  await setUp(second);
  const found = await second.evaluate(async () => {
    globalThis.abortsFail = true;
    localStorage.removeItem("sealift");
    make();
    const upload = uploader.add(file(1000));
    await until(() => upload.state === "uploading");
    core().options.save(0, record({ key: "mine", plan: { kind: "put" } }));
    await new Promise((resolve) => setTimeout(resolve, 3300));
    core().options.save(0, record({ key: "mine", plan: { kind: "put" }, aborting: true }));
    core().leaveBehind(0);
    await until(async () => (await stored()).length === 2);
    return (await stored()).map(({ upload: { key, aborting } }) => [key, aborting]).sort();
  });
  assert.deepEqual(found, [["k", undefined], ["mine", true]]);
});

test("what is given up between its record and the engine is remembered as given up", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  await reload();
  // The engine does not come in time.
  await page.context().route("**/pkg/uploader/*", () => {});
  const during = await page.evaluate(async (size) => {
    make();
    const upload = uploader.add(file(size));
    await until(() => upload.resumed);
    upload.abort();
    return until(async () => (await stored())[0]?.upload.aborting && upload.state);
  }, 17 * MIB);
  assert.equal(during, "aborted");
  await page.context().unroute("**/pkg/uploader/*");
  await reload();
  await page.evaluate(async () => {
    make();
    await until(async () => core()?.added.length === 1 && (await stored()).length === 0);
  });
});
