// Fine Uploader and EvaporateJS before MinIO, which still takes signature version 2 (dev-s3 does not), path-style and with
// the bucket's own host.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { MINIO } from "../../scripts/lib/minio.mjs";
import { S3Client } from "../s3-servers/client.mjs";
import { minio } from "../s3-servers/servers/minio.mjs";
import { launch } from "./harness/browser.mjs";
import { openClient, startWithClient } from "./harness/clients.mjs";
import { happens } from "./harness/events.mjs";
import { Folder, MIB } from "./harness/files.mjs";

const BUCKET = "sealift-clients";
const CONFIG = { "compat.fine_uploader": { prefix: "/fine" }, "compat.evaporate": { prefix: "/evaporate" }, rules: { max_size: 20 * MIB } };
const IN_PARTS = { chunking: { enabled: true, mandatory: true, partSize: 5 * MIB } };
const skip = MINIO.missing() ?? (existsSync(MINIO.program) ? false : "MinIO is not built yet: npm run test:s3 -- minio builds it");

describe("before MinIO", { skip }, () => {
  const keys = { accessKeyId: "sealift-clients", secretAccessKey: randomBytes(20).toString("hex") };
  let data, running, s3, browser, folder;
  before(async () => {
    data = mkdtempSync(path.join(tmpdir(), "sealift-minio-"));
    process.env.MINIO_DOMAIN = "localhost";
    running = await minio.start({ folder: data, origin: "*", keys });
    s3 = new S3Client(running, BUCKET);
    assert.ok((await s3.send("PUT")).ok);
    browser = await launch();
    folder = new Folder();
  });
  after(async () => {
    delete process.env.MINIO_DOMAIN;
    await browser?.close();
    await running?.stop();
    folder?.remove();
    if (data) rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A server before MinIO with a client's page, and what the page must know. */
  async function start(script, docs, addressing) {
    const endpoint = addressing === "path" ? running.endpoint : running.endpoint.replace("127.0.0.1", "localhost");
    process.env.SEALIFT__S3__SECRET_ACCESS_KEY = keys.secretAccessKey;
    const server = await startWithClient(script, {
      docs,
      config: { ...CONFIG, s3: { endpoint, region: running.region, addressing, bucket: BUCKET, access_key_id: keys.accessKeyId } },
    });
    delete process.env.SEALIFT__S3__SECRET_ACCESS_KEY;
    const place = { s3Url: endpoint, bucket: BUCKET, region: running.region, accessKeyId: keys.accessKeyId };
    return { server, place };
  }

  async function assertStored(key, file) {
    const { status, sha256 } = await s3.digest(key);
    assert.equal(status, 200);
    assert.equal(sha256, file.sha256);
  }

  /** Opens Fine Uploader and hands it a file. */
  async function fine(addressing, version, file, more) {
    const { server, place } = await start("fine.mjs", "fine-uploader", addressing);
    const page = await openClient(browser, server, [file], place);
    const host = place.s3Url.replace("://", `://${BUCKET}.`);
    const endpoint = addressing === "path" ? `${place.s3Url}/${BUCKET}` : host;
    await page.evaluate(([given, options]) => globalThis.start(given, options), [
      page.place,
      { signature: { endpoint: "/fine/signature", version }, request: { endpoint, accessKey: place.accessKeyId }, ...more },
    ]);
    await page.evaluate(() => globalThis.uploader.addFiles(document.querySelector("input").files));
    return { server, page };
  }

  async function close({ server, page }) {
    await page.context().close();
    await server.stop();
  }

  for (const version of [2, 4]) {
    for (const [way, more] of [["one request", {}], ["parts", IN_PARTS]]) {
      test(`Fine Uploader, path-style, signature version ${version}, ${way}`, async () => {
        const file = folder.file(`ünder (über) ${version} ${way}.txt`, way === "parts" ? 6 * MIB : 70_000);
        const opened = await fine("path", version, file, more);
        const { result } = await happens(opened.page, opened.server, "complete");
        assert.equal(result.success, true, `${JSON.stringify(result)}\n${opened.server.log.slice(-1500)}`);
        await assertStored(result.key, file);
        await close(opened);
      });
    }

    // Browsers know all names below localhost, and few systems do: here the server itself need not reach S3.
    test(`Fine Uploader, the bucket's own host, signature version ${version}, one request`, async () => {
      const file = folder.file(`own host (ü) ${version}.txt`, 70_000);
      const opened = await fine("virtual-hosted", version, file, { uploadSuccess: { endpoint: null } });
      const { result } = await happens(opened.page, opened.server, "complete");
      assert.equal(result.success, true, JSON.stringify(result));
      await assertStored(await opened.page.evaluate(() => globalThis.uploader.getKey(0)), file);
      await close(opened);
    });

    test(`Fine Uploader, the bucket's own host, signature version ${version}, parts as far as their Complete`, async () => {
      const file = folder.file(`own host (ü) parts ${version}.bin`, 11 * MIB);
      const opened = await fine("virtual-hosted", version, file, { ...IN_PARTS, retry: { enableAuto: false } });
      await happens(opened.page, opened.server, "chunk", 3);
      await close(opened);
    });
  }

  test("EvaporateJS, on a port that is not the scheme's own", async () => {
    const { server, place } = await start("evaporate.mjs", "evaporate", "path");
    const file = folder.file("evaporated (ü).bin", 12 * MIB);
    const page = await openClient(browser, server, [file], place);
    await page.evaluate(([given]) => globalThis.start(given), [page.place]);
    const { key } = await happens(page, server, "complete");
    await assertStored(key, file);
    await page.context().close();
    await server.stop();
  });
});
