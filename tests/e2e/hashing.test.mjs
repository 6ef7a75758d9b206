// hashFile: in the worker, with and without what makes it fast.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { ENGINE } from "./harness/engine.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { Crc64Nvme, init } from "../../js/digests.js";

const MIB = 1024 * 1024;
/** What the worker reads as a whole at most. */
const WHOLE = 16 * MIB;

let app, browser, page;
before(async () => {
  await init();
  [app, browser] = await Promise.all([serveFixtures(), launch()]);
});
after(() => Promise.all([browser?.close(), app?.stop()]));

/** A page, and what it and its workers fetch. */
async function open() {
  page = await openPage(browser);
  app.asked = [];
  await page.goto(`${app.url}/blank.html`);
  return app.asked;
}

/** Counts the workers of the page. */
const COUNTED = "globalThis.made = 0; globalThis.Worker = class extends Worker { constructor(...given) { super(...given); globalThis.made += 1; } };";
const workersMade = () => page.evaluate(() => globalThis.made);

test.afterEach(async () => {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  app.preludes = {};
});

/** The page's own digests of `size` bytes, as they are made here too. */
const hashed = (size, algorithms) =>
  page.evaluate(
    async ([length, names]) => {
      const { hashFile } = await import("/js/index.js");
      const bytes = new Uint8Array(length);
      for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 9)) & 255;
      const seen = [];
      const digests = await hashFile(new Blob([bytes]), { algorithms: names, onProgress: (loaded, total) => seen.push(loaded <= total) });
      return { digests, sound: seen.every(Boolean) };
    },
    [size, algorithms],
  );

function expected(size, algorithms) {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) bytes[index] = (index * 31 + (index >> 9)) & 255;
  const digests = {};
  if (algorithms.includes("sha256")) digests.sha256 = createHash("sha256").update(bytes).digest("hex");
  if (algorithms.includes("crc64nvme")) {
    digests.crc64nvme = Buffer.from(new Crc64Nvme().update(bytes).digest()).toString("base64");
  }
  return { digests, sound: true };
}

const CHOICES = [["sha256"], ["crc64nvme"], ["sha256", "crc64nvme"]];

test("digests of every kind, in memory and piece by piece", async () => {
  await open();
  for (const size of [0, 1, 70_000, WHOLE, WHOLE + 1]) {
    for (const algorithms of CHOICES) assert.deepEqual(await hashed(size, algorithms), expected(size, algorithms), `${size} ${algorithms}`);
  }
});

test("SHA-256 of what fits into memory loads no wasm", async () => {
  const fetched = await open();
  assert.deepEqual(await hashed(WHOLE, ["sha256"]), expected(WHOLE, ["sha256"]));
  assert.ok(fetched.includes("/js/worker.js"), "it was the worker");
  assert.deepEqual(fetched.filter((name) => name.endsWith(".wasm")), []);
  assert.deepEqual(await hashed(1, ["crc64nvme"]), expected(1, ["crc64nvme"]));
  assert.deepEqual(fetched.filter((name) => name.endsWith(".wasm")), ["/pkg/sums/sealift_sums_bg.wasm"]);
  assert.deepEqual(await hashed(WHOLE + 1, CHOICES[2]), expected(WHOLE + 1, CHOICES[2]));
  assert.ok(!fetched.includes("/js/worker-all.js"), "nor anything else");
});

const PROCESSORS = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 8 });";

/** Several at once: the digests, in order. */
const hashedTogether = (tasks) =>
  page.evaluate(async (list) => {
    const { hashFile } = await import("/js/index.js");
    return Promise.all(list.map(([size, algorithms]) => hashFile(new Blob([new Uint8Array(size).fill(size)]), { algorithms })));
  }, tasks);

const digestOf = (size) => createHash("sha256").update(Buffer.alloc(size, size)).digest("hex");

test("two workers share the work, and none does by wasm what fits into the other's memory", async () => {
  app.preludes = { "/js/hash.js": PROCESSORS + COUNTED };
  const fetched = await open();
  const sizes = [WHOLE, WHOLE, WHOLE - 1, WHOLE / 2, 9, WHOLE, 10, 11];
  const digests = await hashedTogether(sizes.map((size) => [size, ["sha256"]]));
  assert.deepEqual(digests.map(({ sha256 }) => sha256), sizes.map(digestOf));
  assert.equal(await workersMade(), 2);
  assert.deepEqual(fetched.filter((name) => name.endsWith(".wasm")), []);
});

test("what workers that break had to do is done elsewhere, whatever its size", async () => {
  app.preludes = { "/js/hash.js": PROCESSORS, "/js/worker.js": "globalThis.fetch = () => Promise.reject(new TypeError());" };
  await open();
  const tasks = [[WHOLE, ["sha256"]], [1, ["crc64nvme"]], [WHOLE, ["sha256"]], [2, ["sha256", "crc64nvme"]], [WHOLE + 1, ["sha256"]], [WHOLE, ["sha256", "crc64nvme"]]];
  const digests = await hashedTogether(tasks);
  assert.deepEqual(digests.map(({ sha256 }) => sha256), tasks.map(([size, [first]]) => (first === "sha256" ? digestOf(size) : undefined)));
});

