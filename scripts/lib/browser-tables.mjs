// The tables of docs/browsers.md, made of what the tests found in each browser.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./paths.mjs";

export const ENGINES = ["chromium", "firefox", "webkit"];
const RESULTS = path.join(ROOT, "tests/browsers/results");
export const PAGE = path.join(ROOT, "docs/browsers.md");

/** What is looked for, and what Sealift does where it is not there. */
export const FEATURES = {
  "module-workers": ["Module workers", "hashing on the main thread, in shares of 4 ms"],
  "blob-stream": ["`Blob.stream()`", "slices, read one after the other"],
  "blob-byob": ["reads into one's own buffer (BYOB) of `Blob.stream()`", "the stream's own pieces"],
  "wasm-streaming": ["`WebAssembly.instantiateStreaming`", "fetched, then compiled"],
  "wasm-simd": ["WebAssembly SIMD", "the module without SIMD"],
  "subtle-in-worker": ["`crypto.subtle` in workers (https and localhost)", "SHA-256 by wasm"],
  "web-locks": ["Web Locks", "two tabs with the same file both upload it"],
  "idb-files": ["files in IndexedDB", "their bytes are stored instead, within the same limit"],
  "idb-bytes": ["bytes in IndexedDB", "nothing is remembered; uploads work"],
  "private-files": ["the origin's private file system", "nothing: it is the app's to use; its handles are resumed from"],
  "file-handles": ["handles of a person's files", "after a reload a large file is chosen once more"],
  "folder-drops": ["folders dropped on a page", "files alone"],
  "wake-lock": ["Screen Wake Lock", "the screen may go dark; uploads go on while the system does"],
  "network-information": ["`navigator.connection`", "nothing: it is not used"],
  "streaming-bodies": ["streams as request bodies", "nothing: bodies are Blobs everywhere"],
  "offscreen-canvas": ["`OffscreenCanvas` in workers", "nothing: uploads and hashing do not draw"],
  "element-internals": ["form-associated custom elements", "the element works, but is no part of its form"],
};

/** What each suite of the tests is about. */
export const SUITES = { upload: "Upload", resume: "Resume", hashing: "Hashing", features: "Features" };

/** Results by browser, of those that were run. */
export function readResults() {
  const files = ENGINES.map((engine) => [engine, path.join(RESULTS, `${engine}.json`)]).filter(([, file]) => existsSync(file));
  return Object.fromEntries(files.map(([engine, file]) => [engine, JSON.parse(readFileSync(file, "utf8"))]));
}

export const resultsFile = (engine) => path.join(RESULTS, `${engine}.json`);

/** @param {Record<string, any>} results @returns {Record<string, string>} Markdown by name */
export function tablesOf(results) {
  const browsers = Object.values(results);
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const table = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
  const suites = Object.keys(SUITES).filter((suite) => browsers.some(({ suites }) => suites[suite]));
  const count = (outcome) => (outcome ? [`${outcome.passed} passed`, outcome.failed.length && `**${outcome.failed.length} failed**`, outcome.skipped.length && `${outcome.skipped.length} not tried`].filter(Boolean).join(", ") : "not run");
  const notTried = browsers.flatMap(({ browser, suites }) => Object.values(suites).flatMap(({ skipped }) => skipped.map(({ name, why }) => [browser.split(" ")[0], name, why])));
  return {
    suites: table(["", ...browsers.map(({ browser }) => browser)], suites.map((suite) => [SUITES[suite], ...browsers.map((one) => count(one.suites[suite]))])),
    features: table(
      ["", ...browsers.map(({ browser }) => browser.split(" ")[0]), "Where it is missing"],
      Object.entries(FEATURES).map(([id, [title, instead]]) => [title, ...browsers.map(({ features }) => (features[id] ? "yes" : "no")), instead]),
    ),
    "not tried": notTried.length > 0 ? table(["Browser", "Test", "Why"], notTried) : "Everything was tried everywhere.",
  };
}

/** The page with its tables made anew. */
export function withTables(page, results) {
  return Object.entries(tablesOf(results)).reduce(
    (text, [name, markdown]) => text.replace(new RegExp(`(<!-- results: ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`), (_, start, end) => `${start}${markdown}\n${end}`),
    page,
  );
}
