// The algorithms, by the names that users write and the numbers that wasm knows.

/** @import { Algorithm } from "./hash.js" */

/** As `src/bindings/hash.rs` says. @type {Readonly<Record<Algorithm, number>>} */
export const NUMBERS = { sha256: 1, sha1: 2, md5: 3, crc32: 4, crc32c: 5, crc64nvme: 6 };

/** @param {readonly Algorithm[]} algorithms */
export const numbersOf = (algorithms) => Uint8Array.from(algorithms, (algorithm) => NUMBERS[algorithm]);
