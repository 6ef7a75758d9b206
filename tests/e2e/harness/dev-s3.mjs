// dev-s3 as a program of its own, which outlives and survives the signing server, and a link to it that can be broken.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { TARGET } from "../../../scripts/lib/paths.mjs";
import { BUCKET, REGION } from "./bucket.mjs";
import { startFaultProxy } from "./fault-proxy.mjs";
import { startServer } from "./server.mjs";

const PROGRAM = path.join(TARGET, "debug", "dev-s3");

/**
 * An S3 behind a breakable link, and a signing server that reaches it without that link; what the server signs is for the
 * link's address.
 * @param {{ faults?: import("./fault-proxy.mjs").Faults, config?: Record<string, Record<string, unknown>> }} [options]
 */
export async function startBehindProxy({ faults, config = {} } = {}) {
  const s3 = new DevS3();
  await s3.start();
  const proxy = await startFaultProxy(s3.host, faults);
  const server = await startServer(
    {
      ...config,
      s3: {
        endpoint: s3.url, public_endpoint: proxy.url, region: REGION, bucket: BUCKET,
        access_key_id: s3.keys.accessKeyId, secret_access_key_file: "s3-secret", ...config.s3,
      },
    },
    { "s3-secret": s3.keys.secretAccessKey },
  );
  const stop = () => Promise.all([server.stop(), proxy.stop(), s3.stop()]);
  return { s3, proxy, server, stop };
}

export class DevS3 {
  constructor() {
    this.folder = mkdtempSync(path.join(tmpdir(), "sealift-dev-s3-"));
    this.listen = "127.0.0.1:0";
    this.keys = { accessKeyId: "sealift-test", secretAccessKey: randomBytes(20).toString("hex") };
  }

  /** Starts, or starts again on the same port over the same data. */
  async start() {
    const { accessKeyId, secretAccessKey } = this.keys;
    this.child = spawn(
      PROGRAM,
      ["--root", path.join(this.folder, "s3"), "--listen", this.listen, "--access-key", accessKeyId, "--bucket", BUCKET, "--region", REGION, "--fault-injection"],
      { cwd: this.folder, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, AWS_SECRET_ACCESS_KEY: secretAccessKey } },
    );
    this.exited = new Promise((resolve) => this.child.once("exit", resolve));
    this.url = await new Promise((resolve, reject) => {
      let said = "";
      this.child.stdout.setEncoding("utf8").on("data", (text) => {
        said += text;
        const found = said.match(/listening on (http:\/\/[\d.:]+)\n/);
        if (found) resolve(found[1]);
      });
      this.child.once("error", reject);
      this.child.once("exit", (code) => reject(new Error(`dev-s3 ended (${code}) before it listened`)));
    });
    this.host = this.listen = new URL(this.url).host;
  }

  /** Ends it at once, as a crash does. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  async stop() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
