import type { SealiftError, StoredObject, Upload, Uploader } from "./index.js";

/** Why a file was not taken. */
export interface Refusal {
  /** As it was chosen. */
  readonly file: File;
  /** Its name, with its path in a folder. */
  readonly name: string;
  /** `"type"`: not of `accept`; `"total"`: more than `max-total-size` with it; `"duplicate"`: in the list already. */
  readonly code: "type" | "too_large" | "too_small" | "too_many" | "total" | "duplicate";
  /** What it is beyond: bytes, or files of `"too_many"`. */
  readonly limit?: number;
}

/** What an event about one upload says. */
export interface AboutUpload {
  /** The one that it is about. */
  readonly upload: Upload;
}

/** The element's events; all bubble, and cross shadow roots. */
export interface SealiftUploadEventMap {
  /** Files are about to be added; `preventDefault()` keeps them out. */
  "sealift-add": CustomEvent<{
    /** Those that the rules let in. */
    readonly files: readonly File[];
  }>;
  /** Files were not taken. */
  "sealift-refused": CustomEvent<{
    /** Each with the reason. */
    readonly refused: readonly Refusal[];
  }>;
  /** More of a file was sent; at most once a frame. */
  "sealift-progress": CustomEvent<AboutUpload>;
  /** {@link Upload.state} changed. */
  "sealift-statechange": CustomEvent<AboutUpload>;
  /** A file is stored. */
  "sealift-done": CustomEvent<
    AboutUpload & {
      /** What was stored. */
      readonly object: StoredObject;
    }
  >;
  /** A file failed for good, until it is tried again. */
  "sealift-error": CustomEvent<
    AboutUpload & {
      /** Why. */
      readonly error: SealiftError;
    }
  >;
  /** A file was taken off the list. */
  "sealift-remove": CustomEvent<AboutUpload>;
}

/**
 * `<sealift-upload>`: chooses files, uploads them and shows them on their way; a form's control with the receipts of what
 * was stored. Attributes, slots, parts and custom properties: docs/element.md.
 */
export class SealiftUpload extends HTMLElement {
  /** The kinds of files that are taken, as of `<input accept>`. */
  accept: string;
  /** Whether folders can be chosen; with `multiple`. */
  directory: boolean;
  /** Takes no files, and is no part of the form. */
  disabled: boolean;
  /** `"page"`: files may be dropped and pasted anywhere on the page; else on the element. */
  dropTarget: string;
  /** `"allow"`: the same file may be in the list twice. */
  duplicates: string;
  /** URL of the signing endpoint; not needed where {@link uploader} is set. */
  endpoint: string;
  /** `integrity` of the uploader that is made of {@link endpoint}. */
  integrity: string;
  /** The name that assistive technology gives the whole. */
  label: string;
  /** Most files in the list, a whole number; with `multiple`. */
  maxFiles: string;
  /** Most bytes of a file, such as `"10 MB"` or `"2.5GiB"`. */
  maxSize: string;
  /** Most bytes of all files together. */
  maxTotalSize: string;
  /** Fewest bytes of a file. */
  minSize: string;
  /** Whether more than one file is taken; else a new one takes the place of the one before. */
  multiple: boolean;
  /** The name of the form's entries, one a file. */
  name: string;
  /** Takes no files, and keeps its value. */
  readOnly: boolean;
  /** Whether the form needs a stored file. */
  required: boolean;
  /**
   * The uploader that files go to, and whose uploads are shown. Made of {@link endpoint} when it is first needed; throws
   * {@link SealiftError} `invalid_option` where there is neither.
   */
  uploader: Uploader;
  /** Sentences that are to be said otherwise, by key; `{name}` is a place, an object holds forms by plural category. */
  strings: Readonly<Record<string, string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>>>;
  /** What is in the list, in its order. */
  readonly uploads: Upload[];
  /** The form that it belongs to. */
  readonly form: HTMLFormElement | null;
  /** As of every form control. */
  readonly validity: ValidityState;
  /** As of every form control; in the element's language. */
  readonly validationMessage: string;
  /** As of every form control. */
  readonly willValidate: boolean;
  /** As of every form control. */
  checkValidity(): boolean;
  /** As of every form control. */
  reportValidity(): boolean;
  /** As if these files were chosen: the element's rules hold. */
  add(files: Iterable<File>): void;
  /** Opens the file picker; browsers allow that only in answer to a click or a key. */
  open(): void;
  /** Takes what is done, cancelled or deleted off the list. What is stored stays. */
  clear(): void;
  /** Pauses what is under way; what S3 is only confirming goes on. */
  pauseAll(): void;
  /** Goes on with what is paused. */
  resumeAll(): void;
  /** Gives up whatever is not over: queued, under way, paused or waiting. */
  cancelAll(): void;

  /** As of every element, with the events of {@link SealiftUploadEventMap}. */
  addEventListener<K extends keyof SealiftUploadEventMap>(
    type: K,
    listener: ((event: SealiftUploadEventMap[K]) => void) | { handleEvent(event: SealiftUploadEventMap[K]): void } | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As of every element, with the events of {@link SealiftUploadEventMap}. */
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  /** As of every element, with the events of {@link SealiftUploadEventMap}. */
  removeEventListener<K extends keyof SealiftUploadEventMap>(
    type: K,
    listener: ((event: SealiftUploadEventMap[K]) => void) | { handleEvent(event: SealiftUploadEventMap[K]): void } | null,
    options?: boolean | EventListenerOptions,
  ): void;
  /** As of every element, with the events of {@link SealiftUploadEventMap}. */
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "sealift-upload": SealiftUpload;
  }
}
