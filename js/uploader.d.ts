import type { SealiftError } from "./error.js";

/** Options of {@link createUploader}. A wrong one throws {@link SealiftError} `invalid_option`. */
export interface UploaderOptions {
  /**
   * URL of the signing endpoint, relative to the page or absolute, e.g. `"/sealift"`.
   * Another origin than the page's needs CORS there.
   */
  endpoint: string | URL;
  /**
   * Headers for every call of the endpoint (never sent to S3): the app's own authentication.
   * A function is asked before each call, so that a token can be renewed; it may be asynchronous.
   */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /**
   * Called when the endpoint answered 401, before `headers` is asked again and the call is made once more; once for all
   * calls that were under way.
   * A second 401 fails with `unauthenticated`.
   */
  onUnauthorized?: () => void | Promise<void>;
  /** Whether cookies travel with calls of the endpoint: as in `fetch`. Default `"same-origin"`. */
  credentials?: RequestCredentials;
  /**
   * How bytes reach S3. `"auto"` (default): small files as `"post"`, larger ones as `"put"`, large ones as `"multipart"`;
   * where forms are not taken, or nothing shows what came with them, those go as `"put"` too ({@link Uploader.lacks}).
   * `"put"`: one PUT a file, with progress. `"post"`: one POST form a file, without a preflight and with progress that is whole or nothing.
   * `"multipart"`: in parts, sent beside each other, so that what was sent is kept over failures and reloads.
   */
  transport?: "auto" | "put" | "post" | "multipart";
  /**
   * `"sha256"` (default): the SHA-256 of each file or part is signed into its request, so S3 refuses anything else.
   * `"crc64nvme"`: S3 compares a CRC of each part and of the whole; quicker to compute. A server that keeps no such CRC
   * fails with `integrity_mismatch` at its first file or part, and later files at once. `"both"`: the former signed, the
   * latter stored. `"chunks"`: the SHA-256 of every chunk (896 KiB, or what the endpoint says) is signed for, and S3 verifies
   * each as it comes; nothing is stored of it, and the object tells no `sha256`. Small files that go as forms go as with
   * `"sha256"`, and where signed chunks are not known, all do ({@link Uploader.lacks}). The bucket's CORS must allow
   * `content-encoding`. `"none"`: nothing is hashed; only for endpoints whose rules allow it.
   */
  integrity?: "sha256" | "crc64nvme" | "both" | "chunks" | "none";
  /** Requests to S3 at once, 1 to 16, at most; as many as are of use are made. Default 6. */
  concurrency?: number;
  /**
   * Whether uploads are remembered in this browser (IndexedDB: the endpoint's token, names, digests of parts; no secret
   * of S3), so that they go on after a reload when the same file is added again, or by {@link Uploader.saved}. Forgotten
   * once they are over, and after seven days. Whoever uses this browser can read it. Default true.
   */
  resume?: boolean;
  /**
   * Whose uploads these are (an id, say), where several people use one browser: each then finds their own. Stored with
   * them as it is. Not who the endpoint takes the user for: that is for `headers` to say. Default: nobody in particular.
   */
  user?: string;
  /**
   * Bytes of files, all together, that may be kept in IndexedDB with their uploads, so that they need not be chosen
   * again; the oldest give way. Files with a handle are not copied. 0: none. Default 20 MiB.
   */
  keepFiles?: number;
  /** Whether the browser asks before the page is left while something is unfinished. Default true. */
  guard?: boolean;
  /** Whether the screen is kept on while files are under way, where browsers can. Default false. */
  wakeLock?: boolean;
}

