// The JavaScript API on a blank page of an app, on an origin of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket, BUCKET, readLink } from "./harness/bucket.mjs";
import { sha256 } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";

let app, server, browser, bucket, page;
before(async () => {
  app = await serveFixtures();
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] } }), launch()]);
  bucket = new Bucket(server);
});
after(() => Promise.all([browser?.close(), server?.stop(), app?.stop()]));

test.beforeEach(async () => {
  page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
});
test.afterEach(async () => {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

/** Runs `work(sealift, argument)` in the page, `sealift` being the package. */
const inPage = (work, argument) =>
  page.evaluate(async ([source, value]) => (0, eval)(`(${source})`)(await import("/js/index.js"), value), [String(work), argument]);

test("ten lines upload a file with progress, and its receipt verifies", async () => {
  const text = "hello ".repeat(10_000);
  const found = await inPage(
    async ({ createUploader }, { endpoint, content }) => {
      const uploader = createUploader({ endpoint });
      const upload = uploader.add(new File([content], "a+b c/ü'%.txt", { type: "text/plain" }), { metadata: { ticket: "42" } });
      const states = [];
      const fractions = [];
      upload.addEventListener("statechange", () => states.push(upload.state));
      upload.addEventListener("progress", () => fractions.push(upload.progress.fraction));
      const object = await upload.result;
      return { object, states, fractions, same: upload.object === object };
    },
    { endpoint: `${server.url}/sealift`, content: text },
  );
  const { object, states, fractions } = found;
  assert.equal(object.bucket, BUCKET);
  assert.equal(object.size, text.length);
  assert.match(object.type, /^text\/plain/);
  assert.equal(object.sha256, sha256(text));
  assert.equal(states.at(-1), "done");
  assert.ok(states.includes("uploading"), states.join());
  assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
  assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1));
  const read = await bucket.read(object.key);
  assert.equal(read.sha256, sha256(text));
  assert.equal(read.headers.get("x-amz-meta-ticket"), "42");
  assert.equal((await readLink(object.url)).sha256, sha256(text));
});

test("abort rejects with an AbortError, by method and by signal", async () => {
  const names = await inPage(async ({ createUploader }, endpoint) => {
    const uploader = createUploader({ endpoint });
    const byMethod = uploader.add(new File(["x"], "x.txt"));
    byMethod.abort();
    const controller = new AbortController();
    const bySignal = uploader.add(new File(["y"], "y.txt"), { signal: controller.signal });
    controller.abort();
    const reason = (upload) => upload.result.then(() => "stored", (error) => `${error instanceof DOMException} ${error.name}`);
    return [await reason(byMethod), await reason(bySignal), byMethod.state, bySignal.state];
  }, `${server.url}/sealift`);
  assert.deepEqual(names, ["true AbortError", "true AbortError", "aborted", "aborted"]);
});

test("an upload can be deleted through its object, and is gone", async () => {
  const key = await inPage(async ({ createUploader }, endpoint) => {
    const upload = createUploader({ endpoint }).add(new File(["gone"], "gone.txt"));
    const { key: stored } = await upload.result;
    await upload.delete();
    return stored;
  }, `${server.url}/sealift`);
  assert.equal((await bucket.read(key)).status, 404);
});

test("several files: an array in, uploads out, in the same order", async () => {
  const found = await inPage(async ({ createUploader }, endpoint) => {
    const uploads = createUploader({ endpoint }).add(["a", "bb", "ccc"].map((text) => new File([text], `${text}.txt`)));
    const objects = await Promise.all(uploads.map((upload) => upload.result));
    return objects.map(({ size, key }) => [size, key.slice(key.lastIndexOf("/") + 1)]);
  }, `${server.url}/sealift`);
  assert.deepEqual(found, [[1, "a.txt"], [2, "bb.txt"], [3, "ccc.txt"]]);
});

test("hashFile agrees with Node's own SHA-256", async () => {
  const data = "abc".repeat(1_000_000);
  const digest = await inPage(async ({ hashFile }, text) => (await hashFile(new Blob([text]))).sha256, data);
  assert.equal(digest, sha256(data));
});

test("what the page signs, the bucket takes: PUT by header, GET by presigned URL, POST by policy", async () => {
  const found = await inPage(
    async ({ signRequest, presignUrl, signPostPolicy }, { url, keys, region }) => {
      const url1 = `${url}/signed%20by/the%20page%2B.txt`;
      const put = await signRequest({ method: "PUT", url: url1, headers: { "content-type": "text/plain" }, body: "signed" }, keys, { region });
      const putAnswer = await fetch(put.url, { method: "PUT", headers: put.headers, body: "signed" });
      const get = await presignUrl({ method: "GET", url: url1 }, keys, { region, expiresIn: 60 });
      const text = await (await fetch(get.url)).text();
      const { fields } = await signPostPolicy(
        {
          expiration: new Date(Date.now() + 60_000),
          conditions: [{ bucket: url.split("/").at(-1) }, { key: "posted.txt" }, ["content-length-range", 6, 6]],
        },
        keys,
        { region },
      );
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append("file", new Blob(["posted"]));
      const postAnswer = await fetch(url, { method: "POST", body: form });
      return { put: putAnswer.status, text, post: postAnswer.status, postText: await postAnswer.text() };
    },
    { url: bucket.url, keys: bucket.keys, region: "us-east-1" },
  );
  assert.equal(found.put, 200);
  assert.equal(found.text, "signed");
  assert.ok([200, 204].includes(found.post), `${found.post} ${found.postText}`);
  assert.equal((await bucket.read("posted.txt")).sha256, sha256("posted"));
  assert.equal((await bucket.read("signed by/the page+.txt")).sha256, sha256("signed"));
});

test("a receipt verifies at the server for its owner, and a changed one does not", async () => {
  const receipt = await inPage(async ({ createUploader }, endpoint) => (await createUploader({ endpoint }).add(new File(["r"], "r.txt")).result).receipt, `${server.url}/sealift`);
  const authorization = `Bearer ${server.appKey()}`;
  const changed = `${receipt.slice(0, -4)}${receipt.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
  const { status, body } = await server.call("receipts/verify", { receipts: [receipt, changed] }, { authorization });
  assert.equal(status, 200);
  assert.equal(body.results[0].size, 1);
  assert.equal(body.results[0].bucket, BUCKET);
  assert.equal(body.results[1].error.code, "receipt_invalid");
  const unknown = await server.call("receipts/verify", { receipts: [receipt] }, { authorization: "Bearer wrong" });
  assert.equal(unknown.status, 401);
});
