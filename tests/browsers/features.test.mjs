// What a browser has of what Sealift uses where it is there; and that an upload and a digest come out right either way.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, openPage } from "../e2e/harness/browser.mjs";
import { Bucket } from "../e2e/harness/bucket.mjs";
import { serveFixtures } from "../e2e/harness/fixtures.mjs";
import { startServer } from "../e2e/harness/server.mjs";
import { FEATURES } from "../../scripts/lib/browser-tables.mjs";

let app, server, browser, page;
before(async () => {
  app = await serveFixtures();
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] } }), launch()]);
  page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
});
after(() => Promise.all([browser?.close(), server?.stop(), app?.stop()]));

test("each feature is there or not, and is written down", async () => {
  const found = await page.evaluate(async () => {
    const works = async (ask) => {
      try {
        return Boolean(await ask());
      } catch {
        return false;
      }
    };
    const inModuleWorker = (body) =>
      works(
        () =>
          new Promise((resolve, reject) => {
            const worker = new Worker(URL.createObjectURL(new Blob([`postMessage(await (async () => { ${body} })())`], { type: "text/javascript" })), { type: "module" });
            worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
            worker.onerror = reject;
          }),
      );
    const validates = (bytes) => WebAssembly.validate(Uint8Array.from(bytes));
    const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
    const stored = (value) =>
      works(
        () =>
          new Promise((resolve, reject) => {
            const open = indexedDB.open(`probe-${Math.random()}`, 1);
            open.onupgradeneeded = () => open.result.createObjectStore("s");
            open.onerror = reject;
            open.onsuccess = () => {
              const transaction = open.result.transaction("s", "readwrite");
              transaction.oncomplete = () => resolve(true);
              transaction.onabort = transaction.onerror = reject;
              transaction.objectStore("s").put(value, 1);
            };
          }),
      );
    const streamed = () => {
      let asked = false;
      const request = new Request(location.href, { method: "POST", body: new ReadableStream(), get duplex() { asked = true; return "half"; } });
      return asked && !request.headers.has("content-type");
    };
    return {
      "module-workers": await inModuleWorker("return true"),
      "blob-stream": await works(() => new Blob(["x"]).stream().getReader().read()),
      "blob-byob": await works(() => new Blob(["x"]).stream().getReader({ mode: "byob" })),
      "wasm-streaming": typeof WebAssembly.instantiateStreaming === "function",
      "wasm-simd": validates([...head, 8, 1, 6, 0, 65, 0, 253, 15, 11]),
      "subtle-in-worker": await inModuleWorker("return (await crypto.subtle.digest('SHA-256', new Uint8Array(1))).byteLength === 32"),
      "web-locks": typeof navigator.locks?.request === "function",
      "idb-files": await stored(new File(["x"], "x")),
      "idb-bytes": await stored(new ArrayBuffer(1)),
      "private-files": await works(() => navigator.storage.getDirectory()),
      "file-handles": typeof window.showOpenFilePicker === "function" && typeof DataTransferItem.prototype.getAsFileSystemHandle === "function",
      "folder-drops": typeof DataTransferItem.prototype.webkitGetAsEntry === "function",
      "wake-lock": "wakeLock" in navigator,
      "network-information": "connection" in navigator,
      "streaming-bodies": await works(streamed),
      "offscreen-canvas": await inModuleWorker("return Boolean(new OffscreenCanvas(1, 1).getContext('2d'))"),
      "element-internals": typeof HTMLElement.prototype.attachInternals === "function" && "setFormValue" in ElementInternals.prototype,
    };
  });
  assert.deepEqual(Object.keys(found).sort(), Object.keys(FEATURES).sort());
  // Without these there is no upload at all.
  for (const needed of ["module-workers", "blob-stream", "subtle-in-worker"]) assert.ok(found[needed], needed);
  const file = process.env.SEALIFT_FEATURES;
  const version = browser.version();
  if (file) writeFileSync(file, JSON.stringify({ browser: /^\d/.test(version) ? `Chromium ${version}` : version, features: found }));
});

test("8 MiB in one request: progress is told on the way, never falls, and ends at the whole", async () => {
  const size = 8 * 1024 * 1024;
  await server.inject({ operation: "PutObject", kind: "throttle", bytes_per_second: size });
  const { key, seen } = await page.evaluate(
    async ([endpoint, length]) => {
      const { createUploader } = await import("/js/index.js");
      const uploader = createUploader({ endpoint, guard: false, resume: false, transport: "put" });
      const upload = uploader.add(new File([new Uint8Array(length).fill(5)], "progress.bin"));
      const seen = [];
      upload.addEventListener("progress", () => seen.push(upload.progress.loaded));
      const { key } = await upload.result;
      return { key, seen };
    },
    [`${server.url}/sealift`, size],
  );
  const { sha256 } = await new Bucket(server).read(key);
  assert.equal(sha256, createHash("sha256").update(Buffer.alloc(size, 5)).digest("hex"));
  assert.ok(seen.length > 2 && seen.every((loaded, index) => loaded >= (seen[index - 1] ?? 0)), seen.join(" "));
  assert.equal(seen.at(-1), size);
});
