// What a page downloads, as a server sends it: brotli 11, JavaScript bundled and minified.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { PKG, ROOT } from "../scripts/lib/paths.mjs";
import { MODULES } from "../scripts/lib/wasm.mjs";

/** What uploading may weigh in all, in bytes (60 KB). */
export const GOAL = 60_000;

export async function bench() {
  const facade = await brotliOfBundle(path.join(ROOT, "js", "index.js"));
  const uploading = await brotliOfBundle({
    contents: 'export { createUploader } from "./index.js";',
    resolveDir: path.join(ROOT, "js"),
  });
  const worker = await brotliOfBundle(path.join(ROOT, "js", "worker.js"));
  // Without what the page has already.
  const keeper = await brotliOfBundle(path.join(ROOT, "js", "resume", "keeper.js"), ["../error.js", "../hash.js", "./mark.js"]);
  const modules = await Promise.all(MODULES.map(sizeOfModule));
  console.log("\nPackage size, brotli 11, bytes");
  console.log(`  ${"".padEnd(10)} ${"wasm".padStart(8)} ${"glue".padStart(8)} ${"together".padStart(9)}`);
  for (const { module, wasm, glue } of modules) {
    console.log(`  ${module.padEnd(10)} ${String(wasm).padStart(8)} ${String(glue).padStart(8)} ${String(wasm + glue).padStart(9)}`);
  }
  for (const [name, size] of [["facade", facade], ["  createUploader alone, as a bundler leaves it", uploading], ["worker", worker], ["resuming, which no upload waits for", keeper]]) {
    console.log(`  ${name.padEnd(10)} ${"".padStart(8)} ${String(size).padStart(8)} ${String(size).padStart(9)}`);
  }
  const uploader = modules.find(({ module }) => module === "uploader");
  const sums = modules.find(({ module }) => module === "sums");
  const total = uploading + worker + uploader.wasm + uploader.glue + sums.wasm;
  console.log(`  without the wasm of sums, which SHA-256 of parts of up to 16 MiB does not load over https: ${total - sums.wasm}`);
  console.log(`  everything needed to upload (createUploader, worker, uploader, sums): ${total}; goal ${GOAL}: ${total <= GOAL ? "met" : "NOT MET"}`);
}

/** Bytes after brotli. */
export async function sizeOfModule(module) {
  const folder = path.join(PKG, module);
  const glue = path.join(folder, `sealift_${module}.js`);
  return {
    module,
    wasm: brotli(readFileSync(path.join(folder, `sealift_${module}_bg.wasm`))),
    glue: existsSync(glue) ? await brotliOfBundle(glue) : 0,
  };
}

/**
 * A file, or a module given as text, and what it imports, but for the modules' glue, which is counted apart, and for what
 * is loaded when it is needed.
 * @param {string | import("esbuild").StdinOptions} entry
 * @param {string[]} [apart]
 */
async function brotliOfBundle(entry, apart = ["./keeper.js"]) {
  const result = await build({
    ...(typeof entry === "string" ? { entryPoints: [entry] } : { stdin: entry }),
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "browser",
    external: ["../pkg/*", "node:*", ...apart],
    logLevel: "error",
  });
  return brotli(result.outputFiles[0].contents);
}

function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}
