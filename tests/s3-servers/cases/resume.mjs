// Uploads that end in mid-way: carried on after a reload, or gone without a trace.
import assert from "node:assert/strict";
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
  const endpoint = await world.endpoint({ key: `${name.replaceAll(/\W/g, "-")}/{uuid}` });
  const visit = await world.visit();
  await throttleUpload(visit.page, SLOW);
  const options = { endpoint: endpoint.url, transport: "multipart", integrity, guard: false };
  await visit.add([file], options);
  await visit.confirmed(11 * MIB);
  return { file, visit, options, ...endpoint };
}

async function reload(world, integrity) {
  const { file, visit, options, prefix } = await underWay(world, `resumed ${integrity}.bin`, integrity);
  await visit.page.reload();
  const [open] = await world.s3.uploads(prefix);
  const whole = (await world.s3.parts(open.key, open.uploadId)).filter(({ size }) => size >= 5 * MIB).map(({ number }) => number);
  assert.ok(whole.length >= 2, `parts ${whole} are stored`);
  await throttleUpload(visit.page, 0);
  visit.requests.length = 0;
  const [end] = await visit.upload([file], options);
  assert.ok(end.object, `${end.error?.code}: ${end.error?.message}`);
  assert.equal(end.resumed, true);
  assert.equal(end.object.key, open.key);
  assert.deepEqual(await world.s3.digest(open.key), { status: 200, size: file.size, sha256: file.sha256 });
  const sent = visit.partsSent();
  await visit.close();
  assert.deepEqual(await world.s3.uploads(prefix), []);
  const again = whole.filter((number) => sent.has(number));
  // The page knows a part once S3's answer is there; one that was stored as it went may be sent again where nothing
  // can be compared.
  assert.ok(again.length <= (integrity === "none" ? 0 : 1), `sent again: ${again}`);
  return again.length === 0 ? { works: true } : { works: true, note: "a part whose answer the page had not read is sent again" };
}

async function abort(world) {
  const { visit, prefix } = await underWay(world, "aborted.bin", "sha256");
  await visit.page.evaluate(() => globalThis.uploads[0].abort());
  const [end] = await visit.ends();
  assert.deepEqual([end.state, end.error.name], ["aborted", "AbortError"]);
  return nothingLeft(world, visit, prefix);
}

async function discard(world) {
  const { visit, prefix, options } = await underWay(world, "crashed.bin", "sha256");
  await visit.page.goto("about:blank");
  await visit.page.goto(`${world.app.url}/files.html`);
  assert.equal((await world.s3.uploads(prefix)).length, 1);
  const count = await visit.page.evaluate(async (given) => {
    const { createUploader } = await import("/js/index.js");
    const saved = await createUploader(given).saved();
    await Promise.all(saved.map((upload) => upload.discard()));
    return saved.length;
  }, options);
  assert.equal(count, 1);
  return nothingLeft(world, visit, prefix);
}

async function nothingLeft(world, visit, prefix) {
  await visit.close();
  assert.deepEqual(await world.s3.uploads(prefix), []);
  assert.deepEqual(await world.s3.list(prefix), []);
  return { works: true };
}
