// The wasm as base64 and the worker as one text, for `sealift/inline`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PKG, ROOT } from "./paths.mjs";

const FOLDER = path.join(PKG, "inline");

/** Its wasm is sent to it: it stands in the page's own script already. */
const WORKER = `
import init, { Digests, Sha256Chunks } from "./pkg/hash/sealift_hash.js";
import { work } from "./js/worker-jobs.js";

let wasm;
addEventListener("message", (event) => {
  if (!event.data.wasm) return;
  wasm = event.data.wasm;
  event.stopImmediatePropagation();
});
work(async () => {
  await init({ module_or_path: wasm });
  return { Digests, Sha256Chunks };
});
`;

/** @param {Record<string, string>} wasm name → file, of what the build made */
export async function writeInline(wasm) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, file] of Object.entries(wasm)) write(name, readFileSync(file, "base64"));
  // Not before: in a fresh clone the build installs it.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: ROOT, sourcefile: "worker.js" },
    bundle: true, minify: true, write: false, format: "iife", target: "es2022", legalComments: "none",
    // Where the wasm would lie: never asked.
    define: { "import.meta.url": '"blob:"' },
  });
  write("worker", outputFiles[0].text);
}

function write(name, text) {
  const file = path.join(FOLDER, `${name}.js`);
  const content = `export default ${JSON.stringify(text)};\n`;
  if (!existsSync(file) || readFileSync(file, "utf8") !== content) writeFileSync(file, content);
}
