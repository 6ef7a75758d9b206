import type { WasmInput } from "./wasm.js";

/** What {@link hashFile} can compute. */
export type Algorithm = "sha256" | "crc64nvme";

/** Digests of a file: those that were asked for. */
export interface Digests {
  /** SHA-256, 64 lower-case hex digits. */
  readonly sha256?: string;
  /** CRC64NVME, base64 of its eight bytes, the highest first: the `x-amz-checksum-crc64nvme` of S3. */
  readonly crc64nvme?: string;
}

/** Options of {@link hashFile}. */
export interface HashFileOptions<A extends Algorithm = Algorithm> {
  /** Which digests, one or more; several cost little more than one. Default `["sha256"]`. */
  algorithms?: readonly A[];
  /** Called now and then with the bytes hashed so far and the bytes in all. */
  onProgress?: (loaded: number, total: number) => void;
  /** Stops hashing. */
  signal?: AbortSignal;
}

/**
 * Digests of a whole file, read once, in pieces, off the main thread (on it, in shares of a few milliseconds, where no
 * worker can be made). Memory stays flat whatever the size: 48 MiB at most, for files of up to 16 MiB, which the browser's
 * own SHA-256 takes as a whole.
 *
 * Rejects with `SealiftError` `unreadable_file` when the file cannot be read (moved or changed since it was chosen),
 * `invalid_option` for what is no Blob, with a `DOMException` `AbortError` when aborted, and with what `onProgress` throws.
 */
export function hashFile<A extends Algorithm = "sha256">(
  blob: Blob,
  options?: HashFileOptions<A>,
): Promise<Digests & { readonly [algorithm in NoInfer<A>]: string }>;

/** Has a worker loaded before there is anything to hash. Not exported by the package. */
export function warmUp(): void;

/** Where wasm comes from that does not lie beside the package's JavaScript. */
export interface ModuleInputs {
  /** Digests. */
  hash?: WasmInput;
  /** The upload engine. */
  uploader?: WasmInput;
  /** The signing functions. */
  signing?: WasmInput;
}

/**
 * Loads what {@link Sha256} needs; what is named in `inputs` is loaded from there, and at once. Everything that is
 * asynchronous loads what it needs by itself. Calling it again does nothing. Rejects with `SealiftError` `not_loaded` when
 * the wasm cannot be loaded (its `cause` says why), `invalid_option` for what is no object.
 */
export function init(inputs?: ModuleInputs): Promise<void>;

/** A streaming digest, on the thread that calls it. Needs {@link init}. */
declare class Digest {
  /** Throws `SealiftError` `not_loaded` before {@link init} is done. */
  constructor();
  /** Adds bytes. Throws `SealiftError` `invalid_option` for anything else. */
  update(bytes: BufferSource): this;
  /** The digest of everything so far; more may be added afterwards. */
  digest(): Uint8Array;
  /** The digest of everything so far in lower-case hex digits; more may be added afterwards. */
  digestHex(): string;
  /** Forgets everything that was added. */
  reset(): this;
  /** A second hash that starts where this one is. */
  clone(): this;
}

/** SHA-256: 32 bytes. */
export class Sha256 extends Digest {}

/** CRC64NVME, S3's checksum of whole objects: 8 bytes, the highest first. */
export class Crc64Nvme extends Digest {}
