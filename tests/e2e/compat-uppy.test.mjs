// Uppy 6 and 5 in Chromium against the server: docs/compat.md.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, throttleUpload } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { openClient, startWithClient } from "./harness/clients.mjs";
import { happens } from "./harness/events.mjs";
import { Folder, MIB } from "./harness/files.mjs";

const UPPY = { "compat.uppy": { prefix: "/uppy" }, rules: { max_size: 20 * MIB } };

let browser, folder;
before(async () => {
  browser = await launch();
  folder = new Folder();
});
after(async () => {
  await browser?.close();
  folder?.remove();
});

for (const [version, packages] of [[6, "clients"], [5, "clients/uppy5"]]) {
  describe(`@uppy/aws-s3 ${version}`, () => {
    let server, bucket;
    before(async () => {
      server = await startWithClient("uppy.mjs", { docs: `uppy-${version}`, packages, config: UPPY });
      bucket = new Bucket(server);
    });
    after(() => server?.stop());

    async function open(files, options) {
      const page = await openClient(browser, server, files);
      await page.evaluate((given) => globalThis.start(given), options);
      return page;
    }

    async function upload(page) {
      await page.evaluate(() => void globalThis.uppy.upload());
      return (await happens(page, server, "success")).body;
    }

    const close = (page) => page.context().close();

    for (const multipart of [false, true]) {
      test(multipart ? "in parts: the bytes arrive" : "by a form: the bytes arrive, with a receipt", async () => {
        const file = folder.file(`ünder & über ${version} ${multipart}.txt`, multipart ? 12 * MIB : 70_000);
        const page = await open([file], { shouldUseMultipart: multipart });
        const { key, location } = await upload(page);
        const stored = key ?? decodeURIComponent(new URL(location).pathname).split("/").slice(2).join("/");
        assert.equal((await bucket.read(stored)).sha256, file.sha256);
        const answer = await fetch(`${server.url}/uppy/success`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ key: stored, name: file.name }),
        });
        const { receipt, size } = await answer.json();
        assert.equal(size, file.size);
        assert.ok(receipt);
        await close(page);
      });
    }

    test("cancel gives the parts up", async () => {
      const file = folder.file(`cancelled-${version}.bin`, 16 * MIB);
      const page = await open([file], { shouldUseMultipart: true });
      await throttleUpload(page, 2 * MIB);
      await page.evaluate(() => void globalThis.uppy.upload());
      await happens(page, server, "progress", 2);
      await page.evaluate(() => globalThis.uppy.cancelAll());
      const given = Date.now() + 20_000;
      while ((await bucket.uploads()).length > 0 && Date.now() < given) await new Promise((resolve) => setTimeout(resolve, 200));
      assert.deepEqual(await bucket.uploads(), []);
      await close(page);
    });

    test("an upload that failed is retried", async () => {
      const file = folder.file(`again-${version}.bin`, 6 * MIB);
      await server.inject({ operation: "UploadPart", kind: "status", status: 403, code: "AccessDenied" });
      const page = await open([file], { shouldUseMultipart: true, retryDelays: [] });
      await page.evaluate(() => void globalThis.uppy.upload());
      await happens(page, server, "error");
      await server.clearFaults();
      await page.evaluate(() => void globalThis.uppy.retryAll());
      await happens(page, server, "success");
      await close(page);
    });

    for (const multipart of [false, true]) {
      test(`too large, ${multipart ? "in parts" : "by a form"}: refused, and nothing stays`, async () => {
        const file = folder.file(`large-${version}-${multipart}.bin`, 21 * MIB);
        const before = await bucket.list();
        const page = await open([file], { shouldUseMultipart: multipart, retryDelays: [] });
        await page.evaluate(() => void globalThis.uppy.upload());
        await happens(page, server, "error");
        assert.deepEqual(await bucket.list(), before);
        assert.deepEqual(await bucket.uploads(), []);
        await close(page);
      });
    }

    test("a batch of parts is signed", async () => {
      const created = await (await fetch(`${server.url}/uppy/s3/multipart`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ filename: "batch.bin", type: "application/octet-stream", metadata: { relativePath: null } }),
      })).json();
      const address = `${server.url}/uppy/s3/multipart/${encodeURIComponent(created.uploadId)}`;
      const query = `key=${encodeURIComponent(created.key)}`;
      const { presignedUrls } = await (await fetch(`${address}/batch?${query}&partNumbers=1,2,3`)).json();
      assert.deepEqual(Object.keys(presignedUrls), ["1", "2", "3"]);
      assert.equal((await fetch(presignedUrls[2], { method: "PUT", body: "part" })).status, 200);
      const parts = await (await fetch(`${address}?${query}`)).json();
      assert.deepEqual(parts.map(({ PartNumber, Size }) => [PartNumber, Size]), [[2, 4]]);
      assert.equal((await fetch(`${address}?${query}`, { method: "DELETE" })).status, 200);
      assert.deepEqual(await bucket.uploads(), []);
    });
  });
}
