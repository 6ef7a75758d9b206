// VersityGW: a gateway over a folder, on loopback.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { goProgram } from "../../../scripts/lib/go.mjs";
import { freePort, Processes } from "./processes.mjs";

const VERSION = "v1.8.0";
const { program, missing, install } = goProgram("versitygw", "github.com/versity/versitygw/cmd/versitygw", VERSION);

export const versitygw = {
  id: "versitygw",
  title: `VersityGW ${VERSION.slice(1)}`,
  missing,
  install,
  async start({ folder, keys }) {
    const processes = new Processes(folder);
    const data = path.join(folder, "data");
    mkdirSync(data);
    const port = await freePort();
    const region = "us-east-1";
    processes.start(
      "versitygw",
      program,
      ["--region", region, "--port", `127.0.0.1:${port}`, "--health", "/healthz", "posix", data],
      { ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
    );
    const endpoint = `http://127.0.0.1:${port}`;
    await processes.untilAnswers(`${endpoint}/healthz`, (answer) => answer.ok);
    return { endpoint, region, keys, stop: () => processes.stop() };
  },
};
