// Uploads that end in mid-way: carried on after a reload, or gone without a trace.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { throttleUpload } from "../../e2e/harness/browser.mjs";
import { MIB } from "../../e2e/harness/files.mjs";

const SIZE = 42 * MIB + 5;
const SLOW = 6 * MIB;

export const resume = [
  ...["sha256", "crc64nvme", "none"].map((integrity) => ({ id: `resume-${integrity}`, title: `after a reload, \`"${integrity}"\`: stored parts are not sent again`, run: (world) => reload(world, integrity) })),
  { id: "abort", title: "abort leaves nothing", run: abort },
  { id: "abort-after-crash", title: "giving up after a crash leaves nothing", run: discard },
];

/** A tab with an upload under way, two parts of it stored. */
async function underWay(world, name, integrity) {
  const file = world.files.file(name, SIZE);
  const endpoint = await world.endpoint();
  const visit = await world.visit();
  await throttleUpload(visit.page, SLOW);
  const options = { endpoint: endpoint.url, transport: "multipart", integrity, guard: false };
  await visit.add([file], options);
  await visit.confirmed(11 * MIB);
  return { file, visit, options, key: visit.keys[0] };
}

async function reload(world, integrity) {
  const { file, visit, options, key } = await underWay(world, `resumed ${integrity}.bin`, integrity);
  // What the page has heard of by now, it has had the time to write down when it goes.
  const heard = visit.requests.filter(({ part, status }) => part > 0 && status === 200).map(({ part }) => part);
  await sleep(500);
  await visit.page.reload();
  const [open] = await world.s3.uploads(key);
  const listed = (await world.s3.parts(key, open.uploadId)).map(({ number }) => number);
  assert.ok(heard.length >= 2, `parts ${heard} are stored`);
  assert.deepEqual(heard.filter((number) => !listed.includes(number)), []);
  await throttleUpload(visit.page, 0);
  visit.requests.length = 0;
  const [end] = await visit.upload([file], options);
  if (end.error?.code === "integrity_mismatch" && integrity === "crc64nvme" && !world.has("part-crc64nvme-kept")) {
    await visit.close();
    return { works: false, note: `fails with \`integrity_mismatch\` in the end: ${world.lacks.get("part-crc64nvme-kept")}` };
  }
  assert.ok(end.object, `${end.error?.code}: ${end.error?.message}`);
  assert.equal(end.resumed, true);
  assert.equal(end.object.key, key);
  assert.deepEqual(await world.s3.digest(key), { status: 200, size: file.size, sha256: file.sha256 });
  const sent = visit.partsSent();
  await visit.close();
  assert.deepEqual(await world.s3.uploads(key), []);
  assert.ok(sent.size > 0, "nothing was left to send");
  assert.deepEqual(heard.filter((number) => sent.has(number)), [], "sent again");
  return { works: true };
}

async function abort(world) {
  const { visit, key } = await underWay(world, "aborted.bin", "sha256");
  await visit.page.evaluate(() => globalThis.uploads[0].abort());
  const [end] = await visit.ends();
  assert.deepEqual([end.state, end.error.name], ["aborted", "AbortError"]);
  return nothingLeft(world, visit, key);
}

async function discard(world) {
  const { visit, key, options } = await underWay(world, "crashed.bin", "sha256");
  await visit.page.goto("about:blank");
  await visit.page.goto(`${world.app.url}/files.html`);
  assert.equal((await world.s3.uploads(key)).length, 1);
  const count = await visit.page.evaluate(async (given) => {
    const { createUploader } = await import("/js/index.js");
    const saved = await createUploader(given).saved();
    await Promise.all(saved.map((upload) => upload.discard()));
    return saved.length;
  }, options);
  assert.equal(count, 1);
  return nothingLeft(world, visit, key);
}

async function nothingLeft(world, visit, key) {
  await visit.close();
  assert.deepEqual(await world.s3.uploads(key), []);
  assert.deepEqual(await world.s3.list(key), []);
  return { works: true };
}
