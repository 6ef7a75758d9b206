// MinIO: one drive, on loopback.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { MINIO } from "../../../scripts/lib/minio.mjs";
import { freePort, Processes } from "./processes.mjs";

export const minio = {
  id: "minio",
  title: "MinIO (2026-02-12)",
  missing: MINIO.missing,
  install: MINIO.install,
  /** One setting of the whole server: PutBucketCors answers 501. */
  cors: "`MINIO_API_CORS_ALLOW_ORIGIN` in its environment",
  async start({ folder, origin, keys }) {
    const processes = new Processes(folder);
    const data = path.join(folder, "data");
    mkdirSync(data);
    const port = await freePort();
    processes.start("minio", MINIO.program, ["server", data, "--address", `127.0.0.1:${port}`], {
      MINIO_ROOT_USER: keys.accessKeyId,
      MINIO_ROOT_PASSWORD: keys.secretAccessKey,
      MINIO_API_CORS_ALLOW_ORIGIN: origin,
      MINIO_BROWSER: "off",
    });
    const endpoint = `http://127.0.0.1:${port}`;
    await processes.untilAnswers(`${endpoint}/minio/health/ready`, (answer) => answer.ok);
    return { endpoint, region: "us-east-1", keys, stop: () => processes.stop() };
  },
};
