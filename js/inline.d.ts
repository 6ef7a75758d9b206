/**
 * The same as `sealift`, with the wasm and the worker inside the JavaScript, for tools that do not follow
 * `new URL(…, import.meta.url)`: esbuild, Rollup without plugins, one file for everything. Larger, and not compiled while it
 * comes. The element and everything else of the package use it too, once it is imported anywhere.
 * @module
 */
export * from "./index.js";
