// What a server can do, asked without Sealift: each probe resolves to what speaks against it, or to nothing.
import { createHash } from "node:crypto";
import { corsDocument } from "../e2e/harness/cors.mjs";
import { bytes, MIB } from "../e2e/harness/files.mjs";

const PART = 5 * MIB;

/** What docs/protocol.md asks of a bucket. */
const CORS_RULE = {
  AllowedMethods: ["PUT", "POST", "GET"],
  AllowedHeaders: ["*"],
  ExposeHeaders: ["ETag", "Date", "Retry-After", "x-amz-request-id", "x-amz-version-id", "x-amz-checksum-sha256", "x-amz-checksum-crc64nvme"],
};

/** @typedef {{ s3: import("./client.mjs").S3Client, prefix: string, origin: string }} World */

/** @type {Record<string, { title: string, ask: (world: World) => Promise<string | undefined> }>} */
export const PROBES = {
  "bucket-cors": {
    title: "PutBucketCors",
    async ask({ s3, origin }) {
      const body = corsDocument([{ ...CORS_RULE, AllowedOrigins: [origin] }]);
      const answer = await s3.send("PUT", undefined, { query: "cors=", body, headers: { "content-md5": createHash("md5").update(body).digest("base64") } });
      return answer.ok ? undefined : answer.short;
    },
  },
  "cors-on-errors": {
    title: "CORS headers on errors too",
    async ask({ s3, prefix, origin }) {
      const refused = await s3.withWrongKey().put(`${prefix}refused`, "x", { origin });
      const allowed = refused.headers.get("access-control-allow-origin");
      return allowed === origin || allowed === "*" ? undefined : `${refused.short} has no \`access-control-allow-origin\``;
    },
  },
  "post-forms": {
    title: "POST forms",
    async ask({ s3, prefix }) {
      const answer = await s3.post({ key: `${prefix}form`, success_action_status: "201" }, Buffer.from("form"));
      return answer.ok ? undefined : answer.short;
    },
  },
  "conditional-put": {
    title: "`If-None-Match: *` of a PUT",
    async ask({ s3, prefix }) {
      const put = () => s3.put(`${prefix}once`, "once", { "if-none-match": "*" });
      const first = await put();
      if (!first.ok) return first.short;
      return refusedWith(412, await put());
    },
  },
  "conditional-complete": {
    title: "`If-None-Match: *` of a Complete",
    async ask({ s3, prefix }) {
      const key = `${prefix}once-complete`;
      await s3.put(key, "there already");
      const { uploadId } = await s3.create(key);
      const { headers } = await s3.part(key, uploadId, 1, "x");
      const answer = await s3.complete(key, uploadId, [{ etag: headers.get("etag") }], { "if-none-match": "*" });
      await s3.abort(key, uploadId);
      return refusedWith(412, answer);
    },
  },
  "payload-hash": {
    title: "`x-amz-content-sha256` checked",
    ask: ({ s3, prefix }) => refusesOther(s3, `${prefix}hash`, (body) => ({ "x-amz-content-sha256": sha256(body).toString("hex") })),
  },
  "sha256": {
    title: "`x-amz-checksum-sha256` checked",
    ask: ({ s3, prefix }) => refusesOther(s3, `${prefix}sha256`, (body) => unsigned(SHA256, body)),
  },
  "sha256-kept": {
    title: "… and kept",
    ask: ({ s3, prefix }) => keeps(s3, `${prefix}sha256-kept`, SHA256),
  },
  "crc64nvme": {
    title: "`x-amz-checksum-crc64nvme` checked",
    ask: ({ s3, prefix }) => refusesOther(s3, `${prefix}crc64nvme`, (body) => unsigned(CRC64NVME, body)),
  },
  "crc64nvme-kept": {
    title: "… and kept",
    ask: ({ s3, prefix }) => keeps(s3, `${prefix}crc64nvme-kept`, CRC64NVME),
  },
  "part-sha256": {
    title: "SHA-256 of parts checked",
    ask: ({ s3, prefix }) => refusesOtherPart(s3, `${prefix}part-sha256`, SHA256),
  },
  "part-sha256-kept": {
    title: "… and kept, with the whole's composite",
    ask: ({ s3, prefix }) => keepsParts(s3, `${prefix}part-sha256-kept`, SHA256),
  },
  "part-crc64nvme": {
    title: "CRC64NVME of parts checked",
    ask: ({ s3, prefix }) => refusesOtherPart(s3, `${prefix}part-crc64nvme`, CRC64NVME),
  },
  "part-crc64nvme-kept": {
    title: "… and kept, with the whole's",
    ask: ({ s3, prefix }) => keepsParts(s3, `${prefix}part-crc64nvme-kept`, CRC64NVME),
  },
  "chunk-signatures": {
    title: "signatures of chunks checked",
    async ask({ s3, prefix }) {
      const body = bytes(20_000, "chunks");
      const right = await s3.putChunks(`${prefix}chunks`, body, 8192);
      if (!right.ok) return right.short;
      const { headers } = await s3.head(`${prefix}chunks`);
      if (headers.get("content-length") !== "20000") return "what stands between the chunks is stored too";
      const wrong = await s3.putChunks(`${prefix}chunks-wrong`, body, 8192, Buffer.concat([body.subarray(0, 9000), bytes(11_000, "others")]));
      return wrong.ok ? "other bytes are taken" : undefined;
    },
  },
  "list-uploads": {
    title: "ListMultipartUploads",
    async ask({ s3, prefix }) {
      const key = `${prefix}open`;
      const { uploadId } = await s3.create(key);
      const lists = (prefix) => s3.uploads(prefix).then((open) => open.some((upload) => upload.uploadId === uploadId));
      const [byKey, byPrefix] = [await lists(key), await lists(key.slice(0, -1))];
      await s3.abort(key, uploadId);
      if (!byKey) return "an open upload is not listed";
      if (await lists(key)) return "an aborted upload is still listed";
      return byPrefix ? undefined : "only by the whole key, which is what Sealift asks for";
    },
  },
  "flat-keys": {
    title: "`a` and `a/b` both",
    async ask({ s3, prefix }) {
      await s3.put(`${prefix}flat`, "a");
      const answer = await s3.put(`${prefix}flat/b`, "b");
      return answer.ok ? undefined : answer.short;
    },
  },
};

