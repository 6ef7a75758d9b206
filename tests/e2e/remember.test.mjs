// What the facade remembers of unfinished uploads, in a real IndexedDB and under real locks; the engine does what a test
// tells it (fixtures/scripted-core.js).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";

const CORE = readFileSync(new URL("./fixtures/scripted-core.js", import.meta.url), "utf8");
const MIB = 1024 * 1024;

let app, browser, page;
before(async () => {
  app = await serveFixtures();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), app?.stop()]));

test.beforeEach(async () => {
  page = await openPage(browser);
  await prepare(page);
});
test.afterEach(async () => {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

/** A page with the scripted engine; what it imports is there before anything is done. */
async function prepare(tab) {
  await tab.context().route("**/pkg/uploader/sealift_uploader.js", (route) => route.fulfill({ contentType: "text/javascript", body: CORE }));
  await tab.context().route("**/sealift/capabilities", (route) => route.fulfill({ json: {} }));
  await tab.goto(`${app.url}/blank.html`);
  await setUp(tab);
}

/** What the functions that run in the page have at hand. */
const setUp = (tab) =>
  tab.evaluate(async () => {
    const { createUploader } = await import("/js/index.js");
    const { settlement } = await import("/js/settlement.js");
    globalThis.settlement = settlement;
    globalThis.make = (options) => (globalThis.uploader = createUploader({ endpoint: "/sealift", ...options }));
    /** The same bytes, name and date every time. */
    globalThis.file = (size, { name = "big.bin", lastModified = 1_700_000_000_000, fill = 7 } = {}) => new File([new Uint8Array(size).fill(fill)], name, { lastModified });
    globalThis.core = () => globalThis.cores?.at(-1);
    globalThis.until = async (condition) => {
      for (let tries = 0; tries < 400; tries += 1) {
        const found = await condition();
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`never: ${condition}`);
    };
    globalThis.record = (more) => ({ token: "t", bucket: "b", key: "k", plan: { kind: "multipart", partSize: 5 * 1024 * 1024, parts: 4 }, integrity: "sha256", ...more });
    globalThis.stored = async () => {
      const { storedUploads, storedParts, keptFiles, written } = await import("/js/store.js");
      await written();
      const uploads = await storedUploads();
      return Promise.all(uploads.map(async ({ upload, name, kept }) => ({ name, upload, kept: Boolean(kept), parts: (await storedParts(uploads[0].id)).length, files: (await keptFiles()).length })));
    };
    /** Adds a file and has two of its parts stored. */
    globalThis.begin = async (added, options) => {
      const upload = uploader.add(added, options);
      await until(() => upload.state === "uploading");
      const number = core().added.length - 1;
      core().options.save(number, record());
      core().options.save(number, record({ uploadId: "u-1" }));
      core().options.save(number, { number: 1, etag: "e1", sha256: "00" });
      core().options.save(number, { number: 4, etag: "e4", sha256: "00" });
      return upload;
    };
  });

async function reload() {
  await page.reload();
  await setUp(page);
}

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

test("a file handle is kept; reading it again is asked for by a click; a changed file is refused", async () => {
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
    const { keptFiles } = await import("/js/store.js");
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

test("of two tabs with the same file one works, and the other goes on from there once it is gone", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
  }, 17 * MIB);
  const second = await page.context().newPage();
  await second.goto(`${app.url}/blank.html`);
  await setUp(second);
  const waiting = await second.evaluate(async (size) => {
    make();
    globalThis.upload = uploader.add(file(size));
    await until(() => upload.state === "waiting");
    const aborted = uploader.add(file(size));
    await until(() => aborted.state === "waiting");
    aborted.abort();
    await aborted.result.catch(() => {});
    return { entered: core().added.length, saved: (await uploader.saved()).length, aborted: aborted.state };
  }, 17 * MIB);
  assert.deepEqual(waiting, { entered: 0, saved: 0, aborted: "aborted" });
  await page.close();
  const uploadId = await second.evaluate(async () => {
    await until(() => upload.state === "uploading");
    return core().added[0].saved.uploadId;
  });
  assert.equal(uploadId, "u-1");
  page = second;
  page.complaints = [];
});

test("a failed upload is free for another tab; tried again, it waits for that one", async () => {
  await page.evaluate(async (size) => {
    make();
    globalThis.upload = await begin(file(size));
    await until(async () => (await stored())[0]?.parts === 2);
    core().tell(0, { state: "failed", error: { kind: "network", code: "network", message: "no", retryable: true } });
  }, 17 * MIB);
  const second = await page.context().newPage();
  await second.goto(`${app.url}/blank.html`);
  await setUp(second);
  const uploadId = await second.evaluate(async (size) => {
    make();
    globalThis.upload = uploader.add(file(size));
    await until(() => upload.state === "uploading");
    return core().added[0].saved.uploadId;
  }, 17 * MIB);
  assert.equal(uploadId, "u-1");
  const retries = () => core().commands.filter(([command]) => command === "retry").length;
  const during = await page.evaluate(async (count) => {
    upload.retry();
    await until(() => upload.state === "waiting");
    return (0, eval)(count)();
  }, String(retries));
  assert.equal(during, 0);
  await second.evaluate(() => core().end(0, "done"));
  await page.evaluate((count) => until(() => (0, eval)(count)() === 1), String(retries));
});

test("records of another version or older than a week are forgotten", async () => {
  await page.evaluate(async (size) => {
    make();
    await begin(file(size, { name: "version" }));
    await begin(file(size, { name: "age" }));
    await begin(file(size, { name: "good" }));
    await until(async () => (await stored()).length === 3);
    const { storedUploads, putUpload, written } = await import("/js/store.js");
    for (const upload of await storedUploads()) {
      if (upload.name === "version") putUpload({ ...upload, version: 99 });
      if (upload.name === "age") putUpload({ ...upload, at: Date.now() - 8 * 24 * 3600 * 1000 });
    }
    await written();
  }, 17 * MIB);
  await reload();
  const left = await page.evaluate(async () => {
    make();
    const names = (await uploader.saved()).map(({ name }) => name);
    const { written } = await import("/js/store.js");
    await written();
    const open = indexedDB.open("sealift");
    await new Promise((resolve) => (open.onsuccess = resolve));
    const all = (store) => new Promise((resolve) => (open.result.transaction(store).objectStore(store).count().onsuccess = ({ target }) => resolve(target.result)));
    return { names, uploads: await all("uploads"), parts: await all("parts") };
  });
  assert.deepEqual(left, { names: ["good"], uploads: 1, parts: 2 });
});

for (const [label, breakIt] of [
  ["is not there", () => Object.defineProperty(globalThis, "indexedDB", { value: undefined })],
  ["may not be opened", () => (IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); })],
  ["stores no files", () => { const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (value, ...key) { if (value instanceof Blob || value.handle) throw new DOMException("no", "DataCloneError"); return put.call(this, value, ...key); }; }],
  ["is full", () => { IDBObjectStore.prototype.put = function () { this.transaction.abort(); throw new DOMException("full", "QuotaExceededError"); }; }],
]) {
  test(`uploads do not care if the database ${label}`, async () => {
    const state = await page.evaluate(
      async ([size, source]) => {
        (0, eval)(`(${source})()`);
        make();
        const upload = await begin(file(size));
        const small = await begin(file(1000, { name: "small" }));
        // Long enough for what is written late.
        await new Promise((resolve) => setTimeout(resolve, 3300));
        core().end(0, "done");
        core().end(1, "done");
        return [upload.state, small.state, (await uploader.saved()).length];
      },
      [17 * MIB, String(breakIt)],
    );
    assert.deepEqual(state, ["done", "done", 0]);
  });
}

