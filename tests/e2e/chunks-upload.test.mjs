// `integrity: "chunks"`: the uploader hashes chunks, the endpoint signs them, S3 verifies them as they come; and what
// becomes of it where somebody does not know how.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, throttleUpload } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { Folder, KIB, MIB } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";
import { Visit } from "./harness/visit.mjs";

const CHUNK = 896 * KIB;
/** What Chromium says on the console about answers that a test asked for. */
const FAILED_LOADS = /Failed to load resource/;

let app, server, browser, folder, bucket, visit;
before(async () => {
  app = await serveFixtures();
  app.pages["/files.html"] = `<!doctype html><title>Files</title><link rel="icon" href="data:,"><input type="file" multiple>`;
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] }, rules: { part_size: 5 * MIB } }), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop(), app?.stop()]);
  folder?.remove();
});
test.beforeEach(async () => {
  await server.clearFaults();
  await server.clearRequests();
});
test.afterEach(() => visit?.close());

async function open(at = server) {
  const page = await openPage(browser);
  await page.goto(`${app.url}/files.html`);
  visit = new Visit(page, at.s3Url);
  visit.bodies = [];
  page.on("request", (request) => {
    if (request.method() === "PUT") visit.bodies.push(request.headers()["x-amz-content-sha256"]);
  });
  return { endpoint: `${at.url}/sealift`, guard: false, integrity: "chunks" };
}

function assertQuiet(expected = /^$/) {
  assert.deepEqual(visit.page.complaints.filter((text) => !expected.test(text)), []);
}

async function assertArrived(end, file, where = bucket) {
  assert.ok(end.object, `${end.error?.code}: ${end.error?.message}`);
  const read = await where.read(end.object.key);
  assert.deepEqual([read.size, read.sha256], [file.size, file.sha256]);
  assert.equal(read.headers.get("content-encoding"), null);
  assert.deepEqual(await where.uploads(), []);
}

const CHUNKED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const isChunked = (body) => body === CHUNKED;

for (const size of [0, 1, CHUNK, CHUNK + 1, 14 * MIB + 5]) {
  test(`${size} bytes by one PUT`, async () => {
    const file = folder.file(`put-${size}.bin`, size);
    const options = await open();
    const [end] = await visit.upload([file], { ...options, transport: "put" });
    await assertArrived(end, file);
    assert.deepEqual(visit.bodies, [CHUNKED]);
    assert.deepEqual(await visit.lacks(), []);
    assertQuiet();
  });
}

test("40 MiB in parts: the bytes are equal, few calls sign them, progress is counted in bytes of the file", async () => {
  const file = folder.file("parts.bin", 40 * MIB + 3);
  const options = await open();
  const calls = [];
  visit.page.on("request", (request) => request.url().startsWith(options.endpoint) && calls.push(new URL(request.url()).pathname.replace("/sealift/", "")));
  await visit.add([file], { ...options, transport: "multipart" });
  const most = await visit.page.evaluate(async () => {
    const [upload] = globalThis.uploads;
    let most = 0;
    let fell = 0;
    upload.addEventListener("progress", () => {
      const { loaded } = upload.progress;
      if (loaded < most) fell += 1;
      most = Math.max(most, loaded);
    });
    await upload.result;
    return { most, fell, loaded: upload.progress.loaded };
  });
  assert.deepEqual([most.most <= file.size, most.fell, most.loaded], [true, 0, file.size]);
  const [end] = await visit.ends();
  await assertArrived(end, file);
  assert.deepEqual(visit.bodies, Array(9).fill(CHUNKED));
  assert.ok(calls.filter((call) => call === "sign").length <= 5, calls.join(", "));
  assertQuiet();
});

test("300 MiB in parts", async () => {
  const file = await folder.sparse("300 MiB.bin", 300 * MIB);
  const options = await open();
  const [end] = await visit.upload([file], { ...options, transport: "multipart", resume: false });
  await assertArrived(end, file);
  assert.deepEqual(visit.bodies, Array(60).fill(CHUNKED));
  assert.deepEqual(await visit.lacks(), []);
  assertQuiet();
});

for (const transport of ["put", "multipart"]) {
  test(`a bucket whose CORS does not allow content-encoding is sent the SHA-256 instead: noticed once (${transport})`, async () => {
    const other = await startServer({ server: { origins: [app.url] }, rules: { part_size: 5 * MIB } });
    try {
      const where = new Bucket(other);
      const headers = ["authorization", "content-type", "content-disposition", "if-none-match", "x-amz-*"];
      await where.allow({ AllowedOrigins: [app.url], AllowedMethods: ["PUT", "POST", "GET"], AllowedHeaders: headers, ExposeHeaders: ["ETag", "x-amz-checksum-sha256"] });
      const files = [folder.file(`kept-out-${transport}.bin`, 12 * MIB), folder.file(`kept-out-too-${transport}.bin`, 11 * MIB)];
      const options = await open(other);
      const ends = await visit.upload(files, { ...options, transport });
      for (const [index, end] of ends.entries()) await assertArrived(end, files[index], where);
      assert.deepEqual(await visit.lacks(), ["chunk-signatures"]);
      visit.bodies.length = 0;
      const state = await visit.page.evaluate(async () => {
        const upload = globalThis.uploader.add(new File([new Uint8Array(3_000_000)], "later.bin"));
        await upload.result;
        return upload.state;
      });
      assert.deepEqual([state, visit.bodies.some(isChunked), visit.bodies.length > 0], ["done", false, true]);
    } finally {
      await other.stop();
    }
  });
}

