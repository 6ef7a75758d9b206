// Other tabs, other places, and pages that remember nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, app, capable, page, reload, setUp } from "./harness/scripted.mjs";

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
    const { storedUploads, putUpload, written } = await import("/js/resume/store.js");
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
    const { written } = await import("/js/resume/store.js");
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
            const { written } = await import("${origin}/js/resume/store.js");
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

test("what asks before the page is left says so in the words of older browsers too", async () => {
  const answers = await page.evaluate(async () => {
    const answer = () => {
      const event = document.createEvent("BeforeUnloadEvent");
      event.initEvent("beforeunload", false, true);
      return [!dispatchEvent(event), Boolean(event.returnValue)];
    };
    make();
    const before = answer();
    uploader.add(file(100));
    return [before, answer()];
  });
  assert.deepEqual(answers, [[false, false], [true, true]]);
});

test("a file that the engine stumbles over does not hold up the others", async () => {
  const states = await page.evaluate(async () => {
    globalThis.poison = "second";
    make();
    const uploads = uploader.add(["first", "second", "third"].map((name) => file(10, { name })));
    await until(() => uploads[0].state === "uploading" && uploads[2].state === "uploading");
    return uploads.map(({ state, error }) => [state, error?.code]);
  });
  assert.deepEqual(states, [["uploading", undefined], ["failed", "unexpected"], ["uploading", undefined]]);
});

test("a caller's signal is let go of once there is nothing left to abort", async () => {
  const found = await page.evaluate(async () => {
    const { signal } = new AbortController();
    let held = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args) => ((held += 1), addEventListener.apply(signal, args));
    signal.removeEventListener = (...args) => ((held -= 1), removeEventListener.apply(signal, args));
    make();
    const uploads = uploader.add([file(1), file(2), file(3)], { signal });
    await until(() => uploads.every(({ state }) => state === "uploading"));
    const seen = [held];
    const error = { kind: "network", code: "network", message: "no", retryable: true };
    core().tell(0, { state: "failed", error });
    core().tell(1, { state: "done", object: { key: "k", urlLifetime: 1 } });
    seen.push(held);
    core().tell(0, { state: "uploading" });
    uploads[0].abort();
    uploads[2].abort();
    return [...seen, held];
  });
  assert.deepEqual(found, [3, 2, 0]);
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
  capable({ bucketOrigin: "http://127.0.0.1:9" }, (headers) => asked.push(headers["x-app"]));
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

test("prepare() does all that before there is a file, and opens the connection again when it may be gone", async () => {
  capable({ bucketOrigin: "http://127.0.0.1:9" });
  const found = await page.evaluate(async () => {
    const loaded = (end) => until(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith(end)));
    make();
    uploader.prepare();
    const first = await until(() => document.querySelector("link[rel=preconnect]"));
    await loaded("/js/worker.js");
    await loaded("/js/resume/keeper.js");
    uploader.prepare();
    const same = document.querySelector("link[rel=preconnect]") === first;
    const { now } = performance;
    performance.now = () => now.call(performance) + 60_000;
    uploader.prepare();
    const again = document.querySelectorAll("link[rel=preconnect]");
    return { same, links: again.length, renewed: again[0] !== first, href: again[0].href, uploads: uploader.uploads.length };
  });
  assert.deepEqual(found, { same: true, links: 1, renewed: true, href: "http://127.0.0.1:9/", uploads: 0 });
});

for (const [maxPostSize, wanted, lacks] of [
  [0, ["put", "put", "put", "auto"], ["post-forms"]],
  [1000, ["auto", "auto", "put", "auto"], []],
  [undefined, ["auto", "auto", "auto", "auto"], []],
]) {
  test(`an endpoint whose forms take ${maxPostSize} bytes is not asked for larger ones, once that is known`, async () => {
    capable({ maxPostSize });
    const found = await page.evaluate(async () => {
      const first = make();
      const answered = new Promise((resolve) => new PerformanceObserver((list) => list.getEntriesByName(`${location.origin}/sealift/capabilities`).forEach(resolve)).observe({ type: "resource" }));
      uploader.add(file(10));
      await answered;
      await until(() => core()?.added.length === 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      uploader.add([0, 1000, 1001, 1024 * 1024 + 1].map((size) => file(size)));
      make({ transport: "post" });
      uploader.add(file(1001));
      await until(() => core().added.length === 1 && globalThis.cores[0].added.length === 5);
      return { transports: globalThis.cores[0].added.slice(1).map(({ transport }) => transport), chosen: core().added[0].transport, lacks: first.lacks };
    });
    assert.deepEqual(found, { transports: wanted, chosen: "post", lacks });
  });
}