test("in a worker, which has no localStorage, uploads are remembered too", async () => {
  const work = (size) =>
    page.evaluate(
      ([bytes, origin]) =>
        new Promise((resolve, reject) => {
          const source = `
            const { createUploader } = await import("${origin}/js/index.js");
            const uploader = createUploader({ endpoint: "${origin}/sealift" });
            const upload = uploader.add(new File([new Uint8Array(${bytes})], "worker.bin", { lastModified: 1 }));
            await new Promise((resolve) => upload.addEventListener("statechange", () => upload.state === "uploading" && resolve()));
            const record = { token: "t", bucket: "b", key: "k", plan: { kind: "multipart", partSize: 5242880, parts: 4 }, integrity: "sha256", uploadId: "u-1" };
            globalThis.cores[0].options.save(0, record);
            const { written } = await import("${origin}/js/store.js");
            await new Promise((resolve) => setTimeout(resolve, 300));
            await written();
            postMessage([upload.state, upload.resumed]);`;
          const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
          worker.onerror = (event) => reject(new Error(event.message));
          worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
        }),
      [size, app.url],
    );
  assert.deepEqual(await work(17 * MIB), ["uploading", false]);
  assert.deepEqual(await work(17 * MIB), ["uploading", true]);
  assert.deepEqual(await work(100), ["uploading", false]);
});

