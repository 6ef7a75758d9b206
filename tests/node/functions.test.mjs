// The package's functions in Node: names, what they answer, and what they make of everything that is no argument.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as sealift from "../../js/index.js";

const { SealiftError } = sealift;
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CREDENTIALS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: SECRET };
const REQUEST = { method: "PUT", url: "https://examplebucket.s3.amazonaws.com/a%20b", headers: { "content-type": "text/plain" } };
const SCOPE = { region: "us-east-1", date: "20130524T000000Z", expiresIn: 60 };
const POLICY = { expiration: "2013-05-25T00:00:00Z", conditions: [{ bucket: "examplebucket" }, { key: "k" }, ["content-length-range", 1, 9]] };
const CHECKSUMS = JSON.parse(readFileSync(new URL("../vectors/checksums/checksums.json", import.meta.url), "utf8")).vectors;
const HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test("the package's names", () => {
  assert.deepEqual(Object.keys(sealift).sort(), [
    "ChunkSigner", "Crc32", "Crc32c", "Crc64Nvme", "Md5", "SealiftError", "Sha1", "Sha256", "Upload", "UploadEvent", "Uploader", "awsChunkedBlob", "canonicalRequest",
    "chunkedHeaders", "createUploader", "explainSignatureMismatch", "filesFromDataTransfer", "hashFile", "init", "presignUrl", "signChunks", "signPostPolicy", "signRequest",
    "signingKey", "stringToSign",
  ]);
});

test("a signature that does not match is explained by what was signed", async () => {
  const signed = await sealift.signRequest({ ...REQUEST, headers: { "content-type": "text/plain" } }, { ...CREDENTIALS, sessionToken: "a-token" }, SCOPE);
  const answer = (canonicalRequest) => {
    const stringToSign = signed.stringToSign.replace(/.{64}$/, createHash("sha256").update(canonicalRequest).digest("hex"));
    return `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${stringToSign}</StringToSign><CanonicalRequest>${canonicalRequest.replaceAll("&", "&amp;")}</CanonicalRequest></Error>`;
  };
  const explain = (change) => sealift.explainSignatureMismatch(answer(change(signed.canonicalRequest)), { method: "PUT", ...signed });
  const charset = await explain((text) => text.replace("text/plain", "text/plain;charset=UTF-8"));
  assert.equal(charset.cause, "header_changed");
  const { hint, ...rest } = charset.differences[0];
  assert.deepEqual(rest, { part: "header:content-type", ours: "text/plain", theirs: "text/plain;charset=UTF-8", cause: "header_changed" });
  assert.equal(hint, charset.summary);
  const token = await explain((text) => text.replace("a-token", "b-token"));
  assert.equal(token.cause, "session_token_changed");
  assert.doesNotMatch(JSON.stringify(token), /[ab]-token/);
  const secret = await explain((text) => text);
  assert.deepEqual([secret.cause, secret.differences], ["wrong_secret", []]);
  assert.equal((await sealift.explainSignatureMismatch("<html></html>")).cause, "no_document");
});

test("every function answers what its type says, and each fits the next", async () => {
  const signed = await sealift.signRequest(REQUEST, CREDENTIALS, SCOPE);
  assert.deepEqual(Object.keys(signed).sort(), ["authorization", "canonicalRequest", "headers", "signature", "signedHeaders", "stringToSign", "url"]);
  assert.equal(signed.headers.authorization, signed.authorization);
  const headers = { ...signed.headers };
  delete headers.authorization;
  const canonical = await sealift.canonicalRequest({ ...REQUEST, headers });
  assert.deepEqual(Object.keys(canonical).sort(), ["canonicalRequest", "hash", "payloadHash", "signedHeaders"]);
  assert.equal(canonical.canonicalRequest, signed.canonicalRequest);
  assert.equal(canonical.hash, createHash("sha256").update(canonical.canonicalRequest).digest("hex"));
  assert.equal(await sealift.stringToSign({ ...SCOPE, service: "s3", canonicalRequestHash: canonical.hash }), signed.stringToSign);
  const key = await sealift.signingKey(SECRET, "20130524", "us-east-1", "s3");
  assert.ok(key instanceof Uint8Array && key.length === 32);
  const presigned = await sealift.presignUrl(REQUEST, CREDENTIALS, SCOPE);
  for (const name of ["url", "signature", "canonicalRequest", "stringToSign", "signedHeaders"]) assert.equal(typeof presigned[name], "string", name);
  assert.equal(new URL(presigned.url).searchParams.get("X-Amz-Signature"), presigned.signature);
  const form = await sealift.signPostPolicy(POLICY, CREDENTIALS, { ...SCOPE, url: "https://examplebucket.s3.amazonaws.com/" });
  assert.deepEqual(Object.keys(form).sort(), ["fields", "policy", "signature", "url"]);
  assert.equal(form.fields["x-amz-signature"], form.signature);
});

