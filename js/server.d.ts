import type { SealiftError } from "./error.js";
import type { WasmInput } from "./wasm.js";

export { SealiftError, type SealiftErrorDetails } from "./error.js";
export type { WasmInput } from "./wasm.js";

/** At least 32 random bytes, or a text of at least 32 bytes in UTF-8. */
export type Secret = string | Uint8Array;

/** S3's keys. Temporary ones have a session token and an end. */
export interface S3Credentials {
  /** As AWS calls it. */
  accessKeyId: string;
  /** Signs; never leaves this process. */
  secretAccessKey: string;
  /** Of temporary credentials. */
  sessionToken?: string | undefined;
  /** When they end; others are asked for five minutes earlier. Without it they last. */
  expiration?: Date | undefined;
}

/** The bucket, and how to reach it. */
export interface S3Config {
  /** How this backend reaches S3: `https://s3.eu-west-1.amazonaws.com`. */
  endpoint: string;
  /** How browsers reach it, if that differs: what they get is signed for this address. */
  publicEndpoint?: string | undefined;
  /** `path` (`https://host/bucket/key`, the default) or `virtual-hosted` (`https://bucket.host/key`). */
  addressing?: "path" | "virtual-hosted" | undefined;
  /** As in the scope of signatures: `eu-west-1`; of servers without regions most often `us-east-1`. */
  region: string;
  /** Its name: 3 to 63 characters. */
  bucket: string;
  /** Keys that may write, read and delete there; a function is asked again before temporary ones end. */
  credentials: S3Credentials | (() => S3Credentials | Promise<S3Credentials>);
}

/** What becomes of uploads that the app does not keep; what each strategy promises: `docs/operations.md`. */
export interface PendingRules {
  /** `copy` (the default): keeping copies from below `prefix` to the final key; `tags`: it takes a tag away. */
  strategy?: "copy" | "tags";
  /** `pending/`. */
  prefix?: string;
  /** Seconds after which an upload that nobody kept is swept; 691,200. */
  maxAge?: number;
  /** Seconds before `maxAge` in which, with tags, nothing is kept any more; 86,400. */
  margin?: number;
  /** Bytes that one request to S3 copies, 5 MiB to 5 GiB; 5 GiB. */
  copySize?: number;
}

/**
 * What may be uploaded. The same rules, defaults and ranges as `[rules]` of sealift-server
 * (`server/sealift.example.toml`), in camel case.
 */
export interface Rules {
  /** Template of keys, of `{user}`, `{uuid}`, `{filename}` and `{date}`; `uploads/{user}/{uuid}/{filename}`. */
  key?: string;
  /** Said again beside a template without `{uuid}`; false. */
  allowGuessableKeys?: boolean;
  /** Bytes; 0. */
  minSize?: number;
  /** Bytes, at most 53,687,091,200,000; 5 GiB. */
  maxSize?: number;
  /** Bytes, at most 5 GiB: the same for files that go as POST forms; 0 where the S3 has none. */
  maxPostSize?: number;
  /** Bytes, 5 MiB to 5 GiB; 16 MiB. */
  partSize?: number;
  /** Content types, `image/*` among them; all. */
  types?: string[];
  /** Types that a browser may show though they can run scripts in the bucket's origin; none. */
  inlineTypes?: string[];
  /** Whether files must come with a digest; `required`. */
  integrity?: "required" | "optional";
  /** Whether `If-None-Match: *` is signed; true. */
  conditionalWrites?: boolean;
  /** Whether `x-amz-checksum-…` headers are signed; true. */
  checksums?: boolean;
  /** Whether this S3 verifies the signatures of chunks; true. */
  chunkSignatures?: boolean;
  /** Bytes of a signed chunk, 8 KiB to 16 MiB; 896 KiB. */
  chunkSize?: number;
  /** How objects are stored: signed into every upload. */
  store?: {
    /** `STANDARD_IA` and the like; the bucket's own. */
    storageClass?: string;
    /** A canned ACL (`private`, …); none is sent. */
    acl?: string;
    /** Encryption by S3's keys or by those of KMS; the bucket's own. */
    sse?: "AES256" | "aws:kms";
    /** The KMS key, beside `aws:kms`; the account's own. */
    kmsKeyId?: string;
    /** `Cache-Control` of every object; none. */
    cacheControl?: string;
    /** Tags of every object, at most 10; none. */
    tags?: Record<string, string>;
    /** With `objectLockDays`; no lock. */
    objectLockMode?: "GOVERNANCE" | "COMPLIANCE";
    /** Days that an object is locked, from its upload, 1 to 36,500. */
    objectLockDays?: number;
    /** Whether objects are put under a legal hold; false. */
    legalHold?: boolean;
  };
  /** Uploads are pending until the app keeps them (`POST /attachments/keep`); without it all stay. */
  pending?: PendingRules;
  /** Files in one call, 1 to 10,000; 100. */
  filesPerCall?: number;
  /** Intents in one call, 1 to 100,000; 1,000. */
  intentsPerCall?: number;
  /** Seconds, 1 to 604,800; 3,600. */
  grantLifetime?: number;
  /** Seconds, `grantLifetime` to 31,536,000; 604,800. */
  grantMaxAge?: number;
  /** Seconds, 1 to 31,536,000; 604,800. */
  receiptLifetime?: number;
  /** Seconds, 1 to 604,800; 900. */
  viewLifetime?: number;
  /** Origins of pages that a plain form may come back to; only paths of this backend's own. */
  redirectOrigins?: string[];
}

