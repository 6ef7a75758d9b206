// SHA-256 and CRC64NVME by the small module (pkg/sums), which speaks plain numbers: all that uploads ask for.

import { NUMBERS } from "./algorithms.js";

/**
 * @import { HashModule } from "./digest-blob.js"
 *
 * @typedef {object} Sums As `src/bindings/sums.rs` shows them: of one message.
 * @property {WebAssembly.Memory} memory
 * @property {() => number} staging
 * @property {(length: number, algorithms: number) => void} update
 * @property {(algorithm: number) => void} digest
 * @property {() => void} reset
 */

/** Bytes that are handed over at a time. */
const STAGED = 64 * 1024;
/** The module's own numbers, one bit each. */
const SHA256 = 1;
const CRC64NVME = 2;

/**
 * What `pkg/hash` has under that name too, as far as uploads use it.
 * @param {WebAssembly.Module} module
 * @returns {HashModule["Digests"]}
 */
export function digestsBy(module) {
  /** Each has memory of its own, of which browsers have only so many. @type {Sums[]} */
  const spare = [];

  return class {
    /** @type {number[]} */ #bits;
    #sums;

    /** @param {Uint8Array} numbers of SHA-256, CRC64NVME or both */
    constructor(numbers) {
      this.#bits = Array.from(numbers, (number) => (number === NUMBERS.sha256 ? SHA256 : CRC64NVME));
      this.#sums = spare.pop() ?? /** @type {Sums} */ (/** @type {unknown} */ (new WebAssembly.Instance(module).exports));
    }

    /** @param {Uint8Array} bytes */
    update(bytes) {
      const all = this.#bits.reduce((one, other) => one | other, 0);
      for (let start = 0; start < bytes.length; start += STAGED) {
        const piece = bytes.subarray(start, start + STAGED);
        this.#staged(piece.length).set(piece);
        this.#sums.update(piece.length, all);
      }
    }

    /** @param {number} place in the list of algorithms */
    digest(place) {
      const bit = this.#bits[place] ?? 0;
      this.#sums.digest(bit);
      return this.#staged(bit === SHA256 ? 32 : 8).slice();
    }

    free() {
      this.#sums.reset();
      spare.push(this.#sums);
    }

    /**
     * A view anew each time, for memory may have grown.
     * @param {number} size
     */
    #staged(size) {
      return new Uint8Array(this.#sums.memory.buffer, this.#sums.staging(), size);
    }
  };
}