test("hashes in Node are Node's own, of bytes in hand and of files", async () => {
  const bytes = Buffer.alloc(3_000_001, "sealift");
  const expected = createHash("sha256").update(bytes).digest("hex");
  const loaded = [];
  const { sha256 } = await sealift.hashFile(new Blob([bytes]), { onProgress: (now, total) => loaded.push([now, total]) });
  assert.equal(sha256, expected);
  assert.deepEqual(loaded.at(-1), [bytes.length, bytes.length]);
  await sealift.init();
  const hash = new sealift.Sha256().update(bytes.subarray(0, 100_001));
  const copy = hash.clone();
  assert.equal(hash.update(bytes.subarray(100_001)).digestHex(), expected);
  assert.equal(Buffer.from(copy.update(bytes.subarray(100_001)).digest()).toString("hex"), expected);
  assert.equal(hash.reset().digestHex(), HASH);
});

test("CRC64NVME of bytes in hand and of files, alone and with SHA-256", async () => {
  await sealift.init();
  for (const { name, input, crc64nvme, crc64nvme_hex, sha256_hex } of CHECKSUMS) {
    const bytes = bytesOf(input);
    const crc = new sealift.Crc64Nvme().update(bytes.subarray(0, bytes.length >> 1));
    const copy = crc.clone();
    assert.equal(crc.update(bytes.subarray(bytes.length >> 1)).digestHex(), crc64nvme_hex, name);
    assert.equal(Buffer.from(copy.update(bytes.subarray(bytes.length >> 1)).digest()).toString("base64"), crc64nvme, name);
    assert.equal(crc.reset().digestHex(), "0000000000000000");
    assert.deepEqual(await sealift.hashFile(new Blob([bytes]), { algorithms: ["crc64nvme"] }), { crc64nvme }, name);
    const both = await sealift.hashFile(new Blob([bytes]), { algorithms: ["sha256", "crc64nvme"] });
    assert.deepEqual(both, { sha256: sha256_hex, crc64nvme }, name);
  }
});

function bytesOf(input) {
  if (input.kind === "utf8" || input.kind === "hex") return Buffer.from(input.data, input.kind);
  if (input.kind === "repeat") return Buffer.alloc(input.len, input.byte);
  return Uint8Array.from({ length: input.len }, (_, index) => index * input.a + input.b);
}

test("aborted hashing rejects with an AbortError, before and in the middle", async () => {
  const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";
  await assert.rejects(sealift.hashFile(new Blob(["x"]), { signal: AbortSignal.abort() }), isAbort);
  const controller = new AbortController();
  const hashing = sealift.hashFile(new Blob([new Uint8Array(4_000_000)]), { signal: controller.signal, onProgress: () => controller.abort() });
  await assert.rejects(hashing, isAbort);
});

test("an expiration may be a Date or any date's text, and S3 gets ISO 8601", async () => {
  for (const [expiration, written] of [
    ["2013-05-25T00:00:00.000Z", "2013-05-25T00:00:00.000Z"],
    ["20130525T000000Z", "2013-05-25T00:00:00Z"],
    [new Date("2013-05-25T00:00:00Z"), "2013-05-25T00:00:00.000Z"],
  ]) {
    const { policy } = await sealift.signPostPolicy({ ...POLICY, expiration }, CREDENTIALS, SCOPE);
    assert.equal(JSON.parse(atob(policy)).expiration, written);
  }
});

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const circular = {};
circular.itself = circular;
const ODD = {
  null: null,
  "not a number": NaN,
  "a negative number": -1,
  "a fraction": 0.5,
  infinity: Infinity,
  "a big integer": 1n,
  "true": true,
  "an empty text": "",
  "a text with NUL": "a\0b",
  "a text with a line break": "a\r\nb: c",
  "half a character": "\ud800",
  "a long text": "x".repeat(300_000),
  "a symbol": Symbol("odd"),
  "a function": () => "odd",
  "an array": [1, 2, 3],
  "an empty object": {},
  "an invalid Date": new Date(NaN),
  "a Date before 1970": new Date(-1),
  "a Date after 9999": new Date(8.64e15),
  "bytes": new Uint8Array(3),
  "a circle": circular,
  "a deep array": JSON.parse("[".repeat(20_000) + "]".repeat(20_000)),
  "a class": class {},
};
/** Objects that throw when they are read; plain JavaScript passes on what they throw. */
const THROWING = {
  "a revoked proxy": revoked(),
  "a throwing proxy": new Proxy({}, { get: () => assert.fail(SECRET), ownKeys: () => assert.fail(SECRET), has: () => assert.fail(SECRET) }),
};

