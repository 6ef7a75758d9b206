import type { WasmInput } from "./wasm.js";

/** What {@link hashFile} can compute. */
export type Algorithm = "sha256" | "sha1" | "md5" | "crc32" | "crc32c" | "crc64nvme";

/** Digests of a file: those that were asked for. */
export interface Digests {
  /** SHA-256, 64 lower-case hex digits. */
  readonly sha256?: string;
  /** SHA-1, 40 lower-case hex digits. */
  readonly sha1?: string;
  /** MD5, 32 lower-case hex digits, as in an ETag. */
  readonly md5?: string;
  /** CRC32, base64 of its four bytes, the highest first: the `x-amz-checksum-crc32` of S3. */
  readonly crc32?: string;
  /** CRC32C, base64 of its four bytes, the highest first: the `x-amz-checksum-crc32c` of S3. */
  readonly crc32c?: string;
  /** CRC64NVME, base64 of its eight bytes, the highest first: the `x-amz-checksum-crc64nvme` of S3. */
  readonly crc64nvme?: string;
  /** The SHA-256 of each chunk, 32 bytes each, one behind the other: what `signChunks` takes as `chunkHashes`. */
  readonly chunks?: Uint8Array;
}

/** Options of {@link hashFile}. */
export interface HashFileOptions<A extends Algorithm = Algorithm> {
  /** Which digests, one or more (or none, with `chunkSize`); several cost little more than one. Default `["sha256"]`. */
  algorithms?: readonly A[];
  /** For the SHA-256 of each chunk of so many bytes, 1 to 2^30; the last chunk may be shorter. An empty file has none. */
  chunkSize?: number | undefined;
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
export function hashFile<A extends Algorithm = "sha256", O extends HashFileOptions<A> = HashFileOptions<A>>(
  blob: Blob,
  options?: O & HashFileOptions<A>,
): Promise<
  Digests & { readonly [algorithm in NoInfer<A>]: string } & (O extends {
      /** Bytes. */
      chunkSize: number;
    }
      ? {
          /** The SHA-256 of each chunk. */
          readonly chunks: Uint8Array;
        }
      : {})
>;

/** Has a worker loaded before there is anything to hash. Not exported by the package. */
export function warmUp(inChunks?: boolean): void;

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
  /**
   * Goes on where {@link save} was called, in this page or another, in this version of the package or a later one. Throws
   * `SealiftError` `invalid_state` for what is no state of this algorithm, or is damaged, `invalid_option` for what is no
   * bytes, `not_loaded` before {@link init} is done.
   */
  static load<T extends Digest>(this: new () => T, saved: BufferSource | Uint8Array): T;
  /** Adds bytes. Throws `SealiftError` `invalid_option` for anything else. */
  update(bytes: BufferSource | Uint8Array): this;
  /** The digest of everything so far; more may be added afterwards. */
  digest(): Uint8Array;
  /** The digest of everything so far in lower-case hex digits; more may be added afterwards. */
  digestHex(): string;
  /** Forgets everything that was added. */
  reset(): this;
  /** A second hash that starts where this one is. */
  clone(): this;
  /**
   * What {@link load} goes on from, to be stored: a header, the state, a checksum of both. Of SHA-256, SHA-1 and MD5 up to
   * 63 bytes of what was added last stand in it as they are; more may be added afterwards.
   */
  save(): Uint8Array;
}

declare class Crc extends Digest {
  /**
   * The digest of two messages one behind the other, from the digests of each and the length of the second in bytes.
   * Throws `SealiftError` `invalid_digest` for digests of another length, `invalid_option` for a length that is none.
   */
  static combine(first: BufferSource | Uint8Array, second: BufferSource | Uint8Array, secondLength: number): Uint8Array;
}

/** SHA-256: 32 bytes; saved, 117. */
export class Sha256 extends Digest {}

/** SHA-1: 20 bytes; saved, 105. Not safe against those who make two messages of one digest. */
export class Sha1 extends Digest {}

/** MD5: 16 bytes; saved, 101. Not safe against those who make two messages of one digest. */
export class Md5 extends Digest {}

/** CRC32, that of zip and Ethernet: 4 bytes, the highest first; saved, 17. */
export class Crc32 extends Crc {}

/** CRC32C, Castagnoli's: 4 bytes, the highest first; saved, 17. */
export class Crc32c extends Crc {}

/** CRC64NVME, S3's checksum of whole objects: 8 bytes, the highest first; saved, 21. */
export class Crc64Nvme extends Crc {}
