// Thousands of files at once: the page keeps its turns.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { startBehindProxy } from "./harness/dev-s3.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";

let app, browser, site, page;
before(async () => {
  app = await serveFixtures();
  app.pages["/files.html"] = "<!doctype html><title>Files</title>";
  [browser, site] = await Promise.all([launch(), startBehindProxy({ config: { server: { origins: [app.url] } } })]);
  page = await openPage(browser);
  await page.goto(`${app.url}/files.html`);
});
after(async () => {
  await Promise.all([browser?.close(), site?.stop(), app?.stop()]);
});

test("what is handed to the engine is cut into shares, in its order", async () => {
  // A clock that goes a millisecond whenever somebody looks at it: a share of 8 ms is so many looks.
  const found = await page.evaluate(async () => {
    const { Engine } = await import("/js/engine.js");
    const { parseOptions } = await import("/js/options.js");
    const ignore = () => {};
    const listener = { onNotice: ignore, onProgress: ignore, save: ignore, forget: ignore, onLacks: ignore, onMissing: ignore };
    const engine = new Engine(parseOptions({ endpoint: "/sealift" }), listener);
    const [now, later] = [performance.now, setTimeout];
    let [clock, turn] = [0, 0];
    const [order, shares] = [[], []];
    const work = (name) => () => {
      order.push(name);
      shares[turn] = (shares[turn] ?? 0) + 1;
    };
    performance.now = () => (clock += 1);
    globalThis.setTimeout = (act, ms) =>
      later(() => {
        turn += 1;
        act();
      }, ms);
    try {
      // Before it is loaded, and after.
      for (const begin of [0, 1_000]) {
        for (let index = 0; index < 1_000; index += 1) engine.with(work(begin + index));
        while (order.length < begin + 1_000) await new Promise((resolve) => later(resolve));
      }
      engine.with((core) => engine.with(work("inner")) ?? work("outer")(core));
      await new Promise((resolve) => later(resolve, 10));
    } finally {
      [performance.now, globalThis.setTimeout] = [now, later];
    }
    return { order, most: Math.max(...shares.filter(Boolean)), turns: shares.filter(Boolean).length };
  });
  assert.deepEqual(found.order, [...Array.from({ length: 2_000 }, (_, index) => index), "outer", "inner"]);
  assert.ok(found.most <= 8 && found.turns >= 2_000 / 8, JSON.stringify({ most: found.most, turns: found.turns }));
});

test("10,000 files of 1 KB all arrive, and no task is longer than the one that made them", { timeout: 600_000 }, async (t) => {
  const { ends, made, added, tasks } = await page.evaluate(async (endpoint) => {
    const { createUploader } = await import("/js/index.js");
    const found = [];
    new PerformanceObserver((list) => found.push(...list.getEntries())).observe({ entryTypes: ["longtask"] });
    const timed = (work) => {
      const begin = performance.now();
      const done = work();
      return [done, performance.now() - begin];
    };
    const file = (index) => new File([new Uint8Array(1_000).fill(index), new Uint32Array([index])], `${index}.bin`);
    const [files, whole] = timed(() => Array.from({ length: 10_000 }, (_, index) => file(index)));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const uploader = createUploader({ endpoint, guard: false, resume: false });
    found.length = 0;
    const [uploads, adding] = timed(() => uploader.add(files));
    const all = await Promise.allSettled(uploads.map((upload) => upload.result));
    const outcomes = all.map(({ value, reason }) => (value ? { key: value.key, size: value.size } : { code: reason.code }));
    return { ends: outcomes, made: whole, added: adding, tasks: found.map(({ duration }) => duration) };
  }, `${site.server.url}/sealift`);
  assert.deepEqual(ends.filter(({ size }) => size !== 1_004), []);
  const keys = new Set(ends.map(({ key }) => key));
  const stored = await new Bucket(site.server, { url: site.s3.url, keys: site.s3.keys }).list();
  assert.deepEqual([keys.size, stored.filter((key) => keys.has(key)).length], [10_000, 10_000]);
  const longest = Math.round(Math.max(0, ...tasks));
  t.diagnostic(`made in ${Math.round(made)} ms, added in ${Math.round(added)} ms; ${tasks.length} long tasks since, the longest ${longest} ms`);
  assert.ok(longest <= Math.max(made, 500), `a task of ${longest} ms`);
});
