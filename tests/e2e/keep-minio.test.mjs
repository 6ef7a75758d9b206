// Keeping before MinIO, in a bucket with versions: what is copied in parts is whole, and is copied once.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { launch } from "./harness/browser.mjs";
import { openDemo } from "./harness/demo.mjs";
import { Folder, MIB } from "./harness/files.mjs";
import { MinioBucket, WITHOUT_MINIO } from "./harness/minio.mjs";

const VERSIONED = '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';

describe("keeping, before MinIO", { skip: WITHOUT_MINIO }, () => {
  const appKey = randomBytes(24).toString("hex");
  let bucket, server, browser, folder;
  before(async () => {
    bucket = await MinioBucket.start("sealift-keep");
    assert.ok((await bucket.s3.send("PUT", undefined, { query: "versioning", body: VERSIONED })).ok);
    process.env.SEALIFT__SERVER__APP_KEY = appKey;
    [server, browser] = await Promise.all([bucket.serve({ "rules.pending": { strategy: "copy", copy_size: 5 * MIB } }), launch()]);
    folder = new Folder();
  });
  after(async () => {
    delete process.env.SEALIFT__SERVER__APP_KEY;
    await Promise.all([browser?.close(), server?.stop()]);
    await bucket?.stop();
    folder?.remove();
  });

  /** Uploads a file from a page; the key that it is pending under. */
  async function upload(file) {
    const demo = await openDemo(browser, server);
    await demo.choose(file.path);
    const { key } = await demo.row(file.name).stored();
    return { demo, key };
  }

  const keep = async (...keys) => {
    const { status, body } = await server.call("attachments/keep", { attachments: keys.map((key) => ({ key })) }, { authorization: `Bearer ${appKey}` });
    assert.equal(status, 200, JSON.stringify(body));
    return body.results;
  };

  /** Versions and markers of a key. */
  const versions = async (key) => {
    const { text } = await bucket.s3.send("GET", undefined, { query: `versions&prefix=${encodeURIComponent(key)}` });
    return { objects: text.match(/<Version>/g)?.length ?? 0, markers: text.match(/<DeleteMarker>/g)?.length ?? 0 };
  };

  for (const [size, parts] of [[300_000, 0], [14 * MIB, 3]]) {
    test(`${size} bytes are kept, ${parts === 0 ? "by one copy" : `copied in ${parts} parts`}, however often`, async () => {
      const file = folder.file(`kept-${size}.bin`, size);
      const { demo, key } = await upload(file);
      assert.match(key, /^pending\//);
      const [kept] = await keep(key);
      assert.equal(kept.key, key.replace(/^pending\//, ""), JSON.stringify(kept));
      assert.ok(kept.versionId);
      assert.equal(Number(kept.etag.split("-")[1] ?? 0), parts);
      await bucket.assertStored(kept.key, file);
      // What is pending stays for the sweep or the lifecycle rule.
      assert.deepEqual(await versions(key), { objects: 1, markers: 0 });
      assert.deepEqual(await keep(key, kept.key), [kept, kept]);
      assert.deepEqual(await versions(kept.key), { objects: 1, markers: 0 });
      assert.doesNotMatch((await bucket.s3.send("GET", undefined, { query: "uploads" })).text, /<Upload>/);
      await demo.close();
    });
  }

  test("what its owner deleted is not kept, and a marker stands above it", async () => {
    const { demo, key } = await upload(folder.file("unwanted.bin", 50_000));
    const row = demo.row("unwanted.bin");
    await row.press("delete");
    await row.press("delete");
    await row.reaches("deleted");
    assert.deepEqual(await versions(key), { objects: 1, markers: 1 });
    const [{ error }] = await keep(key);
    assert.equal(error.code, "keep_expired");
    await demo.close();
  });
});
