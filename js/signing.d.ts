/** Names and values: pairs (an array, `Headers`, a `Map`) or a record. */
export type HeadersInput =
  | Iterable<readonly [string, string | number]>
  | Readonly<Record<string, string | number | undefined>>;

/** `YYYYMMDDTHHMMSSZ`, ISO 8601 in UTC, or a `Date`. */
export type DateInput = string | Date;

/** The keys that sign. Those of a page should be temporary. */
export interface Credentials {
  /** As AWS calls it. */
  readonly accessKeyId: string;
  /** What signing keys are made of. */
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** A request to sign. */
export interface RequestInput {
  /** Default `GET`. */
  readonly method?: string;
  /**
   * Absolute, percent-encoded or not. In the path a `+` is a plus, in the query a space (as S3 reads it); nothing is
   * normalised. A `%` without two hexadecimal digits is refused (`invalid_url`).
   */
  readonly url: string;
  /**
   * All are signed, but those that proxies and agents change (`user-agent`, `expect`, …). Values are ASCII; white
   * space in them is collapsed, as it must be when they are sent.
   */
  readonly headers?: HeadersInput | undefined;
  /** SHA-256 of the body (64 hexadecimal digits), `UNSIGNED-PAYLOAD`, or one of S3's `STREAMING-…` words. */
  readonly payloadHash?: string | undefined;
  /** The body, hashed here if `payloadHash` is not given. A `Blob` must be hashed first. */
  readonly body?: string | Uint8Array | ArrayBuffer | null | undefined;
}

/** How the path is written in the canonical request. The defaults are the service's own rules. */
export interface PathRules {
  /** Default: `once` for services that start with `s3`, `twice` for others. */
  readonly pathEncoding?: "once" | "twice" | undefined;
  /** Whether `.`, `..` and empty segments are folded. Default: `false` for S3, `true` for others. */
  readonly normalizePath?: boolean | undefined;
}

/** When, where and how a request is signed. */
export interface SigningOptions extends PathRules {
  /** As in the scope: `us-east-1`. */
  readonly region: string;
  /** Default `s3`. */
  readonly service?: string | undefined;
  /** Default: now. */
  readonly date?: DateInput | undefined;
  /** Whether `x-amz-content-sha256` is added. Default: for S3. */
  readonly contentSha256?: boolean | undefined;
  /** Whether the session token is signed, or only sent along. Default `true`. */
  readonly signSessionToken?: boolean | undefined;
}

/** What {@link canonicalRequest} answers. */
export interface CanonicalRequest {
  /** The text: method, path, query, headers, their names and the payload's hash, a line each. */
  readonly canonicalRequest: string;
  /** SHA-256 of `canonicalRequest`, 64 hexadecimal digits. */
  readonly hash: string;
  /** Names, sorted, joined by `;`. */
  readonly signedHeaders: string;
  /** Its last line. */
  readonly payloadHash: string;
}

/** What {@link signRequest} answers. */
export interface SignedRequest {
  /** The URL to send: the one given, percent-encoded so that every server reads it the same way. */
  readonly url: string;
  /**
   * The headers to set, names in lower case, `authorization` among them. `host` and `content-length` are not: they
   * are signed, but clients set them themselves.
   */
  readonly headers: Record<string, string>;
  /** The header of that name. */
  readonly authorization: string;
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** What was signed, as {@link canonicalRequest} writes it. */
  readonly canonicalRequest: string;
  /** The text whose HMAC is the signature. */
  readonly stringToSign: string;
  /** Names, sorted, joined by `;`. */
  readonly signedHeaders: string;
}

/** What {@link presignUrl} answers. */
export interface PresignedUrl {
  /** Whoever has it can use it until it expires. */
  readonly url: string;
  /** The headers to set when it is used; empty if none were given. */
  readonly headers: Record<string, string>;
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** What was signed, as {@link canonicalRequest} writes it. */
  readonly canonicalRequest: string;
  /** The text whose HMAC is the signature. */
  readonly stringToSign: string;
  /** Names, sorted, joined by `;`. */
  readonly signedHeaders: string;
}

/**
 * A POST policy. The conditions of the signer's own fields (`x-amz-date`, …) are added. What S3 could not read as one is
 * refused (`invalid_policy`).
 */
export interface PostPolicy {
  /** When the form is worth nothing any more. */
  readonly expiration: DateInput;
  /** `{ field: value }`, `["starts-with", "$field", prefix]`, `["content-length-range", least, most]` in bytes. */
  readonly conditions: readonly (Readonly<Record<string, string>> | readonly [string, string | number, string | number])[];
}

/** What {@link signPostPolicy} answers: the form's fields. */
export interface SignedPostPolicy {
  /** Where the form posts, if `options.url` said it. */
  readonly url?: string;
  /**
   * The fields that are known: those that an object policy fixes, and the signer's own. The form adds those that the
   * policy leaves open, and `file` after all others.
   */
  readonly fields: Record<string, string>;
  /** In Base64: what was signed. */
  readonly policy: string;
  /** 64 hexadecimal digits; the field `x-amz-signature`. */
  readonly signature: string;
}

/** The canonical form of a request as it stands; nothing is added but `host`. */
export function canonicalRequest(
  request: RequestInput,
  options?: PathRules & { readonly service?: string | undefined },
): Promise<CanonicalRequest>;

/** The text whose HMAC is the signature. */
export function stringToSign(parts: {
  readonly date: DateInput;
  readonly region: string;
  /** Default `s3`. */
  readonly service?: string | undefined;
  /** 64 lower-case hexadecimal digits. */
  readonly canonicalRequestHash: string;
}): Promise<string>;

/** The 32 bytes of a day's key: treat them as the secret. `date` may be a day, `YYYYMMDD`. */
export function signingKey(
  secretAccessKey: string,
  date: DateInput,
  region: string,
  service?: string,
): Promise<Uint8Array<ArrayBuffer>>;

/** Signs a request in its `authorization` header. Rejects with a `SealiftError` for what cannot be signed. */
export function signRequest(
  request: RequestInput,
  credentials: Credentials,
  options: SigningOptions,
): Promise<SignedRequest>;

/**
 * Signs a request in its query. `expiresIn`: whole seconds, 1 to 604,800 (seven days). The body is unsigned unless
 * its hash is given. Headers are signed and must be sent with the URL.
 */
export function presignUrl(
  request: RequestInput,
  credentials: Credentials,
  options: SigningOptions & { readonly expiresIn: number },
): Promise<PresignedUrl>;

/** Signs a POST policy: a text byte for byte, an object as JSON with the signer's own conditions added. */
export function signPostPolicy(
  policy: string | PostPolicy,
  credentials: Credentials,
  options: {
    readonly region: string;
    /** Default `s3`. */
    readonly service?: string | undefined;
    /** Default: now. */
    readonly date?: DateInput | undefined;
    readonly url?: string | undefined;
  },
): Promise<SignedPostPolicy>;

/**
 * What was signed and sent, as far as it is known: what `signRequest` or `presignUrl` answered, with the method. Where
 * something else was sent than was signed, `url` and `headers` say what was sent.
 */
export interface SignedInput {
  /** Default `GET`. */
  readonly method?: string | undefined;
  /** Absolute, as it was sent. */
  readonly url?: string | undefined;
  /** As they were sent. */
  readonly headers?: HeadersInput | undefined;
  /** Where it is not among the headers. */
  readonly authorization?: string | undefined;
  /** As {@link signRequest} answers it. */
  readonly canonicalRequest?: string | undefined;
  /** As {@link signRequest} answers it. */
  readonly stringToSign?: string | undefined;
}

/** One thing that is not the same on both sides. Session tokens and customers' keys are masked. */
export interface SignatureDifference {
  /** `method`, `path`, `query:NAME`, `host`, `header:NAME`, `signedHeaders`, `payloadHash`, `date`, `scope.region`, … */
  readonly part: string;
  /** What was signed; not there where this side has no such part. */
  readonly ours?: string | undefined;
  /** What S3 computed with; not there where S3 has no such part. */
  readonly theirs?: string | undefined;
  /** A sentence for a person. */
  readonly hint: string;
  /** A name that never changes, in snake case. */
  readonly cause: string;
}

/** What {@link explainSignatureMismatch} answers. */
export interface SignatureExplanation {
  /** The first cause: `wrong_secret`, `host`, `header_dropped`, `double_encoding`, `scope_region`, `clock`, … */
  readonly cause: string;
  /** The first cause first. Empty where both sides agree (a wrong secret) or nothing can be compared. */
  readonly differences: readonly SignatureDifference[];
  /** The first cause in plain words. No secret, token or URL stands in it. */
  readonly summary: string;
}

/**
 * Why S3 refused a signature: lines the canonical request in its answer up with what was signed. Servers that answer no
 * more than a code (MinIO, R2) are reasoned about from what there is.
 */
export function explainSignatureMismatch(s3ErrorXml: string, signed?: SignedInput): Promise<SignatureExplanation>;

/** A checksum behind the last chunk. */
export type TrailerChecksum = "crc32" | "crc32c" | "crc64nvme" | "sha1" | "sha256";

/** A body that goes in chunks (`aws-chunked`), as it is known before a byte of it is read. */
export interface ChunkedBody {
  /** Bytes before they are cut into chunks, up to 5 GiB. */
  readonly decodedLength: number;
  /** Bytes of every chunk but the last, 8 KiB to 16 MiB. Default 896 KiB. */
  readonly chunkSize?: number | undefined;
  /** Whether every chunk (and the trailer) is signed. Default `true`; without signatures there must be a trailer. */
  readonly signed?: boolean | undefined;
  /** The checksum behind the last chunk; none. */
  readonly trailer?: TrailerChecksum | undefined;
}

/**
 * What a request with such a body is signed with: `signRequest({ …, headers: { …, ...headers }, payloadHash }, …)`.
 * No `x-amz-checksum-…` header goes together with a trailer.
 */
export function chunkedHeaders(body: ChunkedBody): {
  /** `content-encoding`, `content-length`, `x-amz-decoded-content-length` and, with a trailer, `x-amz-trailer`. */
  readonly headers: Record<string, string>;
  /** The `STREAMING-…` word that stands for the body's hash. */
  readonly payloadHash: string;
  /** Bytes of the body, which `content-length` says. */
  readonly encodedLength: number;
};

/** Where the signatures of chunks begin: the request's own, and what it was signed with. */
export interface ChunkSeed {
  /** `signature` of `signRequest`. */
  readonly seedSignature: string;
  /** Those of the request. */
  readonly credentials: Credentials;
  /** That of the request. */
  readonly region: string;
  /** Default `s3`. */
  readonly service?: string | undefined;
  /** That of the request, which its `x-amz-date` says. */
  readonly date: DateInput;
}

/** SHA-256s of the chunks in order: 64 hexadecimal digits or 32 bytes each, or all bytes one behind the other. */
export type ChunkHashes = Uint8Array | Iterable<string | Uint8Array>;

/**
 * The signatures of chunks whose SHA-256s are known. That of the empty chunk which ends every body comes last, whether
 * its hash was given or not.
 */
export function signChunks(
  options: ChunkSeed & {
    readonly chunkHashes: ChunkHashes;
    /** `value` in base64. */
    readonly trailer?: { readonly checksum: TrailerChecksum; readonly value: string } | undefined;
  },
): Promise<{
  /** 64 hexadecimal digits each, in the order of the chunks. */
  readonly chunkSignatures: string[];
  /** Where there is a trailer. */
  readonly trailerSignature?: string;
}>;

/** Without signatures only what `ChunkedBody` says. */
export type ChunkSignerOptions = ChunkedBody & Partial<ChunkSeed>;

/**
 * Bytes in, the chunked body out: `stream.pipeThrough(new ChunkSigner(…))`, where requests can have streams as bodies
 * (Node, Deno, Bun, browsers over HTTP/2). It keeps one chunk. The checksum of the trailer is computed on the way. More or
 * fewer bytes than `decodedLength` are an error of the stream (`invalid_size`).
 */
export class ChunkSigner {
  constructor(options: ChunkSignerOptions);
  /** Bytes of the body, which `content-length` says. */
  readonly encodedLength: number;
  /** The chunked body. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Takes the bytes, in pieces of any size. */
  readonly writable: WritableStream<BufferSource>;
}

/**
 * The chunked body of a file, made of slices of it: nothing is read or copied, and XMLHttpRequest and fetch set its
 * length. Throws a `SealiftError` (`invalid_option`, `invalid_size`) for signatures that are not as many as the chunks.
 */
export function awsChunkedBlob(
  blob: Blob,
  options: {
    /** Default 896 KiB. */
    readonly chunkSize?: number | undefined;
    /** As `signChunks` answers them, that of the end included, or 32 bytes each; nothing is signed without them. */
    readonly chunkSignatures?: Iterable<string> | Uint8Array | undefined;
    readonly trailer?:
      | {
          readonly checksum: TrailerChecksum;
          /** In base64. */
          readonly value: string;
          /** With `chunkSignatures`, and only with them. */
          readonly signature?: string | undefined;
        }
      | undefined;
  },
): Blob;