/** The app's say, asked by signed POSTs (standardwebhooks.com). */
export interface Hooks {
  /** Where they are sent: an `https:` address, or an `http:` one within your own network. */
  url: string;
  /** `whsec_` and base64, or 16 bytes at least; the app knows it too. */
  secret: string | Uint8Array;
  /** Ask before a grant (`upload.requested`); false. */
  onGrant?: boolean | undefined;
  /** Ask after a finish (`upload.finished`); what is refused is deleted; false. */
  onFinish?: boolean | undefined;
}

/** How much of everything a call is about to do. */
export interface Cost {
  /** Calls of the protocol: 1. */
  calls: number;
  /** Signatures. */
  intents: number;
  /** Files granted. */
  files: number;
  /** Bytes granted. */
  bytes: number;
}

/**
 * Asked before each call of a user, and before what it signed is answered: nothing, or the seconds after which the user
 * may do so much (429 `rate_limited`). A limiter that rejects is answered with 503 `limiter_unavailable`.
 */
export type Limit = (user: string, cost: Cost) => number | null | undefined | void | Promise<number | null | undefined | void>;

/** A line for the log. Holds no secret, token or signed URL. */
export interface LogEntry {
  /** `error`: the server's own failure; `warn`: what S3 or the app answered. */
  level: "warn" | "error";
  /** One line for a person. */
  message: string;
  /** Of S3's answer, where one came. */
  status?: number | undefined;
  /** S3's own code. */
  code?: string | undefined;
  /** `x-amz-request-id` of S3's answer. */
  s3RequestId?: string | undefined;
  /** Of the call, as the page's error shows it. */
  requestId?: string | undefined;
}

/** What a handler goes by. */
export interface ServerConfig {
  /** The bucket. */
  s3: S3Config;
  /** What grants and receipts are signed with: the current one first, then former ones, which are still accepted. */
  secrets: Secret | Secret[];
  /**
   * Who makes a request, by the app's own authentication: the user's id (1 to 128 characters), an object with it, or
   * null, which is answered with 401. A page's requests carry its cookies or headers.
   */
  authenticate: (request: Request) => UserAnswer | Promise<UserAnswer>;
  /** The origin under which browsers find this backend: `https://app.example.com`. Its own pages may call. */
  publicUrl: string;
  /** Other origins whose pages may call; none. */
  origins?: string[] | undefined;
  /** Where the endpoint lies on this backend; `/sealift`. */
  path?: string | undefined;
  /** What the app proves itself with, server to server (`POST /receipts/verify`): 16 bytes at least. */
  appKey?: string | Uint8Array | undefined;
  /** Name that grants are bound to: those of staging are worth nothing in production; `default`. */
  environment?: string | undefined;
  /** What may be uploaded; the defaults of each rule. */
  rules?: Rules | undefined;
  /** The app's say; it is not asked. */
  hooks?: Hooks | undefined;
  /** Quotas and rate limits; none. */
  limit?: Limit | undefined;
  /** Largest body of a call in bytes; 4 MiB. Files do not pass through here. */
  maxBodyBytes?: number | undefined;
  /** Where warnings and errors go; the console, as JSON. */
  log?: ((entry: LogEntry) => void) | undefined;
  /** How S3 is reached; the runtime's own. */
  fetch?: typeof globalThis.fetch | undefined;
  /** `pkg/server/sealift_server_bg.wasm` of this package, for runtimes that want it imported (Workers). */
  wasm?: WasmInput | undefined;
}

