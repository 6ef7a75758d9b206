// What pages load: JavaScript as esbuild bundles and minifies it, the wasm as it is.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { PKG, ROOT } from "../../scripts/lib/paths.mjs";

const JS = path.join(ROOT, "js");

/** What a page loads only when it comes to that. */
const LATER = ["./hash-here.js", "./chunked-upload.js", "./explanation.js", "./keeper.js"];

/**
 * JavaScript in one file.
 * @param {string} code what the page's own script says; the names it imports must be used
 * @param {{ folder?: string, nodePaths?: string[], external?: string[], format?: "esm" | "iife" }} [options]
 * @returns {Promise<Buffer>}
 */
export async function bundled(code, { folder = JS, nodePaths = [], external = LATER, format = "esm" } = {}) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    nodePaths,
    external: ["node:*", ...external],
    format,
    bundle: true,
    minify: true,
    write: false,
    target: "es2022",
    platform: "browser",
    logLevel: "error",
  });
  return Buffer.from(outputFiles[0].contents);
}

/** Every file of the package that is loaded on its own, by its name in the table. @type {Record<string, () => Promise<Buffer>>} */
export const FILES = {
  uploader: () => bundled('export { createUploader } from "./index.js";'),
  keeper: () => bundled('export * from "./resume/keeper.js";', { external: ["../error.js", "../hash.js", "./mark.js"] }),
  worker: () => bundled('import "./worker.js";'),
  "worker-all": () => bundled('import "./worker-all.js";'),
  "chunked-upload": () => bundled('export * from "./chunked-upload.js";', { external: [] }),
  hashFile: () => bundled('export { hashFile } from "./index.js";'),
  signRequest: () => bundled('export { signRequest } from "./index.js";'),
  "uploader.wasm": () => wasm("uploader"),
  "sums.wasm": () => wasm("sums"),
  "hash.wasm": () => wasm("hash"),
  "signing.wasm": () => wasm("signing"),
};

/** What each use of the package loads in all. */
export const USES = {
  "uploads (SHA-256 of parts, over https)": ["uploader", "worker", "uploader.wasm"],
  "the same, remembered beyond the page (as it is unless `resume: false`; no upload waits for it)": ["uploader", "worker", "uploader.wasm", "keeper"],
  "uploads with CRC64NVME, or over plain http": ["uploader", "worker", "uploader.wasm", "sums.wasm"],
  "uploads in signed chunks": ["uploader", "worker-all", "uploader.wasm", "chunked-upload", "hash.wasm"],
  "hashFile, SHA-256 of up to 16 MiB": ["hashFile", "worker"],
  "hashFile, SHA-256 and CRC64NVME": ["hashFile", "worker", "sums.wasm"],
  "hashFile, any algorithm": ["hashFile", "worker-all", "hash.wasm"],
  signRequest: ["signRequest", "signing.wasm"],
};

/** Bytes of each file after brotli 11. */
export async function fileSizes() {
  const sizes = await Promise.all(Object.entries(FILES).map(async ([name, made]) => [name, brotli(await made())]));
  return Object.fromEntries(sizes);
}

/** @param {Record<string, number>} sizes of `fileSizes` @param {string[]} files */
export const sumOf = (sizes, files) => files.reduce((sum, file) => sum + sizes[file], 0);

/** As a server sends it. @param {Uint8Array} bytes */
export function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}

async function wasm(module) {
  const file = path.join(PKG, module, `sealift_${module}_bg.wasm`);
  if (!existsSync(file)) throw new Error(`${file} is not built: npm run build`);
  return readFileSync(file);
}
