// Uppy 6 and 5 before MinIO: by Companion's calls, and by temporary credentials of MinIO's own STS.
import { AwsClient } from "aws4fetch";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launch } from "./harness/browser.mjs";
import { openClient } from "./harness/clients.mjs";
import { happens } from "./harness/events.mjs";
import { Folder, MIB } from "./harness/files.mjs";
import { MinioBucket, WITHOUT_MINIO } from "./harness/minio.mjs";

const AWS = "s3.us-east-1.amazonaws.com";
const VERSIONS = [[6, "clients"], [5, "clients/uppy5"]];

describe("before MinIO", { skip: WITHOUT_MINIO }, () => {
  let minio, browser, folder, aws;
  before(async () => {
    minio = await MinioBucket.start("sealift-uppy");
    aws = await standForAws(minio.running.endpoint);
    browser = await launch([`--host-resolver-rules=MAP ${AWS}:443 127.0.0.1:${aws.port}`, "--ignore-certificate-errors"]);
    folder = new Folder();
  });
  after(async () => {
    await browser?.close();
    await aws?.stop();
    folder?.remove();
    await minio?.stop();
  });

  const sts = () => ({ endpoint: minio.running.endpoint, role_arn: "arn:aws:iam::000000000000:role/uploads" });

  async function start(docs, packages, more = {}) {
    return minio.serve({ "compat.uppy": { prefix: "/uppy" }, rules: { max_size: 20 * MIB }, ...more }, "uppy.mjs", { docs, packages });
  }

  /** Uploads one file; answers its key. */
  async function upload(server, file, options) {
    const page = await openClient(browser, server, [file], minio.place);
    await page.evaluate(([place, given]) => globalThis.start({ ...place, ...given }), [{ s3Url: minio.place.s3Url, bucket: minio.bucket }, options]);
    await page.evaluate(() => void globalThis.uppy.upload());
    const { body } = await happens(page, server, "success");
    await page.context().close();
    return body.key ?? decodeURIComponent(new URL(body.location).pathname).split("/").slice(2).join("/");
  }

  async function assertReceipt(server, key, file) {
    const answer = await fetch(`${server.url}/uppy/success`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ key, name: file.name }) });
    const { receipt, size } = await answer.json();
    assert.equal(answer.status, 200);
    assert.equal(size, file.size);
    assert.ok(receipt);
  }

  for (const [version, packages] of VERSIONS) {
    for (const shouldUseMultipart of [false, true]) {
      test(`Uppy ${version} by Companion's calls, ${shouldUseMultipart ? "in parts" : "by a form"}`, async () => {
        const server = await start(`uppy-${version}`, packages);
        const file = folder.file(`ünder & über ${version} ${shouldUseMultipart}.bin`, shouldUseMultipart ? 12 * MIB : 70_000);
        const key = await upload(server, file, { shouldUseMultipart });
        await minio.assertStored(key, file);
        await assertReceipt(server, key, file);
        await server.stop();
      });
    }
  }

  for (const shouldUseMultipart of [false, true]) {
    test(`Uppy 6 by temporary credentials, ${shouldUseMultipart ? "in parts" : "in one request"}`, async () => {
      const server = await start("uppy-6-sts", "clients", { "compat.uppy.sts": sts() });
      const file = folder.file(`signed here (ü) ${shouldUseMultipart}.bin`, shouldUseMultipart ? 12 * MIB : 70_000);
      const key = await upload(server, file, { shouldUseMultipart });
      await minio.assertStored(key, file);
      await assertReceipt(server, key, file);
      await server.stop();
    });
  }

  test("Uppy 5 by temporary credentials, in parts, at the address of AWS's that it signs for", async () => {
    const server = await start("uppy-5-sts", "clients/uppy5", { "compat.uppy.sts": sts() });
    const file = folder.file("signed here, five.bin", 12 * MIB);
    const before = aws.parts();
    const key = await upload(server, file, {});
    assert.ok(aws.parts() > before, "the parts went where Uppy 5 sends them");
    await minio.assertStored(key, file);
    await assertReceipt(server, key, file);
    await server.stop();
  });

  test("temporary credentials put below one's own prefix, and do nothing else", async () => {
    const server = await minio.serve({ "compat.uppy": { prefix: "/uppy" }, "compat.uppy.sts": sts() });
    const get = async (call) => (await fetch(`${server.url}/uppy/${call}`)).json();
    const { credentials, bucket, region } = await get("s3/sts");
    assert.deepEqual([bucket, region], [minio.bucket, "us-east-1"]);
    assert.ok(Date.parse(credentials.Expiration) - Date.now() <= 901_000);
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = credentials;
    const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, service: "s3", region, retries: 0 });
    const url = `${minio.running.endpoint}/${minio.bucket}`;
    const status = async (method, at, body) => (await client.fetch(`${url}${at}`, { method, body })).status;
    const { key } = await get("key?name=own.txt");
    const other = key.replace(/^(uploads\/)[^/]+/, "$1somebody-else");
    assert.notEqual(other, key);
    assert.equal(await status("PUT", `/${key}`, "mine"), 200);
    for (const [method, at, body] of [
      ["PUT", `/${other}`, "not mine"],
      ["PUT", "/elsewhere.txt", "nobody's"],
      ["POST", `/${other}?uploads=`],
      ["GET", `/${key}`],
      ["GET", "?list-type=2"],
      ["GET", "?uploads="],
      ["DELETE", `/${key}`],
      ["DELETE", ""],
      ["GET", "?policy="],
    ]) {
      assert.equal(await status(method, at, body), 403, `${method} ${at}`);
    }
    await server.stop();
  });
});

/** TLS under AWS's name before a plain S3: Uppy 5 signs for no other host. */
async function standForAws(endpoint) {
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-aws-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${AWS}`, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const { hostname, port } = new URL(endpoint);
  let parts = 0;
  const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    if (request.url.includes("partNumber=")) parts += 1;
    const onward = http.request({ hostname, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    parts: () => parts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
