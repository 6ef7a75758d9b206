// Uploads that end in mid-way: carried on after a reload, or gone without a trace.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { throttleUpload } from "../../e2e/harness/browser.mjs";
import { MIB } from "../../e2e/harness/files.mjs";
import { tag, tags } from "../client.mjs";

const SIZE = 42 * MIB + 5;
const SLOW = 6 * MIB;

export const resume = [
  ...["sha256", "crc64nvme", "chunks", "none"].map((integrity) => ({ id: `resume-${integrity}`, title: `after a reload, \`"${integrity}"\`: stored parts are not sent again`, run: (world) => reload(world, integrity) })),
  { id: "list-pages", title: "a list of 1,100 parts is read to its end", run: pages },
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
  // Its first part ends it.
  if (integrity === "crc64nvme" && !world.has("part-crc64nvme-kept")) {
    return { works: false, tried: false, note: world.lacks.get("part-crc64nvme-kept") };
  }
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

/**
 * More parts than S3 lists at once. They are small, and the page's network makes them look as large as they should be;
 * Complete, which is where servers mind, does not come through.
 */
async function pages(world) {
  const [count, partSize, small] = [1_100, 5 * MIB, 1_000];
  const file = world.files.hole("many parts.bin", count * partSize);
  const { url } = await world.endpoint({ part_size: partSize, max_size: file.size });
  const visit = await world.visit();
  const options = { endpoint: url, transport: "multipart", integrity: "none", guard: false };
  const toS3 = (address) => address.href.startsWith(world.s3.url);
  await visit.page.route((address) => toS3(address) && address.searchParams.has("partNumber"), () => {});
  await visit.add([file], options);
  await visit.page.waitForFunction(() => globalThis.uploads[0].state === "uploading");
  const [key] = visit.keys;
  const [{ uploadId }] = await world.s3.uploads(key);
  await sleep(500);
  await visit.page.goto("about:blank");

  const etags = await inLanes(8, count, async (number) => {
    const answer = await world.s3.part(key, uploadId, number, Buffer.alloc(small, number));
    assert.ok(answer.ok, answer.short);
    return answer.headers.get("etag");
  });
  await visit.page.goto(`${world.app.url}/files.html`);
  await visit.page.evaluate(remember, etags);
  await visit.page.route((address) => toS3(address) && address.searchParams.has("uploadId"), async (route) => {
    if (route.request().method() === "POST") return route.fulfill({ status: 400, headers: { "access-control-allow-origin": world.app.url }, body: TOO_SMALL });
    if (route.request().method() !== "GET") return route.fallback();
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(`<Size>${small}</Size>`, `<Size>${partSize}</Size>`);
    return route.fulfill({ response, body });
  });
  visit.requests.length = 0;
  const asked = [];
  visit.page.on("request", (request) => asked.push(request));
  const [end] = await visit.upload([file], options);
  const mine = asked.filter((request) => request.method() !== "OPTIONS" && toS3(new URL(request.url())));
  const markers = mine.filter((request) => request.method() === "GET").map((request) => Number(new URL(request.url()).searchParams.get("part-number-marker")));
  const completed = mine.find((request) => request.method() === "POST");
  assert.ok(completed && end.error?.code === "EntityTooSmall", `${end.error?.code}: ${end.error?.message}`);
  const parts = tags(completed.postData(), "Part").map((part) => [Number(tag(part, "PartNumber")), unquoted(tag(part, "ETag"))]);
  assert.deepEqual(parts, etags.map((etag, index) => [index + 1, unquoted(etag)]));
  assert.ok(markers.length > 1 && markers[0] === 0 && markers.every((after, index) => index === 0 || after > markers[index - 1]), markers.join());
  assert.deepEqual([...visit.partsSent()], []);
  await visit.page.evaluate(() => globalThis.uploads[0].abort());
  await world.s3.abort(key, uploadId);
  return nothingLeft(world, visit, key);
}

const TOO_SMALL = "<Error><Code>EntityTooSmall</Code><Message>Some parts are too small.</Message></Error>";

/** Writes down, in the page, that these are the parts of the upload that it remembers. */
async function remember(etags) {
  const request = indexedDB.open("sealift");
  const database = await new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
  const transaction = database.transaction(["uploads", "parts"], "readwrite");
  const keys = transaction.objectStore("uploads").getAllKeys();
  keys.onsuccess = () => {
    const [id] = keys.result;
    etags.forEach((etag, index) => transaction.objectStore("parts").put({ number: index + 1, etag }, [id, index + 1]));
  };
  await new Promise((resolve, reject) => Object.assign(transaction, { oncomplete: resolve, onerror: reject, onabort: reject }));
  database.close();
}

/** What `work` makes of 1 to `count`, so many at a time. */
async function inLanes(lanes, count, work) {
  const made = [];
  let next = 1;
  const lane = async () => {
    for (let number = next++; number <= count; number = next++) made[number - 1] = await work(number);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return made;
}

const unquoted = (etag) => etag.replaceAll('"', "");

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
