// The project's own S3 for development, held to what the others are.
import { existsSync } from "node:fs";
import path from "node:path";
import { TARGET } from "../../../scripts/lib/paths.mjs";
import { mustCargo } from "../../../scripts/lib/rust.mjs";
import { freePort, Processes } from "./processes.mjs";

const program = path.join(TARGET, "debug", process.platform === "win32" ? "dev-s3.exe" : "dev-s3");

export const devS3 = {
  id: "dev-s3",
  title: "dev-s3",
  missing: () => undefined,
  async install(note) {
    if (!existsSync(program)) await mustCargo(["build", "-p", "sealift-dev-s3"], { note });
  },
  async start({ folder, keys }) {
    const processes = new Processes(folder);
    const port = await freePort();
    processes.start("dev-s3", program, ["--root", path.join(folder, "data"), "--listen", `127.0.0.1:${port}`, "--access-key", keys.accessKeyId, "--allow-origin", "http://nobody.invalid"], {
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    });
    const endpoint = `http://127.0.0.1:${port}`;
    await processes.untilAnswers(endpoint);
    return { endpoint, region: "us-east-1", keys, stop: () => processes.stop() };
  },
};