const signing = (name) => (request, credentials, options) => sealift[name](request, credentials, options);
const CALLS = {
  canonicalRequest: [(request) => sealift.canonicalRequest(request), [REQUEST]],
  stringToSign: [(parts) => sealift.stringToSign(parts), [{ ...SCOPE, service: "s3", canonicalRequestHash: HASH }]],
  signingKey: [sealift.signingKey, [SECRET, "20130524", "us-east-1", "s3"]],
  signRequest: [signing("signRequest"), [REQUEST, CREDENTIALS, SCOPE]],
  presignUrl: [signing("presignUrl"), [REQUEST, CREDENTIALS, SCOPE]],
  signPostPolicy: [signing("signPostPolicy"), [POLICY, CREDENTIALS, SCOPE]],
  explainSignatureMismatch: [sealift.explainSignatureMismatch, ["<Error><Code>SignatureDoesNotMatch</Code></Error>", { method: "PUT", url: REQUEST.url, headers: REQUEST.headers }]],
};

/** The call with `odd` in place of each argument, and of each of their members. */
function* variants([call, args], odd) {
  for (const [index, argument] of args.entries()) {
    const replaced = (value) => args.map((other, at) => (at === index ? value : other));
    yield [index, () => call(...replaced(odd))];
    if (typeof argument !== "object") continue;
    for (const member of [...Object.keys(argument), "payloadHash", "body", "headers"]) {
      yield [`${index}.${member}`, () => call(...replaced({ ...argument, [member]: odd }))];
    }
    if (argument.headers) {
      for (const headers of [{ "x-odd": odd }, [[odd, "x"]], [odd]]) yield [`${index}.headers`, () => call(...replaced({ ...argument, headers }))];
    }
    if (argument.conditions) {
      for (const conditions of [[odd], [{ key: odd }], [["eq", odd, odd]], [["content-length-range", odd, odd]]]) {
        yield [`${index}.conditions`, () => call(...replaced({ ...argument, conditions }))];
      }
    }
  }
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} answers anything with a result or a SealiftError, and works on`, async () => {
    const before = await call[0](...call[1]);
    let refused = 0;
    for (const [label, odd] of Object.entries({ ...ODD, ...THROWING })) {
      for (const [place, work] of variants(call, odd)) {
        try {
          await work();
        } catch (error) {
          refused += 1;
          assert.ok(error instanceof SealiftError, `${label} at ${place}: ${error}`);
          assert.equal(typeof error.code, "string");
          assert.equal(error.retryable, false);
          assert.ok(!`${error.message} ${error.stack}`.includes(SECRET), `${label} at ${place} tells the secret`);
        }
      }
      assert.deepEqual(await call[0](...call[1]), before, `${label} left something behind`);
    }
    assert.ok(refused > 20, `${refused} refusals`);
  });
}

test("a policy that S3 could not read is refused, not signed", async () => {
  const refused = (policy, why) => assert.rejects(sealift.signPostPolicy(policy, CREDENTIALS, SCOPE), (error) => error.code === "invalid_policy", why);
  for (const [label, odd] of Object.entries(ODD)) {
    await refused({ ...POLICY, conditions: [odd] }, `a condition: ${label}`);
    await refused({ ...POLICY, conditions: [["content-length-range", odd, odd]] }, `a length: ${label}`);
    // JSON writes a Date as a text.
    if (typeof odd === "string" || odd instanceof Date) continue;
    await refused({ ...POLICY, conditions: [["eq", "$key", odd]] }, `a value: ${label}`);
    await refused({ ...POLICY, expiration: odd }, `the expiration: ${label}`);
  }
  for (const condition of [["near", "$key", "x"], ["eq", "key", "x"], ["eq", "$key"], ["content-length-range", 2, 1], { key: "a", acl: "b" }]) {
    await refused({ ...POLICY, conditions: [condition] }, JSON.stringify(condition));
  }
});

test("what is no option is refused where it is given, with `invalid_option`", async () => {
  await sealift.init();
  const invalid = (error) => error instanceof SealiftError && error.code === "invalid_option" && error.retryable === false;
  const uploader = sealift.createUploader({ endpoint: "/sealift" });
  for (const [label, odd] of Object.entries(ODD)) {
    assert.throws(() => sealift.createUploader(odd), invalid, `createUploader: ${label}`);
    if (typeof odd !== "string") assert.throws(() => uploader.add([{ file: new Blob(["x"]), name: odd }]), invalid, `add, name: ${label}`);
    assert.throws(() => uploader.add(odd), invalid, `add: ${label}`);
    await assert.rejects(sealift.hashFile(odd), invalid, `hashFile: ${label}`);
    await assert.rejects(sealift.filesFromDataTransfer(odd), invalid, `filesFromDataTransfer: ${label}`);
    for (const option of ["algorithms", "chunkSize", "onProgress", "signal"]) {
      const fits = option === "onProgress" && typeof odd === "function";
      if (!fits) await assert.rejects(sealift.hashFile(new Blob(["x"]), { [option]: odd }), invalid, `hashFile, ${option}: ${label}`);
    }
    if (typeof odd !== "object" || odd === null) await assert.rejects(sealift.init(odd), invalid, `init: ${label}`);
    if (!(odd instanceof Uint8Array)) assert.throws(() => new sealift.Sha256().update(odd), invalid, `update: ${label}`);
    if (!(odd instanceof Uint8Array)) assert.throws(() => sealift.Sha256.load(odd), invalid, `load: ${label}`);
    assert.throws(() => sealift.Crc32.combine(new Uint8Array(4), new Uint8Array(4), odd), invalid, `combine: ${label}`);
  }
});

test("bytes that were transferred elsewhere are refused, not taken for none", async () => {
  await sealift.init();
  const bytes = new Uint8Array([1, 2, 3]);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  const invalid = (error) => error instanceof SealiftError && error.code === "invalid_option";
  for (const gone of [bytes, bytes.buffer]) {
    assert.throws(() => new sealift.Sha256().update(gone), invalid);
    await assert.rejects(sealift.signRequest({ ...REQUEST, body: gone }, CREDENTIALS, SCOPE), invalid);
  }
});

test("an uploader where there is no XMLHttpRequest says so at once", async () => {
  const upload = sealift.createUploader({ endpoint: "https://app.example/sealift" }).add(new Blob(["x"]));
  const heard = [];
  upload.addEventListener("error", () => heard.push(upload.error.code));
  await assert.rejects(upload.result, (error) => error instanceof SealiftError && error.code === "unsupported" && !error.retryable);
  assert.equal(upload.state, "failed");
  assert.deepEqual(heard, ["unsupported"]);
});

test("wasm that cannot be loaded is a SealiftError, and may be loaded from elsewhere afterwards", async () => {
  const notLoaded = (error) => error instanceof SealiftError && error.code === "not_loaded" && error.retryable && error.cause instanceof Error;
  await assert.rejects(sealift.init({ uploader: new Uint8Array([1, 2, 3]) }), notLoaded);
  await assert.rejects(sealift.init({ uploader: 5 }), notLoaded);
  await sealift.init({ uploader: readFileSync(new URL("../../pkg/uploader/sealift_uploader_bg.wasm", import.meta.url)) });
});

const SEED = { seedSignature: HASH, credentials: CREDENTIALS, region: "us-east-1", date: "20130524T000000Z" };

test("signChunks answers anything with a result or a SealiftError", async () => {
  const { chunkSignatures, ...rest } = await sealift.signChunks({ ...SEED, chunkHashes: [] });
  assert.ok(chunkSignatures.length === 1 && /^[0-9a-f]{64}$/.test(chunkSignatures[0]));
  assert.deepEqual(rest, {});
  const wrong = {
    seedSignature: [undefined, "", HASH.toUpperCase(), HASH.slice(1), 7, {}],
    credentials: [undefined, null, {}, 7],
    region: [undefined, "", "a b", 7],
    date: [undefined, "", "now", 7, new Date(NaN)],
    chunkHashes: [undefined, null, 7, {}, HASH, [""], [7], [HASH.slice(1)], new Uint8Array(31), [new Uint8Array(31)], [HASH, HASH], [HASH, SECRET]],
    trailer: [{}, { checksum: "md5", value: "" }, { checksum: "crc32", value: "AAAA" }, { checksum: "crc32", value: 7 }],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) await assert.rejects(sealift.signChunks({ ...SEED, chunkHashes: [], [name]: value }), SealiftError, `${name}: ${value}`);
  }
  for (const options of [undefined, null, 7, "", {}]) await assert.rejects(sealift.signChunks(options), SealiftError);
});

test("chunkedHeaders, awsChunkedBlob and ChunkSigner refuse what no body can be", async () => {
  const wrong = [
    undefined, null, 7, {}, { decodedLength: -1 }, { decodedLength: 0.5 }, { decodedLength: "1" }, { decodedLength: 5 * 1024 ** 3 + 1 },
    { decodedLength: 1, chunkSize: 8191 }, { decodedLength: 1, chunkSize: 2 ** 24 + 1 }, { decodedLength: 1, chunkSize: "8192" },
    { decodedLength: 1, trailer: "md5" }, { decodedLength: 1, trailer: "toString" }, { decodedLength: 1, signed: false }, { decodedLength: 1, signed: 1 },
  ];
  for (const options of wrong) {
    assert.throws(() => sealift.chunkedHeaders(options), SealiftError, JSON.stringify(options));
    assert.throws(() => new sealift.ChunkSigner(options), SealiftError, JSON.stringify(options));
  }
  assert.equal(sealift.chunkedHeaders({ decodedLength: 66560, chunkSize: 65536 }).encodedLength, 66824);
  const blob = new Blob(["abc"]);
  const crc = { checksum: "crc32", value: "AAAAAA==" };
  for (const [given, options] of [
    ["abc", { chunkSignatures: [HASH, HASH] }],
    [blob, undefined], [blob, {}],
    [blob, { chunkSignatures: [HASH] }], [blob, { chunkSignatures: [HASH, HASH, HASH] }], [blob, { chunkSignatures: [HASH, HASH.toUpperCase()] }],
    [blob, { chunkSignatures: new Uint8Array(63) }],
    [blob, { trailer: { ...crc, value: "AAAA" } }], [blob, { trailer: { ...crc, signature: HASH } }],
    [blob, { chunkSignatures: [HASH, HASH], trailer: crc }], [blob, { chunkSize: 1, trailer: crc }],
  ]) {
    assert.throws(() => sealift.awsChunkedBlob(given, options), SealiftError, JSON.stringify(options));
  }
  const text = await sealift.awsChunkedBlob(blob, { trailer: crc }).text();
  assert.equal(text, "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
  const packed = new Uint8Array(64).fill(0xAB);
  assert.equal(await sealift.awsChunkedBlob(blob, { chunkSignatures: packed }).text(),
    `3;chunk-signature=${"ab".repeat(32)}\r\nabc\r\n0;chunk-signature=${"ab".repeat(32)}\r\n\r\n`);
});

test("a stream of more, fewer or no bytes is an error of the stream", async () => {
  const body = (options, ...pieces) =>
    new Response(ReadableStream.from(pieces).pipeThrough(new sealift.ChunkSigner({ ...SEED, ...options }))).arrayBuffer();
  assert.equal((await body({ decodedLength: 3 }, Buffer.from("a"), Buffer.from("bc").buffer.slice(0, 0), Buffer.from("bc"))).byteLength, 3 + 87 + 85);
  for (const [options, ...pieces] of [
    [{ decodedLength: 3 }, Buffer.from("ab")], [{ decodedLength: 3 }, Buffer.from("abcd")], [{ decodedLength: 3 }, "abc"], [{ decodedLength: 3 }, 7],
    [{ decodedLength: 3, date: undefined }, Buffer.from("abc")], [{ decodedLength: 3, seedSignature: "" }, Buffer.from("abc")],
  ]) {
    await assert.rejects(body(options, ...pieces), SealiftError, JSON.stringify(options));
  }
});