test("with `resume: false` nothing is stored", async () => {
  const found = await page.evaluate(async (size) => {
    make({ resume: false });
    await begin(file(size));
    await new Promise((resolve) => setTimeout(resolve, 300));
    return [core().options.snapshots, (await indexedDB.databases()).length, localStorage.length, (await uploader.saved()).length];
  }, 17 * MIB);
  assert.deepEqual(found, [false, 0, 0, 0]);
});

test("the page asks before it is left only while something is unfinished, and keeps the screen on only while it moves", async () => {
  const found = await page.evaluate(async () => {
    const locks = [];
    navigator.wakeLock.request = async () => {
      const sentinel = { released: false, release: async () => void (sentinel.released = true) };
      locks.push(sentinel);
      return sentinel;
    };
    const asks = () => !dispatchEvent(new Event("beforeunload", { cancelable: true }));
    const awake = () => locks.filter((lock) => !lock.released).length;
    make({ wakeLock: true });
    const seen = [[asks(), awake()]];
    const upload = uploader.add(file(100));
    await until(() => upload.state === "uploading");
    seen.push([asks(), awake()]);
    document.dispatchEvent(new Event("visibilitychange"));
    core().tell(0, { state: "paused" });
    await until(() => awake() < 2);
    seen.push([asks(), locks.length]);
    core().tell(0, { state: "done" });
    await new Promise((resolve) => setTimeout(resolve));
    seen.push([asks(), locks.length]);
    make({ guard: false });
    uploader.add(file(100));
    seen.push([asks(), locks.length]);
    return seen;
  });
  assert.deepEqual(found, [[false, 0], [true, 1], [true, 2], [false, 2], [false, 2]]);
});

test("commands before the engine has the file, priorities, lacks and retry reach it", async () => {
  const found = await page.evaluate(async (size) => {
    make();
    const heard = [];
    uploader.addEventListener("lacks", () => heard.push([...uploader.lacks]));
    const upload = uploader.add(file(size), { priority: "low" });
    upload.pause();
    upload.setPriority("high");
    await until(() => core()?.added.length === 1);
    const wrong = (() => { try { upload.setPriority("soon"); } catch (error) { return error.code; } })();
    core().options.onLacks("post-forms");
    core().tell(0, { state: "failed", error: { kind: "network", code: "network", message: "no", retryable: true } });
    uploader.retry();
    await until(() => core().commands.some(([command]) => command === "retry"));
    return { priority: core().added[0].priority, commands: core().commands, wrong, heard };
  }, 17 * MIB);
  assert.equal(found.priority, "high");
  assert.deepEqual(found.commands.map(([command]) => command).filter((command) => command !== "start"), ["pause", "retry"]);
  assert.equal(found.wrong, "invalid_option");
  assert.deepEqual(found.heard, [["post-forms"]]);
});

test("the bucket's origin is connected to ahead: asked once, with the app's headers, and failing is no matter", async () => {
  const asked = [];
  await page.context().unroute("**/sealift/capabilities");
  await page.context().route("**/sealift/capabilities", (route) => {
    asked.push(route.request().headers()["x-app"]);
    return route.fulfill({ json: { bucketOrigin: "http://127.0.0.1:9" } });
  });
  const links = await page.evaluate(async () => {
    make({ headers: { "x-app": "1" } });
    uploader.add([file(1), file(2)]);
    make();
    uploader.add(file(3));
    return until(() => document.querySelector("link[rel=preconnect]")?.outerHTML);
  });
  assert.deepEqual(asked, ["1"]);
  assert.match(links, /crossorigin="anonymous"/);
  assert.match(links, /href="http:\/\/127\.0\.0\.1:9"/);
});
