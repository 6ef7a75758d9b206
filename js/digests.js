// Streaming digests for callers who have the bytes in hand.

import { NUMBERS, numbersOf } from "./algorithms.js";
import { SealiftError, fromWasm } from "./error.js";
import { hex } from "./hex.js";
import { loadHash, loadSigning, loadUploader } from "./wasm.js";

/**
 * @import { Algorithm, ModuleInputs } from "./hash.js"
 *
 * @typedef {object} Engine `Digests` as `src/bindings/hash.rs` shows it, of one algorithm.
 * @property {(bytes: Uint8Array) => void} update
 * @property {(place: number) => Uint8Array} digest
 * @property {() => void} reset
 * @property {() => Engine} clone
 * @property {() => Uint8Array} save
 * @property {() => void} free
 */

/**
 * @type {{ Digests: { new (algorithms: Uint8Array): Engine, load(algorithm: number, saved: Uint8Array): Engine,
 *   combine(algorithm: number, first: Uint8Array, second: Uint8Array, secondLength: number): Uint8Array } } | undefined}
 */
let module;

/** @param {ModuleInputs} [inputs] */
export async function init(inputs = {}) {
  if (typeof inputs !== "object" || inputs === null) {
    throw new SealiftError("init takes an object: { hash?, uploader?, signing? }.", { code: "invalid_option" });
  }
  const { hash, uploader, signing } = inputs;
  [module] = await Promise.all([
    loadHash(hash),
    uploader === undefined ? undefined : loadUploader(uploader),
    signing === undefined ? undefined : loadSigning(signing),
  ]);
}

/** @param {string} name of the class that is used */
function loaded(name) {
  if (!module) throw new SealiftError(`${name} can be used once \`await init()\` is done.`, { code: "not_loaded" });
  return module.Digests;
}

class Digest {
  /** @type {Algorithm} */
  static algorithm;
  /** @type {Engine} */
  #engine;

  constructor() {
    const { name, algorithm } = /** @type {typeof Digest} */ (this.constructor);
    this.#engine = new (loaded(name))(numbersOf([algorithm]));
  }

  /** @param {BufferSource} saved */
  static load(saved) {
    const bytes = view(saved, "load");
    return Digest.#around(this, () => loaded(this.name).load(NUMBERS[this.algorithm], bytes));
  }

  /** @param {BufferSource} bytes */
  update(bytes) {
    this.#engine.update(view(bytes, "update"));
    return this;
  }

  digest() {
    return this.#engine.digest(0);
  }

  digestHex() {
    return hex(this.digest());
  }

  reset() {
    this.#engine.reset();
    return this;
  }

  clone() {
    return Digest.#around(/** @type {typeof Digest} */ (this.constructor), () => this.#engine.clone());
  }

  save() {
    return this.#engine.save();
  }

  /**
   * An object of this class around another engine than its own.
   * @param {typeof Digest} Class
   * @param {() => Engine} make
   */
  static #around(Class, make) {
    const made = new Class();
    const own = made.#engine;
    made.#engine = rethrowing(make);
    own.free();
    return made;
  }
}

class Crc extends Digest {
  /**
   * @param {BufferSource} first
   * @param {BufferSource} second
   * @param {number} secondLength
   */
  static combine(first, second, secondLength) {
    if (!Number.isSafeInteger(secondLength) || secondLength < 0) {
      throw new SealiftError("`secondLength` must be a number of bytes.", { code: "invalid_option" });
    }
    const digests = [view(first, "combine"), view(second, "combine")];
    const [one, other] = /** @type {[Uint8Array, Uint8Array]} */ (digests);
    return rethrowing(() => loaded(this.name).combine(NUMBERS[this.algorithm], one, other, secondLength));
  }
}

export class Sha256 extends Digest {
  static algorithm = /** @type {const} */ ("sha256");
}
export class Sha1 extends Digest {
  static algorithm = /** @type {const} */ ("sha1");
}
export class Md5 extends Digest {
  static algorithm = /** @type {const} */ ("md5");
}
export class Crc32 extends Crc {
  static algorithm = /** @type {const} */ ("crc32");
}
export class Crc32c extends Crc {
  static algorithm = /** @type {const} */ ("crc32c");
}
export class Crc64Nvme extends Crc {
  static algorithm = /** @type {const} */ ("crc64nvme");
}

/**
 * @template T
 * @param {() => T} work
 */
function rethrowing(work) {
  try {
    return work();
  } catch (thrown) {
    throw fromWasm(thrown);
  }
}

/**
 * @param {BufferSource} bytes
 * @param {string} method
 * @returns {Uint8Array}
 */
function view(bytes, method) {
  try {
    if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  } catch (cause) {
    // A detached buffer has no bytes any more: hashing none of them in silence would be a wrong digest.
    throw new SealiftError("The bytes were transferred elsewhere.", { code: "invalid_option", cause });
  }
  throw new SealiftError(`${method}() takes an ArrayBuffer or a view of one.`, { code: "invalid_option" });
}
