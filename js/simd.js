/** A function of two SIMD instructions: an engine without them finds it invalid. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 15, 253, 98, 26, 11];

/** Whether the engine at hand computes sixteen bytes at a time. */
export const hasSimd = () => WebAssembly.validate(Uint8Array.from(SIMD));
