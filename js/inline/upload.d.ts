/**
 * As `sealift/inline`, without the wasm of the signing functions, which pages that only upload never need.
 * @module
 */
export * from "../index.js";
