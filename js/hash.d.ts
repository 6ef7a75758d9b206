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
 * `invalid_option` for what is no Blob, and with a `DOMException` `AbortError` when aborted.
 */
export function hashFile(blob: Blob, options?: HashFileOptions): Promise<Digests>;
