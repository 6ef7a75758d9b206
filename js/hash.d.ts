import type { WasmInput } from "./wasm.js";

/** Digests of a file. */
export interface Digests {
  /** SHA-256, 64 lower-case hex digits. */
  readonly sha256: string;
}

/** Options of {@link hashFile}. */
export interface HashFileOptions {
  /** Which digests. Default `["sha256"]`. */
  algorithms?: readonly "sha256"[];
  /** Called now and then with the bytes hashed so far and the bytes in all. */
  onProgress?: (loaded: number, total: number) => void;
  /** Stops hashing. */
  signal?: AbortSignal;
}

/**
 * Digests of a whole file, read once, in pieces, off the main thread (on it, in shares of a few milliseconds, where no
 * worker can be made). Memory stays flat whatever the size.
 *
 * Rejects with `SealiftError` `unreadable_file` when the file cannot be read (moved or changed since it was chosen),
 * `invalid_option` for what is no Blob, with a `DOMException` `AbortError` when aborted, and with what `onProgress` throws.
 */
export function hashFile(blob: Blob, options?: HashFileOptions): Promise<Digests>;

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

/** Streaming SHA-256, on the thread that calls it. Needs {@link init}. */
export class Sha256 {
  /** Throws `SealiftError` `not_loaded` before {@link init} is done. */
  constructor();
  /** Adds bytes. Throws `SealiftError` `invalid_option` for anything else. */
  update(bytes: BufferSource): this;
  /** The digest of everything so far, 32 bytes; more may be added afterwards. */
  digest(): Uint8Array;
  /** The digest of everything so far, 64 lower-case hex digits; more may be added afterwards. */
  digestHex(): string;
  /** Forgets everything that was added. */
  reset(): this;
  /** A second hash that starts where this one is. */
  clone(): Sha256;
}
