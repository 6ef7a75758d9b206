// Every way to send × every integrity mode: what the page sends arrives whole, and other bytes do not.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { KIB, MIB } from "../../e2e/harness/files.mjs";
import { crc64nvme } from "../probes.mjs";

const WAYS = {
  put: { title: "PUT", size: 300 * KIB + 7 },
  post: { title: "POST form", size: 300 * KIB + 7 },
  multipart: { title: "multipart", size: 12 * MIB + 7 },
};

/** What of S3 makes a mode mean something, by the way of sending: what is checked on arrival, and what is kept. */
const MODES = {
  sha256: { put: ["payload-hash", "sha256-kept"], post: ["sha256", "sha256-kept"], multipart: ["payload-hash", "part-sha256-kept"] },
  crc64nvme: { put: ["crc64nvme", "crc64nvme-kept"], post: ["crc64nvme", "crc64nvme-kept"], multipart: ["part-crc64nvme", "part-crc64nvme-kept"] },
  both: { put: ["payload-hash", "crc64nvme-kept"], post: ["crc64nvme", "crc64nvme-kept"], multipart: ["payload-hash", "part-crc64nvme-kept"] },
  chunks: { put: ["chunk-signatures"], post: ["sha256", "sha256-kept"], multipart: ["chunk-signatures"] },
  none: {},
};

/** Below `post_up_to` of the engine, so that a form is its first choice. */
const SMALL = 90 * KIB;

const modes = Object.entries(WAYS).flatMap(([transport, { title, size }]) =>
  Object.entries(MODES).map(([integrity, mode]) => ({
    id: `${transport}-${integrity}`,
    title: `${title}, \`"${integrity}"\``,
    run: (world) => run(world, { transport, integrity, size, needs: mode[transport] ?? [] }),
  })),
);

const CHUNK = 896 * KIB;

/** Where chunks begin and end, and as many parts as a real file has. */
const CHUNKED = [
  { id: "chunks-sizes", title: "PUT in chunks: 0 B, 1 B, a chunk, a byte more", transport: "put", sizes: [0, 1, CHUNK, CHUNK + 1] },
  { id: "chunks-300-mib", title: "multipart in chunks: 300 MiB", transport: "multipart", sizes: [300 * MIB] },
].map(({ id, title, transport, sizes }) => ({ id, title, run: (world) => chunked(world, { transport, sizes }) }));

export const uploads = [{ id: "auto-small", title: "small files, way `\"auto\"`: forms", run: small }, ...modes, ...CHUNKED];

/** Twelve small files: by forms, or, once it is noticed that there are none, by PUT. */
async function small(world) {
  const files = Array.from({ length: 12 }, (_, index) => world.files.file(`small ${index}.bin`, SMALL + index));
  const { url } = await world.endpoint();
  const visit = await world.visit();
  const ends = await visit.upload(files, { endpoint: url });
  for (const [index, { object, error }] of ends.entries()) {
    assert.ok(object, `${error?.code}: ${error?.message}`);
    assert.equal((await world.s3.digest(object.key)).sha256, files[index].sha256);
  }
  const methods = new Set(visit.requests.filter(({ status }) => status >= 200 && status < 300).map(({ method }) => method));
  const lacks = await visit.lacks();
  await visit.close();
  if (world.has("post-forms") && !lacks.includes("post-forms")) {
    assert.deepEqual([...methods], ["POST"]);
    return { works: true };
  }
  assert.ok(lacks.includes("post-forms"), "forms do not work here, and nobody was told");
  assert.deepEqual([...methods], ["PUT"]);
  return { works: false, note: `${world.lacks.get("post-forms")}; noticed once (\`post-forms\`), then files go by PUT` };
}

async function chunked(world, { transport, sizes }) {
  if (!world.has("chunk-signatures")) return { works: false, tried: false, note: world.lacks.get("chunk-signatures") };
  const { url } = await world.endpoint();
  const visit = await world.visit();
  for (const size of sizes) {
    const file = await world.files.sparse(`${size} in chunks.bin`, size);
    const [end] = await visit.upload([file], { endpoint: url, transport, integrity: "chunks", resume: false });
    assert.ok(end.object, `${size}: ${end.error?.code}: ${end.error?.message}`);
    assert.deepEqual(await world.s3.digest(end.object.key), { status: 200, size: file.size, sha256: file.sha256 });
  }
  assert.deepEqual((await visit.lacks()).filter((feature) => feature === "chunk-signatures"), []);
  await visit.close();
  return { works: true };
}

async function run(world, { transport, integrity, size, needs }) {
  const [checked, kept] = needs;
  // Who asks for forms alone waits for them as for a network that is away.
  if (transport === "post" && !world.has("post-forms")) return { works: false, tried: false, note: world.lacks.get("post-forms") };
  const file = world.files.file(`${transport} ${integrity}.bin`, size);
  const { url } = await world.endpoint();
  const visit = await world.visit();
  const [end] = await visit.upload([file], { endpoint: url, transport, integrity });
  if (!end.object) {
    // The one thing that a server may lack and a file needs: a CRC that nobody keeps shows nothing.
    assert.ok(integrity === "crc64nvme" && !world.has(kept) && end.error.code === "integrity_mismatch", `${end.error.code}: ${end.error.message}`);
    const sent = visit.partsSent().size;
    await visit.close();
    return { works: false, note: `fails with \`${end.error.code}\`${sent > 0 ? " at the first part" : ""}: ${world.lacks.get(kept)}` };
  }
  assert.deepEqual(await world.s3.digest(end.object.key), { status: 200, size: file.size, sha256: file.sha256 });
  await assertDigests(world, end.object, file, { transport, integrity: integrity === "chunks" && transport === "post" ? "sha256" : integrity });
  if (transport === "multipart") assert.equal(visit.partsSent().size, 3);
  const lacks = await visit.lacks();
  await visit.close();
  if (lacks.includes("chunk-signatures")) {
    assert.ok(!world.has("chunk-signatures"), "signed chunks are known here, and were not used");
    return { works: false, note: `${world.lacks.get("chunk-signatures")}; noticed once (\`chunk-signatures\`), then it goes as \`"sha256"\`` };
  }
  if (checked && !world.has(checked)) return { works: false, note: `the file arrives, but ${world.lacks.get(checked)}` };
  if (kept && !world.has(kept)) return { works: true, note: `checked on arrival, not kept${lacks.includes("part-checksums") ? "; noticed once (`part-checksums`)" : ""}` };
  return { works: true };
}

/** What the page is told of the bytes is true, whoever keeps it. */
async function assertDigests(world, object, file, { transport, integrity }) {
  if (object.sha256) assert.equal(object.sha256, file.sha256);
  if (object.crc64nvme) assert.equal(object.crc64nvme, crc64nvme(readFileSync(file.path)));
  const [hasSha256, hasCrc] = ["sha256", "crc64nvme"].map((name) => integrity === name || integrity === "both");
  if (transport === "multipart") {
    if (hasCrc && world.has("part-crc64nvme-kept")) assert.ok(object.crc64nvme, "the object does not tell its CRC64NVME");
    if (integrity !== "sha256" || !world.has("part-sha256-kept")) return;
    const { headers } = await world.s3.head(object.key);
    assert.match(headers.get("x-amz-checksum-sha256"), /-\d+$/);
    return;
  }
  if (hasSha256 && world.has("sha256-kept")) assert.ok(object.sha256, "the object does not tell its SHA-256");
  if (hasCrc && !hasSha256 && world.has("crc64nvme-kept")) assert.ok(object.crc64nvme, "the object does not tell its CRC64NVME");
}
