// What was signed binds: other bytes, or more or fewer of them, are refused by the server itself.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { awsChunkedBlob } from "../../../js/aws-chunked.js";
import { bytes } from "../../e2e/harness/files.mjs";
import { crc64nvme } from "../probes.mjs";

const BODY = bytes(1000, "signed for");
const OTHER = bytes(1000, "something else");
const SHA256 = { sha256: createHash("sha256").update(BODY).digest("hex") };
const CRC = { crc64nvme: crc64nvme(BODY) };
/** Of one chunk. */
const CHUNKS = { chunkHashes: Buffer.from(SHA256.sha256, "hex").toString("base64") };

/** A file of one part is multipart too. */
const BINDINGS = [
  { id: "put-length", title: "PUT: another length is refused", transport: "put", digest: {}, bodies: { shorter: BODY.subarray(1), longer: Buffer.concat([BODY, OTHER]) } },
  { id: "post-length", title: "POST form: another length is refused", transport: "post", digest: {}, bodies: { shorter: BODY.subarray(1), longer: Buffer.concat([BODY, OTHER]) }, feature: "post-forms" },
  { id: "part-length", title: "Part: another length is refused", transport: "multipart", integrity: "none", digest: {}, bodies: { shorter: BODY.subarray(1), longer: Buffer.concat([BODY, OTHER]) } },
  { id: "put-bytes-sha256", title: "PUT, SHA-256: other bytes are refused", transport: "put", digest: SHA256 },
  { id: "put-bytes-crc64nvme", title: "PUT, CRC64NVME: other bytes are refused", transport: "put", digest: CRC },
  { id: "post-bytes-sha256", title: "POST form, SHA-256: other bytes are refused", transport: "post", digest: SHA256, feature: "post-forms" },
  { id: "post-bytes-crc64nvme", title: "POST form, CRC64NVME: other bytes are refused", transport: "post", digest: CRC, feature: "post-forms" },
  { id: "part-bytes-sha256", title: "Part, SHA-256: other bytes are refused", transport: "multipart", integrity: "sha256", digest: SHA256 },
  { id: "part-bytes-crc64nvme", title: "Part, CRC64NVME: other bytes are refused", transport: "multipart", integrity: "crc64nvme", digest: CRC },
  { id: "put-bytes-chunks", title: "PUT, chunks: other bytes are refused", transport: "put", integrity: "chunks", digest: CHUNKS, feature: "chunk-signatures" },
  { id: "part-bytes-chunks", title: "Part, chunks: other bytes are refused", transport: "multipart", integrity: "chunks", digest: CHUNKS, feature: "chunk-signatures" },
];

export const refusals = BINDINGS.map((binding) => ({ id: binding.id, title: binding.title, run: (world) => run(world, binding) }));

async function run(world, { transport, integrity, digest, bodies = { other: OTHER }, feature }) {
  if (feature && !world.has(feature)) return { works: false, tried: false, note: world.lacks.get(feature) };
  const file = { name: "bound.bin", size: BODY.length, type: "application/octet-stream", transport, ...(integrity ? { integrity } : digest) };
  const { server } = await world.endpoint();
  const [upload] = (await call(server, "uploads", { files: [file] })).uploads;
  assert.equal(upload.error, undefined, upload.error?.message);
  const request = transport === "multipart" ? await part(server, upload, digest) : (upload.requests[0] ?? (await sign(server, upload, { op: "put", ...digest })));
  const taken = [];
  for (const [name, body] of Object.entries(bodies)) {
    const answer = await send(request, body);
    if (answer.ok) taken.push(name);
  }
  // And the very bytes are taken: it was them that made the difference.
  const right = await send(request, BODY);
  assert.ok(right.ok || (right.status === 412 && taken.length > 0), `the signed bytes are refused: ${right.status} ${right.text}`);
  await call(server, "uploads/delete", { uploads: [{ token: upload.grant.token }] });
  return taken.length === 0 ? { works: true } : { works: false, note: `${taken.join(" and ")} bytes are taken` };
}

/** Begins the multipart upload and has its one part signed. */
async function part(server, { grant, requests }, digest) {
  const created = await send(requests[0]);
  const [, uploadId] = created.text.match(/<UploadId>([^<]+)</) ?? [];
  assert.ok(uploadId, `${created.status} ${created.text}`);
  return sign(server, { grant }, { op: "part", number: 1, ...digest }, uploadId);
}

async function sign(server, { grant }, intent, uploadId) {
  const { results } = await call(server, "sign", { requests: [{ token: grant.token, uploadId, intents: [intent] }] });
  assert.equal(results[0].error, undefined, results[0].error?.message);
  return results[0].requests[0];
}

async function call(server, action, body) {
  const answer = await server.call(action, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

/** Sends a signed request; a server may also end the connection when it does not want the body. */
async function send({ method, url, headers = [], fields, chunks }, body) {
  let content = body;
  if (chunks) content = awsChunkedBlob(new Blob([body]), { chunkSize: chunks.size, chunkSignatures: Buffer.from(chunks.signatures, "base64") });
  if (fields) {
    content = new FormData();
    for (const [name, value] of fields) content.append(name, value);
    content.append("file", new Blob([body]), "file");
  }
  try {
    const answer = await fetch(url, { method, headers, body: content, signal: AbortSignal.timeout(20_000) });
    return { ok: answer.ok, status: answer.status, text: await answer.text() };
  } catch (error) {
    return { ok: false, status: 0, text: String(error.cause ?? error) };
  }
}
