// A tool's own development server, run until the test is over.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A port that is free now: tools want to be told theirs. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Starts a tool and waits until its page is answered.
 * @param {string} folder of the project
 * @param {string[]} args of Node: the tool's script and what it takes
 * @param {string} url
 */
export async function startTool(folder, args, url) {
  // In a group of its own: tools start workers, which are ended with them.
  const child = spawn(process.execPath, args, { cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    end(child);
    await exited;
  };
  process.once("exit", () => end(child));
  for (let tries = 0; tries < 1200; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${args.join(" ")} ended:\n${said}`);
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok) return { url, stop, said: () => said };
    await sleep(100);
  }
  await stop();
  throw new Error(`${args.join(" ")} did not answer:\n${said}`);
}

function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
