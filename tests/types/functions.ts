// Compiled by tsc, never run: the low-level functions by name, and what each takes and answers.

import {
  awsChunkedBlob,
  canonicalRequest,
  chunkedHeaders,
  ChunkSigner,
  Crc32,
  Crc32c,
  Crc64Nvme,
  explainSignatureMismatch,
  hashFile,
  init,
  Md5,
  presignUrl,
  SealiftError,
  Sha1,
  Sha256,
  signingKey,
  signChunks,
  signPostPolicy,
  signRequest,
  stringToSign,
} from "../../js/index.js";

declare const blob: Blob;

const credentials = { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "token" };
const request = { method: "PUT", url: "https://bucket.example/key", headers: { "content-type": "text/plain" } };

const loaded: Promise<void> = init();
const loadedFrom: Promise<void> = init({ hash: new URL("https://cdn.example/hash.wasm"), signing: new Uint8Array() });

const canonical: Promise<{ canonicalRequest: string; hash: string; signedHeaders: string; payloadHash: string }> =
  canonicalRequest({ url: "https://bucket.example/key", headers: [["range", "bytes=0-9"]], payloadHash: "UNSIGNED-PAYLOAD" });
const toSign: Promise<string> = stringToSign({
  date: "20130524T000000Z",
  region: "us-east-1",
  service: "s3",
  canonicalRequestHash: "",
});
const key: Promise<Uint8Array> = signingKey("secret", new Date(), "us-east-1", "s3");
const signed: Promise<{
  headers: Record<string, string>;
  authorization: string;
  signature: string;
  canonicalRequest: string;
  stringToSign: string;
  signedHeaders: string;
}> = signRequest(request, credentials, { region: "us-east-1", date: new Date() });
const presigned: Promise<{
  url: string;
  signature: string;
  canonicalRequest: string;
  stringToSign: string;
  signedHeaders: string;
}> = presignUrl(request, credentials, { region: "us-east-1", service: "s3", expiresIn: 60 });
const policy = {
  expiration: new Date(),
  conditions: [{ bucket: "b" }, ["starts-with", "$key", "u/"], ["content-length-range", 0, 5]],
} as const;
const form: Promise<{ url?: string; fields: Record<string, string>; policy: string; signature: string }> = signPostPolicy(
  policy,
  credentials,
  { region: "us-east-1" },
);
const formOfText = signPostPolicy("{}", credentials, { region: "us-east-1", date: "20130524T000000Z" });

const hash: Sha256 = new Sha256().update(new ArrayBuffer(1)).update(new Uint8Array()).reset().clone();
const digest: Uint8Array = hash.digest();
const hex: string = hash.digestHex();
const crc: Crc64Nvme = new Crc64Nvme().update(new Uint8Array()).clone();
const crcBytes: Uint8Array = crc.digest();
const saved: Uint8Array = crc.save();
const gone: Crc64Nvme = Crc64Nvme.load(saved);
const combined: Uint8Array = Crc32.combine(new Crc32().digest(), new Crc32c().digest(), 2 ** 40);
const older: [Md5, Sha1] = [new Md5().update(saved).clone(), Sha1.load(new Sha1().save())];
// @ts-expect-error only CRCs can be combined
Md5.combine(saved, saved, 1);
const chunked: Promise<{ chunks: Uint8Array }> = hashFile(blob, { algorithms: [], chunkSize: 2 ** 20 });
const withChunks: Promise<{ chunks: Uint8Array; md5: string }> = hashFile(blob, { algorithms: ["md5"], chunkSize: 8192 });
// @ts-expect-error not asked for
const noChunks: Promise<{ chunks: Uint8Array }> = hashFile(blob, { algorithms: ["md5"] });
const both: Promise<{ sha256: string; crc64nvme: string }> = hashFile(blob, { algorithms: ["sha256", "crc64nvme"] });
const byDefault: Promise<{ sha256: string; crc64nvme?: string }> = hashFile(blob);
// @ts-expect-error: not asked for, so perhaps not there
const notAsked: Promise<{ crc64nvme: string }> = hashFile(blob);
const digests: Promise<{ sha256: string }> = hashFile(blob, {
  algorithms: ["sha256"],
  onProgress: (loadedBytes: number, total: number) => void (loadedBytes / total),
  signal: AbortSignal.timeout(1),
});

declare const error: SealiftError;
const parts: [string, boolean, number | undefined, string | undefined, unknown] = [
  error.code,
  error.retryable,
  error.status,
  error.requestId,
  error.cause,
];
const plain: Error = error;

const explanation = explainSignatureMismatch("<Error/>", { method: "PUT", headers: [["content-type", "text/plain"]] });
const why: Promise<readonly [string, string, string | undefined]> = explanation.then(
  ({ cause, summary, differences }) => [cause, summary, differences[0]?.ours] as const,
);
const known: string | undefined = error.explanation?.summary;
explainSignatureMismatch("<Error/>");
export { known, why };

// @ts-expect-error a lifetime must be said
presignUrl(request, credentials, { region: "us-east-1" });
// @ts-expect-error a region must be said
signRequest(request, credentials, {});
// @ts-expect-error
signRequest(request, { accessKeyId: "AKID" }, { region: "us-east-1" });
// @ts-expect-error
hashFile(blob, { algorithms: ["md4"] });
// @ts-expect-error
new Sha256().update("text");

export { chunked, combined, gone, older, withChunks };
export { canonical, digest, digests, form, formOfText, hex, key, loaded, loadedFrom, parts, plain, presigned, signed, toSign };

const body = { decodedLength: 66_560, chunkSize: 65_536, trailer: "crc32c" } as const;
const chunkedRequest: { headers: Record<string, string>; payloadHash: string; encodedLength: number } = chunkedHeaders(body);
const seed = { seedSignature: "", credentials, region: "us-east-1", date: "20130524T000000Z" };
const chunkSignatures: Promise<{ chunkSignatures: string[]; trailerSignature?: string }> = signChunks({
  ...seed,
  chunkHashes: [new Uint8Array(32), ""],
  trailer: { checksum: "crc32c", value: "sOO8/Q==" },
});
const chunkedBody: Blob = awsChunkedBlob(blob, { chunkSignatures: new Uint8Array(64) });
const chunkedStream: ReadableStream<Uint8Array> = blob.stream().pipeThrough(new ChunkSigner({ ...seed, ...body }));
const unsignedStream = new ChunkSigner({ decodedLength: 1, signed: false, trailer: "sha256" });
