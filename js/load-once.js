// Loads a wasm module when it is first needed, and once.

import { SealiftError } from "./error.js";

/**
 * Where a module's wasm comes from: an address, an answer, bytes, or a compiled module. Without one it is the file
 * that lies beside the package's JavaScript.
 * @typedef {string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module} WasmInput
 */

/**
 * Callers write addresses out, for bundlers look for just that.
 * @param {() => Promise<any>} load
 * @param {() => URL | BufferSource} beside
 */
export function once(load, beside) {
  /** @type {Promise<any> | undefined} */
  let loaded;
  return (/** @type {WasmInput | undefined} */ input) => {
    loaded ??= instantiate(load, beside, input).catch((cause) => {
      // A failed download must not stay for good.
      loaded = undefined;
      throw new SealiftError("The package's WebAssembly cannot be loaded.", { code: "not_loaded", retryable: true, cause });
    });
    return loaded;
  };
}

/**
 * @param {() => Promise<any>} load
 * @param {() => URL | BufferSource} beside
 * @param {WasmInput} [input]
 */
async function instantiate(load, beside, input) {
  const module = await load();
  await module.default({ module_or_path: input ?? (await fileOr(beside())) });
  return module;
}

/**
 * `fetch` of Node does not read files, so they are read here.
 * @param {URL | BufferSource} url
 */
async function fileOr(url) {
  if (!(url instanceof URL) || url.protocol !== "file:") return url;
  // In a variable, so that bundlers for browsers leave it alone.
  const files = "node:fs/promises";
  const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ files);
  return readFile(url);
}
