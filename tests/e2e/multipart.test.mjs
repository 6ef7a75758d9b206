// Files in parts: from the page, through the endpoint's signatures, into the bucket.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { Folder, MIB } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";
import { Visit } from "./harness/visit.mjs";

let app, server, browser, folder, bucket, visit, calls;
before(async () => {
  app = await serveFixtures();
  app.pages["/files.html"] = `<!doctype html><title>Files</title><link rel="icon" href="data:,"><input type="file" multiple>`;
  const rules = { integrity: "optional", part_size: 5 * MIB };
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] }, rules }), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop(), app?.stop()]);
  folder?.remove();
});

/** Uploads one file; tells its end, and leaves the requests in `visit.requests` and the endpoint's calls in `calls`. */
async function upload(file, options, add) {
  const page = await openPage(browser);
  calls = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().startsWith(server.url)) calls.push(new URL(request.url()).pathname.replace("/sealift/", ""));
  });
  await page.goto(`${app.url}/files.html`);
  visit = new Visit(page, server.s3Url);
  const [end] = await visit.upload([file], { endpoint: `${server.url}/sealift`, guard: false, resume: false, ...options }, add);
  assert.equal(end.state, "done", `${end.error?.code}: ${end.error?.message}`);
  assert.deepEqual(page.complaints, []);
  return end.object;
}

for (const integrity of ["sha256", "crc64nvme", "both", "none"]) {
  test(`40 MiB in parts, integrity ${integrity}: the bytes are equal, parts go side by side, few calls sign them`, async () => {
    const file = folder.file(`${integrity}.bin`, 40 * MIB);
    await server.clearRequests();
    const object = await upload(file, { integrity, transport: "multipart" });

    const read = await bucket.read(object.key);
    assert.deepEqual([read.size, read.sha256], [file.size, file.sha256]);
    assert.deepEqual(await bucket.uploads(), []);

    const parts = visit.requests.filter(({ part }) => part > 0);
    assert.deepEqual(parts.map(({ part }) => part).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    const stored = (await server.requests()).filter(({ operation }) => operation === "UploadPart");
    assert.deepEqual(stored.map(({ received, status }) => [received, status]), Array(8).fill([5 * MIB, 200]));
    assert.ok(mostAtOnce(parts) > 1, `${mostAtOnce(parts)} at once`);

    // The first call brings the creation along; the last signs the completion.
    assert.equal(calls.filter((call) => call === "uploads").length, 1);
    assert.ok(calls.filter((call) => call === "sign").length <= 4, calls.join(", "));
    assert.equal(calls.at(-1), "uploads/finish");

    // Where nobody says which, S3 computes a CRC64NVME itself.
    assert.equal(Boolean(object.crc64nvme), integrity !== "sha256");
    assert.match(object.compositeSha256 ?? "", integrity === "sha256" ? /^[\w+/]{43}=-8$/ : /^$/);
    await visit.close();
  });
}

test("one part is enough for a small file that is to go in parts", async () => {
  const file = folder.file("small.png", 100);
  const object = await upload(file, { transport: "multipart" });
  assert.equal((await bucket.read(object.key)).sha256, file.sha256);
  assert.deepEqual(visit.requests.map(({ method, part }) => [method, part]), [["POST", 0], ["PUT", 1], ["POST", 0]]);
  await visit.close();
});

test("what is aborted in mid-way leaves nothing", async () => {
  const file = folder.file("aborted.bin", 40 * MIB);
  const before = await bucket.list();
  const page = await openPage(browser);
  await page.goto(`${app.url}/files.html`);
  visit = new Visit(page, server.s3Url);
  await visit.add([file], { endpoint: `${server.url}/sealift`, guard: false, resume: false, transport: "multipart", concurrency: 1 });
  await visit.confirmed(5 * MIB);
  await page.evaluate(() => globalThis.uploads[0].delete());
  assert.deepEqual([await bucket.uploads(), await bucket.list()], [[], before]);
  await visit.close();
});

/** How many were under way together. */
function mostAtOnce(requests) {
  const moments = requests.flatMap(({ began, ended }) => [[began, 1], [ended, -1]]).sort(([a, x], [b, y]) => a - b || x - y);
  let [now, most] = [0, 0];
  for (const [, change] of moments) most = Math.max(most, (now += change));
  return most;
}
