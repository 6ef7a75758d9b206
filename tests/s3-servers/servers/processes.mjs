// The processes of one server: started into a folder, their words kept in it, ended together.
import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Sentence } from "../../../scripts/lib/run.mjs";

/** How long a server may take until it answers (ms). */
const PATIENCE = 120_000;

export class Processes {
  /** @param {string} folder where their logs go */
  constructor(folder) {
    this.folder = folder;
    this.all = [];
  }

  /** Starts a program that stays. */
  start(name, command, args, env = {}) {
    const log = path.join(this.folder, `${name}.log`);
    const child = spawn(command, args, { cwd: this.folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const out = createWriteStream(log);
    for (const stream of [child.stdout, child.stderr]) stream.pipe(out, { end: false });
    child.on("error", () => {});
    child.exited = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
    this.all.push({ name, child, log });
  }

  /** Waits until `isReady` resolves to true; fails when a process ends before, with the end of what it said. */
  async until(isReady) {
    const deadline = Date.now() + PATIENCE;
    while (!(await isReady().catch(() => false))) {
      const ended = this.all.find(({ child }) => child.exitCode !== null || child.signalCode !== null || child.pid === undefined);
      if (ended || Date.now() > deadline) throw new Sentence(this.complaint(ended ?? this.all.at(-1)));
      await sleep(100);
    }
  }

  /** Waits until an address answers over HTTP, whatever it says. */
  untilAnswers(url, accept = () => true) {
    return this.until(async () => accept(await fetch(url, { signal: AbortSignal.timeout(5_000) })));
  }

  /** Ends all of them, the last first. */
  async stop() {
    for (const { child } of this.all.reverse()) {
      child.kill("SIGTERM");
      const given = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await child.exited;
      clearTimeout(given);
    }
    this.all = [];
  }

  complaint({ name, log }) {
    const said = readFileSync(log, "utf8").trimEnd().split("\n").slice(-20).join("\n");
    return `${name} does not start:\n${said}`;
  }
}

/**
 * A port of loopback that nobody listens on now. From below those that systems give to outgoing connections, so that
 * none of these takes it before the server does.
 */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
