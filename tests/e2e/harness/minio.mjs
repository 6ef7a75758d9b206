// MinIO with one bucket, and servers before it that serve a client's page.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { MINIO } from "../../../scripts/lib/minio.mjs";
import { S3Client } from "../../s3-servers/client.mjs";
import { minio } from "../../s3-servers/servers/minio.mjs";
import { startWithClient } from "./clients.mjs";
import { startServer } from "./server.mjs";

/** Why MinIO cannot be had here, or `false`. */
export const WITHOUT_MINIO = MINIO.missing() ?? (existsSync(MINIO.program) ? false : "MinIO is not built yet: npm run test:s3 -- minio builds it");

export class MinioBucket {
  /** @param {string} bucket its name */
  static async start(bucket) {
    const folder = mkdtempSync(path.join(tmpdir(), "sealift-minio-"));
    const keys = { accessKeyId: "sealift-clients", secretAccessKey: randomBytes(20).toString("hex") };
    const running = await minio.start({ folder, origin: "*", keys });
    const started = Object.assign(new MinioBucket(), { folder, keys, running, bucket, s3: new S3Client(running, bucket) });
    assert.ok((await started.s3.send("PUT")).ok);
    return started;
  }

  /** What a page must know. */
  get place() {
    return { s3Url: this.running.endpoint, bucket: this.bucket, region: this.running.region, accessKeyId: this.keys.accessKeyId };
  }

  /** A server before it; with `script`, it serves that client's page. */
  async serve(config, script, docs) {
    const s3 = { endpoint: this.running.endpoint, region: this.running.region, bucket: this.bucket, access_key_id: this.keys.accessKeyId };
    const whole = { ...config, s3: { ...s3, ...config.s3 } };
    process.env.SEALIFT__S3__SECRET_ACCESS_KEY = this.keys.secretAccessKey;
    try {
      return await (script ? startWithClient(script, { ...docs, config: whole }) : startServer(whole));
    } finally {
      delete process.env.SEALIFT__S3__SECRET_ACCESS_KEY;
    }
  }

  async assertStored(key, file) {
    const { status, sha256 } = await this.s3.digest(key);
    assert.equal(status, 200);
    assert.equal(sha256, file.sha256);
  }

  async stop() {
    await this.running.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
