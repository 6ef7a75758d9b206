// Two files for one key: the second does not take the first one's place, and is told so.
import assert from "node:assert/strict";
import { KIB, MIB } from "../../e2e/harness/files.mjs";

/** Guessable keys are what two uploads can have in common. */
const RULES = { key: "{user}/{filename}", allow_guessable_keys: true };

export const conditional = [
  { id: "second-put", title: "PUT: the second file of a key is refused", run: (world) => run(world, "put", 100 * KIB, "conditional-put") },
  { id: "second-multipart", title: "multipart: the second file of a key is refused", run: (world) => run(world, "multipart", 6 * MIB, "conditional-complete") },
];

async function run(world, transport, size, feature) {
  if (!world.has("conditional-put")) {
    return { works: false, note: `${world.lacks.get("conditional-put")}; with \`conditional_writes = false\` the endpoint refuses rules whose keys could meet` };
  }
  const { url, prefix } = await world.endpoint(RULES);
  const visit = await world.visit();
  const options = { endpoint: url, transport, integrity: "sha256" };
  const name = `${transport}.bin`;
  const [first, other] = [world.files.file(`first/${name}`, size), world.files.file(`other/${name}`, size)];
  const kept = transport === "put" ? "sha256-kept" : "part-sha256-kept";
  /** Without a checksum at S3, and without an ETag of its own, no upload says that the bytes there are its. */
  const isUnproven = ({ error }) => error?.code === "integrity_unverified" && !world.has(kept);
  const [stored] = await visit.upload([first], options);
  if (isUnproven(stored)) {
    await visit.close();
    return { works: false, note: "fails with `integrity_unverified`: the server's Complete names no ETag, and no checksum is kept, so nothing tells whose file lies at a guessable key" };
  }
  assert.ok(stored.object, stored.error?.message);
  assert.ok(stored.object.key.startsWith(prefix));

  // The same file once more is the answer that was lost: what is there is compared, and found to be it.
  const [again] = await visit.upload([first], options);
  if (!isUnproven(again)) assert.equal(again.object?.key, stored.object.key, again.error?.message);

  const before = visit.requests.length;
  const [end] = await visit.upload([other], options);
  const found = await world.s3.digest(stored.object.key);
  const open = await world.s3.uploads(stored.object.key);
  const statuses = visit.requests.slice(before).map(({ status }) => status);
  await visit.close();
  if (!world.has(feature)) return { works: false, note: `${world.lacks.get(feature)}: ${found.sha256 === first.sha256 ? "the first file stays" : "the second takes the first one's place"}` };
  assert.equal(end.state, "failed", JSON.stringify(end));
  // 0: an answer that the page may not read.
  assert.ok(statuses.includes(world.has("cors-on-errors") ? 412 : 0) || statuses.includes(412), statuses.join());
  assert.equal(found.sha256, first.sha256);
  return { works: true, note: `fails with \`${end.error.code}\`${open.length > 0 ? "; its parts stay at S3 until a lifecycle rule (`AbortIncompleteMultipartUpload`) removes them" : ""}` };
}
