// The real server in a folder of its own, on ports that the system picks, with dev-s3 beside it on another origin, or
// before the S3 that the configuration names.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT, TARGET } from "../../../scripts/lib/paths.mjs";
import { needsWitness } from "./engine.mjs";
import { toToml } from "./toml.mjs";
import { WITNESS_PATH, witness, witnessed } from "./webdriver/witness.mjs";

const PROGRAM = path.join(TARGET, "debug", "sealift-server");
const ANY_PORT = "127.0.0.1:0";

/**
 * Starts a server. `config` is laid over the usual one, section by section; `files` (name → text) are written to its
 * folder, against which paths in the configuration are relative.
 * @param {Record<string, Record<string, unknown>>} [config]
 * @param {Record<string, string>} [files]
 */
export async function startServer(config = {}, files = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-e2e-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  const server = new Server(folder, config);
  await server.start();
  return server;
}

/** The demo's pages, for a driver that needs something in them. */
function witnessedDemo(folder) {
  const www = path.join(folder, "www");
  cpSync(path.join(ROOT, "www"), www, { recursive: true });
  for (const name of readdirSync(www).filter((one) => one.endsWith(".html"))) {
    const file = path.join(www, name);
    writeFileSync(file, witnessed(readFileSync(file, "utf8")));
  }
  writeFileSync(path.join(www, WITNESS_PATH), witness());
  return www;
}

class Server {
  constructor(folder, config) {
    this.folder = folder;
    this.config = config;
    this.listen = ANY_PORT;
    this.s3Listen = ANY_PORT;
    this.log = "";
  }

  /** Starts, or starts again on the same ports over the same data. */
  async start() {
    const file = path.join(this.folder, "sealift.toml");
    writeFileSync(file, toToml(this.layered()));
    this.child = spawn(PROGRAM, ["serve", "--config", file], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.exited = new Promise((resolve) => this.child.once("exit", resolve));
    const { url, s3Url } = await this.listening();
    this.url = url;
    this.s3Url = s3Url;
    this.listen = new URL(this.url).host;
    if (s3Url) this.s3Listen = new URL(s3Url).host;
  }

  /** Ends it at once, as a crash or a pulled plug does. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** Ends it and removes its folder. */
  async stop() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes dev-s3 misbehave: see `Fault` in dev-s3. */
  async inject(...faults) {
    const answer = await fetch(`${this.s3Url}/_dev/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(faults),
    });
    if (!answer.ok) throw new Error(`faults were not accepted: ${answer.status} ${await answer.text()}`);
  }

  async clearFaults() {
    const answer = await fetch(`${this.s3Url}/_dev/faults`, { method: "DELETE" });
    if (!answer.ok) throw new Error(`faults were not cleared: ${answer.status}`);
  }

  /** What dev-s3 was asked, oldest first: see `RequestRecord` in dev-s3. */
  async requests() {
    const answer = await fetch(`${this.s3Url}/_dev/requests`);
    return answer.json();
  }

  async clearRequests() {
    const answer = await fetch(`${this.s3Url}/_dev/requests`, { method: "DELETE" });
    if (!answer.ok) throw new Error(`requests were not cleared: ${answer.status}`);
  }

  /** Calls the signing protocol as a page of this server would; returns status and parsed body. */
  async call(action, body, headers = {}) {
    const answer = await fetch(`${this.url}/sealift/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  }

  layered() {
    const usual = {
      server: {
        listen: this.listen,
        data_dir: path.join(this.folder, "data"),
        www: needsWitness ? witnessedDemo(this.folder) : path.join(ROOT, "www"),
        pkg: path.join(ROOT, "pkg"),
        js: path.join(ROOT, "js"),
      },
      ...(this.config.s3 ? {} : { dev_s3: { listen: this.s3Listen, root: path.join(this.folder, "s3"), fault_injection: true } }),
    };
    const sections = new Set([...Object.keys(usual), ...Object.keys(this.config)]);
    return Object.fromEntries([...sections].map((name) => [name, { ...usual[name], ...this.config[name] }]));
  }

  /** Waits until this start has announced its addresses. */
  listening() {
    return new Promise((resolve, reject) => {
      let said = "";
      const read = (text) => {
        said += text;
        this.log += text;
        const s3Url = said.match(/dev-s3 listening on (http:\/\/[\d.]+:\d+)\n/);
        const url = said.match(/sealift-server listening on (http:\/\/[\d.]+:\d+)\n/);
        if (url && (s3Url || this.config.s3)) resolve({ url: url[1], s3Url: s3Url?.[1] });
      };
      this.child.stdout.setEncoding("utf8").on("data", read);
      this.child.stderr.setEncoding("utf8").on("data", read);
      this.child.once("error", reject);
      this.child.once("exit", (code) => reject(new Error(`the server ended (${code}) before it listened:\n${said}`)));
    });
  }

  /** What the app proves itself with, server to server; the server made it at its first start. */
  appKey() {
    return readFileSync(path.join(this.folder, "data", "app-key"), "utf8").trim();
  }
}
