// Chunk signatures, of hashes and of a stream.

import { endOf, headersOf, invalid, isBase64, isSignature, planOf } from "./aws-chunked.js";
import { headOf, unpack } from "./chunked-body.js";
import * as digests from "./digests.js";
import { SealiftError, fromWasm } from "./error.js";
import { loadSigning } from "./wasm.js";

/**
 * @import * as Signing from "./signing.js"
 *
 * @typedef {object} Signatures `ChunkSignatures` of `src/bindings/signing/chunks.rs`.
 * @property {(bytes: Uint8Array) => void} update
 * @property {() => string} sign
 * @property {(hashes: Uint8Array) => Uint8Array} signHashes
 * @property {(checksum: string, value: string) => string} signTrailer
 * @property {() => void} free
 *
 * @typedef {{ update(bytes: Uint8Array): unknown, digest(): Uint8Array }} Digest
 */

/** The classes of the package that compute each checksum. */
const CLASSES = { crc32: "Crc32", crc32c: "Crc32c", crc64nvme: "Crc64Nvme", sha1: "Sha1", sha256: "Sha256" };
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** @type {typeof Signing.chunkedHeaders} */
export const chunkedHeaders = (body) => headersOf(planOf(body));

/** @type {typeof Signing.signChunks} */
export async function signChunks(options) {
  if (typeof options !== "object" || options === null) throw invalid("The options must be an object.");
  const { trailer } = options;
  if (trailer && !isBase64(trailer.value, trailer.checksum)) throw invalid("`trailer` is no checksum in base64.", "invalid_digest");
  const hashes = packed(options.chunkHashes);
  const signatures = await begin(options);
  try {
    const chunkSignatures = unpack(signatures.signHashes(hashes));
    chunkSignatures.push(signatures.sign());
    return trailer ? { chunkSignatures, trailerSignature: signatures.signTrailer(trailer.checksum, trailer.value) } : { chunkSignatures };
  } catch (thrown) {
    throw fromWasm(thrown);
  } finally {
    signatures.free();
  }
}

/**
 * The SHA-256s of the chunks that have bytes, 32 bytes each.
 * @param {Signing.ChunkHashes} hashes
 */
function packed(hashes) {
  const wrong = () => invalid("`chunkHashes` are not SHA-256s: 64 hexadecimal digits or 32 bytes each.", "invalid_digest");
  const all = [];
  if (hashes instanceof Uint8Array) {
    if (hashes.length % 32) throw wrong();
    all.push(...unpack(hashes));
  } else {
    if (typeof hashes !== "object" || hashes === null || typeof hashes[Symbol.iterator] !== "function") throw wrong();
    for (const hash of hashes) all.push(hash instanceof Uint8Array && hash.length === 32 ? unpack(hash)[0] : hash);
  }
  // The empty chunk at the end may be said; it is signed in any case.
  if (all.at(-1) === EMPTY) all.pop();
  const bytes = new Uint8Array(all.length * 32);
  all.forEach((hash, index) => {
    if (!isSignature(hash) || hash === EMPTY) throw wrong();
    for (let byte = 0; byte < 32; byte += 1) bytes[index * 32 + byte] = parseInt(/** @type {string} */ (hash).slice(byte * 2, byte * 2 + 2), 16);
  });
  return bytes;
}

/**
 * @param {Partial<Signing.ChunkSeed>} seed
 * @returns {Promise<Signatures>}
 */
async function begin({ seedSignature, credentials, region, service, date }) {
  const { ChunkSignatures } = await loadSigning();
  if (!isSignature(seedSignature)) throw invalid("`seedSignature` is not 64 lower-case hexadecimal digits.");
  try {
    return new ChunkSignatures(seedSignature, credentials, { region, service, date });
  } catch (thrown) {
    throw fromWasm(thrown);
  }
}

export class ChunkSigner {
  #stream;
  #encodedLength;

  /** @param {Signing.ChunkSignerOptions} options */
  constructor(options) {
    const plan = planOf(options);
    this.#encodedLength = plan.encodedLength;
    const encoder = new Encoder(plan, options);
    this.#stream = new TransformStream({
      start: () => encoder.start(),
      transform: (bytes, controller) => encoder.transform(bytes, controller),
      flush: (controller) => encoder.flush(controller),
    });
  }

  get encodedLength() {
    return this.#encodedLength;
  }

  get readable() {
    return this.#stream.readable;
  }

  get writable() {
    return this.#stream.writable;
  }
}

/** Keeps the pieces of one chunk, uncopied, until its signature is known. */
class Encoder {
  #plan;
  #options;
  /** @type {Signatures | undefined} */
  #signatures;
  /** @type {Digest | undefined} */
  #digest;
  /** @type {Uint8Array[]} */
  #pieces = [];
  #length = 0;
  #left;

  /**
   * @param {import("./aws-chunked.js").Plan} plan
   * @param {Signing.ChunkSignerOptions} options
   */
  constructor(plan, options) {
    this.#plan = plan;
    this.#options = options;
    this.#left = plan.decodedLength;
  }

  async start() {
    const { signed, trailer } = this.#plan;
    if (signed) this.#signatures = await begin(this.#options);
    if (!trailer) return;
    await digests.init();
    const Digest = /** @type {Record<string, any>} */ (digests)[CLASSES[trailer]];
    this.#digest = new Digest();
  }

  /**
   * @param {unknown} given
   * @param {TransformStreamDefaultController<Uint8Array>} controller
   */
  transform(given, controller) {
    let bytes = view(given);
    this.#left -= bytes.byteLength;
    if (this.#left < 0) throw this.#fail("There are more bytes than `decodedLength` says.");
    this.#digest?.update(bytes);
    while (bytes.byteLength > 0) {
      const taken = bytes.subarray(0, this.#plan.chunkSize - this.#length);
      bytes = bytes.subarray(taken.byteLength);
      this.#signatures?.update(taken);
      this.#pieces.push(taken);
      this.#length += taken.byteLength;
      if (this.#length === this.#plan.chunkSize) this.#writeChunk(controller);
    }
  }

  /** @param {TransformStreamDefaultController<Uint8Array>} controller */
  flush(controller) {
    if (this.#left > 0) throw this.#fail("There are fewer bytes than `decodedLength` says.");
    if (this.#length > 0) this.#writeChunk(controller);
    const signature = this.#signatures?.sign();
    const { trailer: checksum } = this.#plan;
    if (checksum && this.#digest) {
      const value = btoa(String.fromCharCode(...this.#digest.digest()));
      controller.enqueue(text(endOf(signature, { checksum, value, signature: this.#signatures?.signTrailer(checksum, value) })));
    } else {
      controller.enqueue(text(endOf(signature, undefined)));
    }
    this.#free();
  }

  /** @param {TransformStreamDefaultController<Uint8Array>} controller */
  #writeChunk(controller) {
    controller.enqueue(text(headOf(this.#length, this.#signatures?.sign())));
    for (const piece of this.#pieces) controller.enqueue(piece);
    controller.enqueue(text("\r\n"));
    this.#pieces = [];
    this.#length = 0;
  }

  /** @param {string} message */
  #fail(message) {
    this.#free();
    return new SealiftError(message, { code: "invalid_size" });
  }

  #free() {
    this.#signatures?.free();
    this.#signatures = this.#digest = undefined;
  }
}

/** @param {string} ascii */
const text = (ascii) => new TextEncoder().encode(ascii);

/**
 * @param {unknown} bytes
 * @returns {Uint8Array}
 */
function view(bytes) {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw invalid("The stream carries something else than bytes.");
}
