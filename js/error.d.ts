import type { SignatureExplanation } from "./signing.js";

/** What is known of an error beside its message. */
export interface SealiftErrorDetails {
  /** A name that never changes, in snake case, or S3's or the endpoint's own. */
  code: string;
  /** Whether the same thing, tried again, may succeed; false. */
  retryable?: boolean | undefined;
  /** The HTTP status of the answer, where one came. */
  status?: number | undefined;
  /** The request id of the answer. */
  requestId?: string | undefined;
  /** What brought it about. */
  cause?: unknown;
  /** Why S3 refused the signature. */
  explanation?: SignatureExplanation | undefined;
}

/** An error with a code that a program can act upon. Its message holds no secret, token or signed URL. */
export class SealiftError extends Error {
  constructor(message: string, details: SealiftErrorDetails);
  /** A name that never changes, in snake case (`invalid_url`, `network`, …), or S3's or the endpoint's own code. */
  readonly code: string;
  /** Whether the same thing, tried again, may succeed. */
  readonly retryable: boolean;
  /** The HTTP status of the answer, where one came. */
  readonly status?: number;
  /** The request id of the answer, for whoever runs the server. */
  readonly requestId?: string;
  /** Why S3 refused the signature (`SignatureDoesNotMatch`), its summary stands in the message too. */
  readonly explanation?: SignatureExplanation;
}

/** What a wasm function threw, as an error of this package; anything else comes back as it is. */
export function fromWasm(thrown: unknown): unknown;

/** `left_behind`: the endpoint could not be brought to delete what was sent. */
export function leftBehindError(): SealiftError;

/** What an aborted operation rejects with, as the platform's own do. */
export function abortError(): DOMException;