/** Options of {@link Uploader.add}. */
export interface AddOptions {
  /**
   * What the file is called, when it is not its own name; may hold a relative path (`"holiday/beach.jpg"`).
   * Default: the relative path of a file picked with its folder, else the file's name.
   */
  name?: string;
  /** The content type to store. Default: the file's own. */
  type?: string;
  /** Stored with the object as `x-amz-meta-*`. Names: letters, digits, `-`; 2 KB in all at S3. */
  metadata?: Record<string, string>;
  /** Aborts the upload. */
  signal?: AbortSignal;
  /** `"high"` goes before all others, `"low"` after them. Default `"auto"`. */
  priority?: Priority;
  /**
   * Of the same file (from `showOpenFilePicker()`, for one): kept with the upload, so that the file need not be chosen
   * again after a reload.
   */
  handle?: FileSystemFileHandle | undefined;
}

/** How soon a file has its turn. */
export type Priority = "high" | "auto" | "low";

/**
 * - `queued`: waiting for its turn
 * - `hashing`: the file is being read and hashed
 * - `signing`: waiting for a grant or a signature of the endpoint
 * - `uploading`: bytes are on their way to S3
 * - `paused`: by {@link Upload.pause}
 * - `waiting`: the browser is offline, or another tab sends the same file; goes on by itself
 * - `retrying`: waiting before the next attempt
 * - `finishing`: S3 has it; the endpoint is checking
 * - `done`, `failed`, `aborted`: the end, unless it is retried or deleted
 * - `deleting`, `deleted`: by {@link Upload.delete}
 */
export type UploadState =
  | "queued"
  | "hashing"
  | "signing"
  | "uploading"
  | "paused"
  | "waiting"
  | "retrying"
  | "finishing"
  | "done"
  | "failed"
  | "aborted"
  | "deleting"
  | "deleted";

/** How far an upload is. `fraction` is 1 only once the upload is done. */
export interface Progress {
  /** Bytes sent, 0 to `total`. Falls only when an attempt is thrown away. */
  readonly loaded: number;
  /**
   * Bytes of those that are at S3 for good: parts that it answered for, and of a resumed upload parts that it was found
   * to have still.
   */
  readonly confirmed: number;
  /** Bytes in all. */
  readonly total: number;
  /** 0 to 1; below 1 until the endpoint has confirmed the object. */
  readonly fraction: number;
  /** Bytes per second, smoothed; 0 while nothing moves. */
  readonly speed: number;
  /** Seconds that are left at this speed; `Infinity` while nothing moves, 0 when done. */
  readonly remaining: number;
}

/** What stands in the bucket. */
export interface StoredObject {
  /** Where it is. */
  readonly bucket: string;
  /** The object's key, chosen by the endpoint's rules. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Content type, as stored. */
  readonly type: string;
  /** S3's ETag, without quotes. */
  readonly etag: string;
  /** In versioned buckets. */
  readonly versionId?: string;
  /** 64 hex digits; of a file that went in one request and was hashed. Of parts, no S3 knows that of the whole. */
  readonly sha256?: string;
  /** Of a file in parts: the SHA-256 of its parts' SHA-256s, base64, `-`, and how many they are; where S3 keeps it. */
  readonly compositeSha256?: string;
  /** Base64 of 8 bytes, of the whole file; where S3 keeps it. */
  readonly crc64nvme?: string;
  /** A URL that shows the object for a short time. */
  readonly url: string;
  /** When `url` stops working, ISO 8601. */
  readonly urlExpires?: string;
  /** The server's signed word for this upload: what a form submits, and the app's backend verifies. */
  readonly receipt: string;
}

/** Events of an {@link Upload}. */
export interface UploadEventMap {
  /** {@link Upload.progress} changed; at most once a frame. */
  progress: UploadEvent;
  /** {@link Upload.state} changed. */
  statechange: UploadEvent;
  /** The upload is done; its object is {@link Upload.object}. */
  done: UploadEvent;
  /** The upload failed for good; why is {@link Upload.error}. Not fired for an abort. */
  error: UploadEvent;
}

/** Events of an {@link Uploader}: those of its uploads, `add` and `lacks`. */
export interface UploaderEventMap extends UploadEventMap {
  /** A file was added. */
  add: UploadEvent;
  /** {@link Uploader.lacks} became longer. */
  lacks: Event;
}