test("small files go as forms, with the SHA-256 of all", async () => {
  const files = [folder.file("small-1.txt", 1000), folder.file("small-2.txt", 0)];
  const options = await open();
  const ends = await visit.upload(files, options);
  for (const [index, end] of ends.entries()) await assertArrived(end, files[index]);
  assert.equal(ends[0].object.sha256, files[0].sha256);
  assert.deepEqual(visit.bodies, []);
});

test("reloaded in the middle: the file is compared with what S3 has, and only the rest is sent", async () => {
  const file = folder.file("reloaded.bin", 40 * MIB);
  const options = { ...(await open()), transport: "multipart" };
  await throttleUpload(visit.page, 6 * MIB);
  await visit.add([file], options);
  await visit.confirmed(10 * MIB);
  await visit.page.waitForTimeout(500);
  const stored = visit.requests.filter(({ part, status }) => part > 0 && status === 200).map(({ part }) => part);
  assert.ok(stored.length >= 2 && stored.length < 8, `${stored}`);
  await visit.page.reload();
  await throttleUpload(visit.page, 0);
  visit.requests.length = 0;
  const [end] = await visit.upload([file], options);
  await assertArrived(end, file);
  assert.equal(end.resumed, true);
  const sent = visit.requests.map(({ part }) => part).filter((part) => part > 0);
  assert.deepEqual(sent.filter((part) => stored.includes(part)), [], `sent again: ${sent} after ${stored}`);
  assert.equal(sent.length, 8 - stored.length);
  assert.ok(visit.bodies.every(isChunked));
});

test("an S3 that knows no signed chunks is sent the SHA-256 instead: noticed once", async () => {
  await server.inject({ operation: "UploadPart", times: 100, kind: "status", status: 501, code: "NotImplemented" });
  const file = folder.file("unknown.bin", 12 * MIB);
  const options = { ...(await open()), transport: "multipart" };
  let told = 0;
  await visit.page.exposeFunction("lacksToldOf", () => (told += 1));
  await visit.add([file], options);
  await visit.page.evaluate(() => globalThis.uploader.addEventListener("lacks", () => globalThis.lacksToldOf()));
  await visit.page.waitForFunction(() => globalThis.uploader.lacks.length > 0);
  await server.clearFaults();
  const [end] = await visit.ends();
  await assertArrived(end, file);
  assert.deepEqual([await visit.lacks(), told], [["chunk-signatures"], 1]);
  assert.ok(isChunked(visit.bodies[0]) && !isChunked(visit.bodies.at(-1)));
  assertQuiet(FAILED_LOADS);
  // Later files are not tried that way again.
  visit.bodies.length = 0;
  const later = await visit.page.evaluate(async () => {
    const upload = globalThis.uploader.add(new File([new Uint8Array(3_000_000)], "later.bin"));
    await upload.result;
    return upload.state;
  });
  assert.deepEqual([later, visit.bodies.some(isChunked)], ["done", false]);
});

test("an endpoint whose S3 knows none says so when it is asked", async () => {
  const other = await startServer({ server: { origins: [app.url] }, rules: { chunk_signatures: false } });
  try {
    const files = [folder.file("refused-1.bin", 3 * MIB), folder.file("refused-2.bin", 20 * MIB)];
    const options = await open(other);
    const ends = await visit.upload(files, options);
    const where = new Bucket(other);
    for (const [index, end] of ends.entries()) await assertArrived(end, files[index], where);
    assert.deepEqual([await visit.lacks(), visit.bodies.some(isChunked)], [["chunk-signatures"], false]);
    assertQuiet();
  } finally {
    await other.stop();
  }
});

test("a file that changes between reading and sending is refused by S3, and told as what it is", async () => {
  const options = { ...(await open()), transport: "put", resume: false };
  // The first shows that signed chunks are known here.
  const outcome = await visit.page.evaluate(async (given) => {
    const { createUploader } = await import("/js/index.js");
    const uploader = createUploader(given);
    await uploader.add(new File([new Uint8Array(2_000_000)], "good.bin")).result;
    const open = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (body) {
      // A byte of the second chunk, by whatever stands between the page and S3.
      const at = 1_000_000;
      return open.call(this, body instanceof Blob && body.size > at ? new Blob([body.slice(0, at), new Uint8Array([1]), body.slice(at + 1)]) : body);
    };
    const upload = uploader.add(new File([new Uint8Array(2_000_000)], "changed.bin"));
    const refused = await upload.result.catch(({ code, status }) => ({ code, status, state: upload.state }));
    XMLHttpRequest.prototype.send = open;
    upload.retry();
    const { size } = await upload.result;
    return { refused, size };
  }, options);
  assert.deepEqual(outcome, { refused: { code: "integrity_mismatch", status: 403, state: "failed" }, size: 2_000_000 });
  assertQuiet(FAILED_LOADS);
});
