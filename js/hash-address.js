// Where the hash module's wasm lies, for the engine at hand.

/** A function of two SIMD instructions: an engine without them finds it invalid. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 15, 253, 98, 26, 11];

/** The addresses are written out, for bundlers look for just that. */
export function hashAddress() {
  return WebAssembly.validate(Uint8Array.from(SIMD))
    ? new URL("../pkg/hash/sealift_hash_bg.wasm", import.meta.url)
    : new URL("../pkg/hash/sealift_hash_scalar_bg.wasm", import.meta.url);
}