/** An event that says which upload it is about. */
export class UploadEvent extends Event {
  private constructor();
  /** The one that it is about. */
  readonly upload: Upload;
}

/** One file on its way. Made by {@link Uploader.add}. */
export class Upload extends EventTarget {
  private constructor();
  /** Unique among the uploads of its uploader. */
  readonly id: number;
  /** The file, as it was added. */
  readonly file: Blob;
  /** The name it goes by, with its path where it has one. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Where it is now; `statechange` tells of the next. */
  readonly state: UploadState;
  /** How far it is; `progress` tells of the next. */
  readonly progress: Progress;
  /** The object in the bucket, once done. */
  readonly object: StoredObject | undefined;
  /** Why it failed: set in the states `failed` and `retrying`. */
  readonly error: SealiftError | undefined;
  /**
   * After an abort or a failure: where bytes may lie in the bucket that the endpoint could not be brought to delete.
   * Undefined in nearly every case. Of an abort that is remembered (`resume`), a later page tries again.
   */
  readonly leftBehind: Pick<StoredObject, "bucket" | "key"> | undefined;
  /** Attempts to send the file that were started, from 0. */
  readonly attempt: number;
  /** Whether it goes on from what an earlier page stored. */
  readonly resumed: boolean;
  /**
   * The stored object. Rejects with {@link SealiftError} when the upload fails and with a `DOMException` `AbortError`
   * when it is aborted. Nobody has to listen: a rejection is not reported as unhandled. After {@link retry} this is a
   * new promise.
   */
  readonly result: Promise<StoredObject>;
  /** Changes how soon it has its turn; what is on its way already stays so. */
  setPriority(priority: Priority): void;
  /** Stops sending. Does nothing in a state that cannot be paused. */
  pause(): void;
  /** Goes on after {@link pause}. */
  resume(): void;
  /** Starts again after a failure; while waiting for the next attempt, makes it at once. */
  retry(): void;
  /** Gives up; {@link result} rejects with `AbortError`. Does nothing once done. */
  abort(): void;
  /**
   * Removes the stored object; before it is done, aborts. Rejects with {@link SealiftError} when the endpoint refuses or
   * cannot be reached: with `left_behind` before it was done; else the state is `failed` then, and another call tries again.
   */
  delete(): Promise<void>;

