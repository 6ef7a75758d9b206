// Streaming digests for callers who have the bytes in hand.

import { SealiftError } from "./error.js";
import { hex } from "./hex.js";
import { loadHash, loadSigning, loadUploader } from "./wasm.js";

/**
 * @import { ModuleInputs } from "./hash.js"
 *
 * @typedef {object} Engine `Sha256` and `Crc64Nvme` as `src/bindings/hash.rs` shows it.
 * @property {(bytes: Uint8Array) => void} update
 * @property {() => Uint8Array} digest
 * @property {() => void} reset
 * @property {() => Engine} clone
 */

/** @type {{ Sha256: new () => Engine, Crc64Nvme: new () => Engine } | undefined} */
let engines;

/** @param {ModuleInputs} [inputs] */
export async function init(inputs = {}) {
  if (typeof inputs !== "object" || inputs === null) {
    throw new SealiftError("init takes an object: { hash?, uploader?, signing? }.", { code: "invalid_option" });
  }
  const { hash, uploader, signing } = inputs;
  const [module] = await Promise.all([
    loadHash(hash),
    uploader === undefined ? undefined : loadUploader(uploader),
    signing === undefined ? undefined : loadSigning(signing),
  ]);
  engines = module;
}

class Digest {
  #engine;

  /** @param {"Sha256" | "Crc64Nvme"} name */
  constructor(name) {
    if (!engines) throw new SealiftError(`${name} can be used once \`await init()\` is done.`, { code: "not_loaded" });
    this.#engine = new engines[name]();
  }

  /** @param {BufferSource} bytes */
  update(bytes) {
    this.#engine.update(view(bytes));
    return this;
  }

  digest() {
    return this.#engine.digest();
  }

  digestHex() {
    return hex(this.digest());
  }

  reset() {
    this.#engine.reset();
    return this;
  }

  clone() {
    const copy = new /** @type {new () => this} */ (this.constructor)();
    copy.#engine = this.#engine.clone();
    return copy;
  }
}

export class Sha256 extends Digest {
  constructor() {
    super("Sha256");
  }
}

export class Crc64Nvme extends Digest {
  constructor() {
    super("Crc64Nvme");
  }
}

/**
 * @param {BufferSource} bytes
 * @returns {Uint8Array}
 */
function view(bytes) {
  try {
    if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  } catch (cause) {
    // A detached buffer has no bytes any more: hashing none of them in silence would be a wrong digest.
    throw new SealiftError("The bytes were transferred elsewhere.", { code: "invalid_option", cause });
  }
  throw new SealiftError("update() takes an ArrayBuffer or a view of one.", { code: "invalid_option" });
}
