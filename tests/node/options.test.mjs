// The app's own headers, and how they are renewed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions } from "../../js/options.js";
import { settlement } from "../../js/settlement.js";

/** Headers that tell how often they were renewed; renewing ends when `renewed()` is called. */
function renewing() {
  let times = 0;
  let running;
  const { headers } = parseOptions({
    endpoint: "/sealift",
    headers: () => ({ token: String(times) }),
    onUnauthorized: () => {
      running = settlement();
      times += 1;
      return running.promise;
    },
  });
  return { headers, times: () => times, running: () => running };
}

/** Later than everything so far. */
async function moment() {
  const now = performance.now();
  while (performance.now() <= now) await new Promise((resolve) => setTimeout(resolve, 1));
  return performance.now();
}

test("one refresh serves all calls that were under way", async () => {
  const it = renewing();
  assert.deepEqual(await it.headers(), [["token", "0"]]);
  const asked = await moment();
  const first = it.headers(asked);
  const second = it.headers(asked);
  await moment();
  assert.equal(it.times(), 1);
  it.running().resolve();
  assert.deepEqual(await Promise.all([first, second]), [[["token", "1"]], [["token", "1"]]]);
  // Its answer came late, but it was made with the headers of before.
  assert.deepEqual(await it.headers(asked), [["token", "1"]]);
  assert.equal(it.times(), 1);
});

test("a call made after a refresh has its own", async () => {
  const it = renewing();
  const first = it.headers(await moment());
  await moment();
  it.running().resolve();
  await first;
  const second = it.headers(await moment());
  await moment();
  it.running().resolve();
  assert.deepEqual(await second, [["token", "2"]]);
});

test("a refresh that failed fails its calls, and the next one is another", async () => {
  const it = renewing();
  const asked = await moment();
  const failed = it.headers(asked);
  await moment();
  it.running().reject(new Error("signed out"));
  await assert.rejects(failed, /signed out/);
  const next = it.headers(asked);
  await moment();
  it.running().resolve();
  assert.deepEqual(await next, [["token", "2"]]);
});

test("one that throws at once is no different", async () => {
  let times = 0;
  const { headers } = parseOptions({
    endpoint: "/sealift",
    onUnauthorized: () => {
      times += 1;
      if (times === 1) throw new Error("signed out");
    },
  });
  await assert.rejects(headers(await moment()), /signed out/);
  assert.deepEqual([await headers(await moment()), times], [[], 2]);
});