const refusedWith = (status, answer) => (answer.status === status ? undefined : `answers ${answer.short}`);

const sha256 = (data) => createHash("sha256").update(data).digest();

/** Takes the right bytes, refuses others. */
async function refusesOther(s3, key, headersOf) {
  const body = bytes(1000, key);
  const right = await s3.put(key, body, headersOf(body));
  if (!right.ok) return right.short;
  const wrong = await s3.put(`${key}-wrong`, bytes(1000, "others"), headersOf(body));
  return wrong.ok ? "other bytes are taken" : undefined;
}

/** `whole`: what S3 says of an object of several parts. */
const SHA256 = {
  name: "SHA256",
  type: "COMPOSITE",
  of: (body) => sha256(body).toString("base64"),
  whole: (bodies) => `${sha256(Buffer.concat(bodies.map(sha256))).toString("base64")}-${bodies.length}`,
};
const CRC64NVME = { name: "CRC64NVME", type: "FULL_OBJECT", of: (body) => crc64nvme(body), whole: (bodies) => crc64nvme(Buffer.concat(bodies)) };

const headerOf = ({ name }) => `x-amz-checksum-${name.toLowerCase()}`;

/** The checksum alone says what the bytes are. */
const unsigned = (algorithm, body) => ({ [headerOf(algorithm)]: algorithm.of(body), "x-amz-content-sha256": "UNSIGNED-PAYLOAD" });

async function keeps(s3, key, algorithm) {
  const body = bytes(1000, key);
  const answer = await s3.put(key, body, unsigned(algorithm, body));
  if (!answer.ok) return answer.short;
  const { headers } = await s3.head(key);
  return headers.get(headerOf(algorithm)) === algorithm.of(body) ? undefined : "not kept";
}

/** Does `work` with an upload of parts that have checksums; it is aborted afterwards, if it still is there. */
async function withParts(s3, key, { name, type }, work) {
  const created = await s3.create(key, { "x-amz-checksum-algorithm": name, "x-amz-checksum-type": type });
  if (!created.ok) return created.short;
  try {
    return await work(created.uploadId);
  } finally {
    await s3.abort(key, created.uploadId);
  }
}

function refusesOtherPart(s3, key, algorithm) {
  return withParts(s3, key, algorithm, async (uploadId) => {
    const body = bytes(1000, key);
    const right = await s3.part(key, uploadId, 1, body, unsigned(algorithm, body));
    if (!right.ok) return right.short;
    const wrong = await s3.part(key, uploadId, 2, bytes(1000, "others"), unsigned(algorithm, body));
    return wrong.ok ? "other bytes are taken" : undefined;
  });
}

function keepsParts(s3, key, algorithm) {
  return withParts(s3, key, algorithm, async (uploadId) => {
    const bodies = [bytes(PART, `${key} 1`), bytes(1000, `${key} 2`)];
    const parts = [];
    for (const [index, body] of bodies.entries()) {
      const answer = await s3.part(key, uploadId, index + 1, body, unsigned(algorithm, body));
      if (!answer.ok) return answer.short;
      parts.push({ etag: answer.headers.get("etag"), checksum: [`Checksum${algorithm.name}`, algorithm.of(body)] });
    }
    const { text } = await s3.send("GET", key, { query: `uploadId=${encodeURIComponent(uploadId)}` });
    if (!text.includes(`<Checksum${algorithm.name}>${algorithm.of(bodies[0])}<`)) return "ListParts does not tell them";
    const done = await s3.complete(key, uploadId, parts);
    if (!done.ok || done.code) return done.short;
    const { headers } = await s3.head(key);
    return headers.get(headerOf(algorithm)) === algorithm.whole(bodies) ? undefined : "the object does not tell the whole's";
  });
}

/** CRC-64/NVME as S3 writes it, by a table of two halves: written for this, so that it can contradict the project's own. */
export function crc64nvme(data) {
  let [high, low] = [0xffff_ffff, 0xffff_ffff];
  for (const byte of data) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ TABLE.low[index];
    high = (high >>> 8) ^ TABLE.high[index];
  }
  const out = Buffer.alloc(8);
  out.writeUInt32BE(~high >>> 0, 0);
  out.writeUInt32BE(~low >>> 0, 4);
  return out.toString("base64");
}

const TABLE = { high: new Uint32Array(256), low: new Uint32Array(256) };
for (let byte = 0; byte < 256; byte += 1) {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : value >> 1n;
  TABLE.high[byte] = Number(value >> 32n);
  TABLE.low[byte] = Number(value & 0xffff_ffffn);
}
