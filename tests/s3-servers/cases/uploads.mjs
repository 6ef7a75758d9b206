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

/** The feature of S3 that makes a mode mean something, by the way of sending. */
const MODES = {
  sha256: { title: "`\"sha256\"`", put: "payload-hash", post: "sha256", multipart: "payload-hash" },
  crc64nvme: { title: "`\"crc64nvme\"`", put: "crc64nvme", post: "crc64nvme", multipart: "part-crc64nvme" },
  both: { title: "`\"both\"`", put: "payload-hash", post: "sha256", multipart: "payload-hash" },
  none: { title: "`\"none\"`" },
};

/** Below `post_up_to` of the engine, so that a form is its first choice. */
const SMALL = 90 * KIB;

const modes = Object.entries(WAYS).flatMap(([transport, { title, size }]) =>
  Object.entries(MODES).map(([integrity, mode]) => ({
    id: `${transport}-${integrity}`,
    title: `${title}, ${mode.title}`,
    run: (world) => run(world, { transport, integrity, size, feature: mode[transport] }),
  })),
);

export const uploads = [{ id: "auto-small", title: "small files, way `\"auto\"`: forms", run: small }, ...modes];

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

async function run(world, { transport, integrity, size, feature }) {
  const file = world.files.file(`${transport} ${integrity}.bin`, size);
  const { url } = await world.endpoint();
  const visit = await world.visit();
  const [end] = await visit.upload([file], { endpoint: url, transport, integrity });
  if (!end.object) return { works: false, note: `fails with \`${end.error.code}\`` };
  assert.deepEqual(await world.s3.digest(end.object.key), { status: 200, size: file.size, sha256: file.sha256 });
  await assertDigests(world, end.object, file, { transport, integrity, feature });
  if (transport === "multipart") assert.equal(visit.partsSent().size, 3);
  const isForm = visit.requests.some(({ method }) => method === "POST") && visit.requests.every(({ method }) => method === "POST");
  const lacks = await visit.lacks();
  await visit.close();
  if (transport === "post" && !isForm) {
    assert.ok(lacks.includes("post-forms"), "a form went another way, and nobody was told");
    return { works: false, note: `${world.lacks.get("post-forms")}; noticed once (\`post-forms\`), then files go by PUT` };
  }
  if (feature && !world.has(feature)) return { works: false, note: `the file arrives, but ${world.lacks.get(feature)}${lacks.includes("part-checksums") ? "; noticed (`part-checksums`)" : ""}` };
  return { works: true };
}

/** What the page is told of the bytes is true, whoever keeps it. */
async function assertDigests(world, object, file, { transport, integrity, feature }) {
  if (object.sha256) assert.equal(object.sha256, file.sha256);
  if (object.crc64nvme) assert.equal(object.crc64nvme, crc64nvme(readFileSync(file.path)));
  if (!feature || !world.has(feature)) return;
  if (transport !== "multipart" && integrity !== "crc64nvme") assert.equal(object.sha256, file.sha256);
  if (integrity === "crc64nvme") assert.ok(object.crc64nvme, "the object does not tell its CRC64NVME");
  if (transport === "multipart" && integrity === "sha256" && world.has("part-sha256")) {
    const { headers } = await world.s3.head(object.key);
    assert.match(headers.get("x-amz-checksum-sha256"), /-\d+$/);
  }
}
