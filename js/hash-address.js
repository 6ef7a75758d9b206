// Where the hash module's wasm lies, for the engine at hand.

import { hasSimd } from "./simd.js";

/** The addresses are written out, for bundlers look for just that. */
export function hashAddress() {
  return hasSimd()
    ? new URL("../pkg/hash/sealift_hash_bg.wasm", import.meta.url)
    : new URL("../pkg/hash/sealift_hash_scalar_bg.wasm", import.meta.url);
}