for (const [lack, preludes] of Object.entries({
  "crypto.subtle, as on plain http": { "/js/worker.js": 'Object.defineProperty(crypto, "subtle", { value: undefined });' },
  "reads into a buffer": { "/js/worker.js": "Blob.prototype.stream = () => { throw new TypeError(); };" },
  "workers": { "/js/hash.js": "globalThis.Worker = class { constructor() { throw new DOMException(); } };" },
  "a worker's wasm": { "/js/worker.js": "globalThis.fetch = () => Promise.reject(new TypeError());" },
})) {
  test(`where there are no ${lack}`, async () => {
    app.preludes = preludes;
    await open();
    for (const algorithms of CHOICES) assert.deepEqual(await hashed(3 * MIB + 1, algorithms), expected(3 * MIB + 1, algorithms), String(algorithms));
  });
}

test("hashes of chunks, by the browser's own SHA-256 and by wasm, in blocks that are read one after the other", async () => {
  for (const prelude of ["", 'Object.defineProperty(crypto, "subtle", { value: undefined });']) {
    app.preludes = { "/js/worker-all.js": prelude, "/js/hash.js": COUNTED };
    await open();
    for (const [size, chunkSize] of [[0, 8192], [1, 8192], [3 * MIB, 8192], [WHOLE * 2 + 5, MIB], [WHOLE * 2 + 5, 5 * MIB + 1], [2 * MIB, MIB], [WHOLE + 1, WHOLE], [WHOLE * 2, WHOLE + 1], [WHOLE * 3, 100_000]]) {
      const found = await page.evaluate(
        async ([size, chunkSize]) => {
          const { hashFile } = await import("/js/index.js");
          const bytes = new Uint8Array(size);
          for (let index = 0; index < size; index += 1) bytes[index] = (index * 31 + (index >> 9)) & 255;
          const seen = [];
          const { chunks, crc32 } = await hashFile(new Blob([bytes]), { algorithms: ["crc32"], chunkSize, onProgress: (loaded, total) => seen.push(loaded <= total) });
          const expected = [];
          for (let start = 0; start < size; start += chunkSize) expected.push(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.subarray(start, start + chunkSize))));
          const same = chunks.length === expected.length * 32 && expected.every((digest, place) => digest.every((byte, index) => byte === chunks[place * 32 + index]));
          return { same, sound: seen.every(Boolean), crc32: typeof crc32 };
        },
        [size, chunkSize],
      );
      assert.deepEqual(found, { same: true, sound: true, crc32: "string" }, `${size} by ${chunkSize}`);
    }
    assert.equal(await workersMade(), 1);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
  await open();
});

test("whoever asks for more than uploads need gets a worker that has it, and keeps it", async () => {
  const fetched = await open();
  assert.deepEqual(await hashed(70_000, CHOICES[2]), expected(70_000, CHOICES[2]));
  assert.equal(await md5Of(70_000), createHash("md5").update(Buffer.alloc(70_000, 7)).digest("hex"));
  assert.deepEqual(await hashed(70_000, CHOICES[2]), expected(70_000, CHOICES[2]));
  assert.equal(await md5Of(1), createHash("md5").update(Buffer.alloc(1, 7)).digest("hex"));
  assert.deepEqual(fetched.filter((name) => name.endsWith(".wasm")), ["/pkg/sums/sealift_sums_bg.wasm", "/pkg/hash/sealift_hash_bg.wasm"]);
  if (ENGINE === "chromium") assert.equal(page.workers().length, 1);
});

const md5Of = (size) =>
  page.evaluate(async (size) => {
    const { hashFile } = await import("/js/index.js");
    return (await hashFile(new Blob([new Uint8Array(size).fill(7)]), { algorithms: ["md5"] })).md5;
  }, size);

test("an engine without SIMD gets the module without", async () => {
  app.preludes = Object.fromEntries(["hash", "worker-all"].map((name) => [`/js/${name}.js`, "WebAssembly.validate = () => false;"]));
  const fetched = await open();
  assert.deepEqual(await hashed(70_000, CHOICES[2]), expected(70_000, CHOICES[2]));
  assert.deepEqual(await hashed(WHOLE + 1, CHOICES[2]), expected(WHOLE + 1, CHOICES[2]));
  assert.deepEqual(fetched.filter((name) => name.endsWith(".wasm")), ["/pkg/hash/sealift_hash_scalar_bg.wasm"]);
});

test("one that is given up in the middle leaves the next as it should be", async () => {
  await open();
  const found = await page.evaluate(async (size) => {
    const { hashFile } = await import("/js/index.js");
    const blob = new Blob([new Uint8Array(size).fill(7)]);
    const names = [];
    const given = [1, 2, 3].map(() => {
      const controller = new AbortController();
      const hashing = hashFile(blob, { signal: controller.signal, onProgress: () => controller.abort() });
      setTimeout(() => controller.abort(), 20);
      return hashing.catch((error) => names.push(error.name));
    });
    const kept = [hashFile(blob), hashFile(blob.slice(0, 1000))];
    await Promise.all(given);
    return { names, digests: await Promise.all(kept) };
  }, WHOLE);
  const digest = (size) => ({ sha256: createHash("sha256").update(Buffer.alloc(size, 7)).digest("hex") });
  assert.deepEqual(found, { names: ["AbortError", "AbortError", "AbortError"], digests: [digest(WHOLE), digest(1000)] });
});