  addEventListener<K extends keyof UploadEventMap>(
    type: K,
    listener: ((event: UploadEventMap[K]) => void) | { handleEvent(event: UploadEventMap[K]): void } | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof UploadEventMap>(
    type: K,
    listener: ((event: UploadEventMap[K]) => void) | { handleEvent(event: UploadEventMap[K]): void } | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** Uploads files under one endpoint, a few at a time. */
export class Uploader extends EventTarget {
  /** Throws {@link SealiftError} `invalid_option`. */
  constructor(options: UploaderOptions);
  /** Every upload that was added and not removed, in that order. */
  readonly uploads: readonly Upload[];
  /** All uploads together, without those that were aborted or deleted. */
  readonly progress: Progress;
  /**
   * What the server was found to lack, each named once: `"post-forms"` (small files go by PUT), `"part-checksums"` (parts
   * cannot be compared by checksum after a reload), `"chunk-signatures"` (what was to go in signed chunks goes with one
   * SHA-256 for all of it).
   */
  readonly lacks: readonly string[];
  /**
   * Gets ready for files that are likely to come: loads the engine and a worker, asks the endpoint where the bucket is and
   * opens a connection to it. Call it when a file picker opens or a drag enters the page; over a link with a round trip of
   * 50 ms the first byte then leaves 0.1 to 0.2 s earlier. Needless otherwise, and harmless: it never throws, and what
   * cannot be had is told of when a file is added.
   */
  prepare(): void;
  /**
   * Starts uploading a file. If it is one whose upload an earlier page left unfinished (same endpoint, user, name, size,
   * date of change, type, metadata and sampled bytes), that is gone on with. Throws {@link SealiftError} `invalid_option`
   * for what is no `File` or `Blob`.
   */
  add(file: Blob, options?: AddOptions): Upload;
  /**
   * Starts uploading several files. Files that no person meant to upload (`.DS_Store`, `Thumbs.db`, `desktop.ini`, …)
   * are left out, so the list may be shorter. For folders that were dropped see {@link filesFromDataTransfer}.
   */
  add(files: FileList | Iterable<Blob | DroppedFile>, options?: Omit<AddOptions, "name">): Upload[];
  /**
   * Unfinished uploads of earlier pages under the same endpoint and `user`, that no other tab works on; oldest first.
   * Those that were aborted are not among them: what they left at S3 is deleted without being asked.
   */
  saved(): Promise<SavedUpload[]>;
  /**
   * For a logout: drops all that is remembered in this browser of this endpoint (and `user`), files and handles included.
   * Uploads that are under way go on, and are not remembered any more. What S3 has of unfinished ones stays there: to have
   * it deleted, {@link SavedUpload.discard} them before.
   */
  forget(): Promise<void>;
  /** Forgets an upload, after aborting it if it is not over. The stored object stays. */
  remove(upload: Upload): void;
  /** {@link Upload.pause} for all. */
  pause(): void;
  /** {@link Upload.resume} for all. */
  resume(): void;
  /** {@link Upload.retry} for all. */
  retry(): void;
  /** {@link Upload.abort} for all. */
  abort(): void;

  addEventListener<K extends keyof UploaderEventMap>(
    type: K,
    listener: ((event: UploaderEventMap[K]) => void) | { handleEvent(event: UploaderEventMap[K]): void } | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof UploaderEventMap>(
    type: K,
    listener: ((event: UploaderEventMap[K]) => void) | { handleEvent(event: UploaderEventMap[K]): void } | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** An upload that an earlier page left unfinished. From {@link Uploader.saved}. */
export interface SavedUpload {
  /** The name it goes by. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Content type. */
  readonly type: string;
  /** Bytes that S3 had taken. */
  readonly confirmed: number;
  /**
   * What {@link resume} needs: `"nothing"`; the user's `"permission"` to read the file again, which browsers ask for
   * only in answer to a click; or the `"file"` itself.
   */
  readonly needs: "nothing" | "permission" | "file";
  /**
   * Goes on with it, as an upload of the uploader. Rejects with {@link SealiftError} `file_changed` for another file, or
   * one that was changed since, `file_needed` without one, `permission_refused`, `unreadable_file`.
   */
  resume(file?: Blob): Promise<Upload>;
  /**
   * Gives it up: what S3 has of it is deleted, and it is forgotten. Of one that is done meanwhile, nothing is deleted.
   * Rejects with {@link SealiftError} `in_use` while another tab or upload sends it, and `left_behind` when the endpoint
   * could not be brought to delete it: another call, or a later page by itself, tries again.
   */
  discard(): Promise<void>;
}

/**
 * An uploader, for pages and their workers: elsewhere its uploads fail with `unsupported`. Nothing is loaded before the
 * first file is added, unless an earlier page left something unfinished.
 *
 * ```js
 * const uploader = createUploader({ endpoint: "/sealift" });
 * const { key, receipt } = await uploader.add(file).result;
 * ```
 */
export function createUploader(options: UploaderOptions): Uploader;

/** A file and where it was found in what was dropped. */
export interface DroppedFile {
  /** As browsers hand it over. */
  readonly file: File;
  /** Relative to what was dropped, with `/`: `"holiday/beach.jpg"`. */
  readonly name: string;
  /** What can be kept of it over a reload, where browsers have that. */
  readonly handle?: FileSystemFileHandle;
}

/**
 * The files in what was dropped or pasted, folders walked to their ends, junk files left out, in a stable order.
 * Call it inside the event's handler: the browser empties `dataTransfer` right after it.
 * Rejects with {@link SealiftError} `unreadable_file` when a folder cannot be read.
 */
export function filesFromDataTransfer(dataTransfer: DataTransfer): Promise<DroppedFile[]>;