/** What an app's authentication answers. */
export type UserAnswer =
  | string
  | {
      /** The user's, 1 to 128 characters. */
      id: string;
    }
  | null
  | undefined
  | false;

/** Answers every request of the signing protocol below `path`; 404 for others. Never rejects. */
export interface Handler {
  (request: Request): Promise<Response>;
  /**
   * Loads the rules and checks the configuration, which otherwise happens with the first request.
   * Rejects with a {@link SealiftError} that says what of it cannot be used.
   */
  ready(): Promise<void>;
}

/**
 * The signing endpoint for a runtime with `Request`, `Response` and `fetch`: Node, Deno, Bun, Workers and what is built
 * upon them. The same rules as sealift-server's, from the same source; what the limiter counts by is the app's.
 * @throws {SealiftError} `invalid_option` for a configuration that is none
 */
export function createHandler(config: ServerConfig): Handler;

/** What an authentic receipt says. */
export interface VerifiedReceipt {
  /** Who uploaded it. */
  user: string;
  /** Where it is. */
  bucket: string;
  /** Its key there. */
  key: string;
  /** The file's name, as the page said it. */
  name: string;
  /** Bytes. */
  size: number;
  /** The content type that is stored with it. */
  type: string;
  /** As S3 answered it, without quotes. */
  etag: string;
  /** Where the bucket has versions. */
  versionId?: string;
  /** Hexadecimal. */
  sha256?: string;
  /** Base64. */
  crc64nvme?: string;
  /** S3's checksum of checksums of an upload in parts: Base64, `-` and the number of parts. */
  compositeSha256?: string;
  /** What the page gave with the file. */
  metadata?: Record<string, string>;
  /** ISO 8601, UTC. */
  finished: string;
}

/** What receipts are verified with. */
export interface VerifierOptions {
  /** Those of the endpoint. */
  secrets: Secret | Secret[];
  /** That of the endpoint; `default`. */
  environment?: string | undefined;
  /** As in {@link ServerConfig}. */
  wasm?: WasmInput | undefined;
}

/** Verifies receipts; made by {@link createReceiptVerifier}. */
export interface ReceiptVerifier {
  /**
   * What a receipt says, if it is authentic and belongs to this user. Ask for the user who hands it in: receipts travel
   * through browsers.
   * @throws {SealiftError} `receipt_invalid`, `receipt_expired`, `receipt_of_another_user`
   */
  verify(receipt: string, of: { user: string; now?: Date }): VerifiedReceipt;
}

/** Verifies receipts in the app itself, without asking anybody. */
export function createReceiptVerifier(options: VerifierOptions): Promise<ReceiptVerifier>;

/** What a listener needs of `http.IncomingMessage`; Express adds `originalUrl`. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  /** `GET` without it. */
  method?: string | undefined;
  /** Path and query below where the listener is mounted. */
  url?: string | undefined;
  /** Path and query as they were asked for. */
  originalUrl?: string | undefined;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
}

/** What a listener needs of `http.ServerResponse`. */
export interface NodeResponse {
  /** 100 to 599. */
  statusCode: number;
  /** Before the body. */
  setHeader(name: string, value: string): unknown;
  /** The whole body. */
  end(body: Uint8Array): unknown;
  /** Where no answer can be written any more. */
  destroy(): unknown;
}

/** What Node's and Express's servers call. */
export type NodeListener = (incoming: NodeRequest, outgoing: NodeResponse) => void;

/** For `http.createServer(nodeListener(handler))`, and for `app.use("/sealift", nodeListener(handler))` of Express. */
export function nodeListener(handler: (request: Request) => Promise<Response>): NodeListener;
