// The S3 server that everybody uploads to, and Sealift's own server.
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import https from "node:https";
import { ROOT, TARGET } from "../../scripts/lib/paths.mjs";
import { BUCKET, REGION } from "./signer.mjs";

const KEYS = { accessKeyId: "sealift-bench", secretAccessKey: "sealift-bench-secret" };
const PATIENCE = 30_000;

/** MinIO over TLS, its data in `folder`. */
export async function startMinio(program, folder, tls) {
  const port = await freePort();
  const certificates = path.join(folder, "certificates");
  mkdirSync(path.join(certificates, "CAs"), { recursive: true });
  copyFileSync(tls.certificate, path.join(certificates, "public.crt"));
  copyFileSync(tls.key, path.join(certificates, "private.key"));
  const child = start(program, ["server", path.join(folder, "data"), "--address", `127.0.0.1:${port}`, "--certs-dir", certificates, "--quiet"], {
    MINIO_ROOT_USER: KEYS.accessKeyId,
    MINIO_ROOT_PASSWORD: KEYS.secretAccessKey,
    MINIO_BROWSER: "off",
  });
  const url = `https://127.0.0.1:${port}`;
  await child.until(() => answers(`${url}/minio/health/ready`, readFileSync(tls.issuer)));
  return { url, port, keys: KEYS, stop: child.stop };
}

/** dev-s3, without TLS. */
export async function startDevS3(folder) {
  const env = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
  const child = start(built("dev-s3"), ["--root", path.join(folder, "data")], env);
  const listening = () => child.said().match(/dev-s3 listening on (\S+)/)?.[1];
  await child.until(listening);
  return { url: listening(), port: Number(new URL(listening()).port), keys: KEYS, stop: child.stop };
}

/**
 * Sealift's signing server.
 * @param {string} folder for its data
 * @param {object} parts
 * @param {string} parts.origin of the page
 * @param {string} parts.publicS3 how browsers reach S3
 * @param {{ url: string, keys: typeof KEYS }} parts.s3 how this server does
 * @param {string} [parts.issuer] certificate that it trusts
 */
export async function startSealift(folder, { origin, publicS3, s3, issuer }) {
  const child = start(built("sealift-server"), ["serve", "--listen", "127.0.0.1:0"], {
    SSL_CERT_FILE: issuer,
    SEALIFT__SERVER__DATA_DIR: path.join(folder, "sealift"),
    SEALIFT__SERVER__ORIGINS: origin,
    SEALIFT__AUTH__KIND: "none",
    SEALIFT__RULES__INTEGRITY: "optional",
    SEALIFT__S3__ENDPOINT: s3.url,
    SEALIFT__S3__PUBLIC_ENDPOINT: publicS3,
    SEALIFT__S3__REGION: REGION,
    SEALIFT__S3__BUCKET: BUCKET,
    SEALIFT__S3__ACCESS_KEY_ID: s3.keys.accessKeyId,
    SEALIFT__S3__SECRET_ACCESS_KEY: s3.keys.secretAccessKey,
  });
  const listening = () => child.said().match(/sealift-server listening on (\S+)/)?.[1];
  await child.until(listening);
  return { url: listening(), stop: child.stop };
}

const built = (name) => path.join(TARGET, "release", process.platform === "win32" ? `${name}.exe` : name);

function start(program, args, env) {
  const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let said = "";
  let failure;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-20_000)));
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve((failure = error)));
    child.once("exit", (code) => resolve((failure = new Error(`${path.basename(program)} ended (${code}): ${said}`))));
  });
  process.once("exit", () => child.kill("SIGKILL"));
  return {
    said: () => said,
    async until(ready) {
      for (const give = Date.now() + PATIENCE; Date.now() < give; await sleep(50)) {
        if (failure) throw failure;
        if (await ready()) return;
      }
      throw new Error(`${path.basename(program)} is not ready after ${PATIENCE / 1_000} s: ${said}`);
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function answers(url, ca) {
  return new Promise((resolve) => {
    const request = https.get(url, { ca }, (response) => resolve(response.resume().statusCode === 200));
    request.on("error", () => resolve(false));
  });
}

function freePort() {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
