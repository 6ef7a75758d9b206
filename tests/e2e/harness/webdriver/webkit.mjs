// WebKitGTK as Debian ships it, by its WebKitWebDriver over HTTP, on a screen that nobody sees. A driver serves one
// session, so each context of a test has a driver and a browser of its own.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DriverError, Session } from "./commands.mjs";

/** @param {{ driver: string, browser: string, screen: string }} programs */
export async function launchWebKit({ driver, browser, screen }) {
  const display = await openScreen(screen);
  const program = new WebKit(driver, browser, display);
  const context = await program.openContext();
  program.name = `WebKitGTK ${context.version}`;
  program.spare = context;
  return program;
}

class WebKit {
  constructor(driver, browser, display) {
    this.programs = { driver, browser };
    this.display = display;
    this.open = new Set();
    this.spare = undefined;
  }

  async openContext() {
    if (this.spare) {
      const context = this.spare;
      this.spare = undefined;
      return context;
    }
    const port = await freePort();
    const child = spawn(this.programs.driver, ["--host=127.0.0.1", `--port=${port}`], { stdio: "ignore", env: { ...process.env, DISPLAY: this.display.name } });
    const ended = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
    const http = new Http(`http://127.0.0.1:${port}`);
    await http.isReady(child);
    const options = { binary: this.programs.browser, args: ["--automation"] };
    const { sessionId, capabilities } = await http.send("POST", "/session", {
      capabilities: { alwaysMatch: { browserName: "MiniBrowser", unhandledPromptBehavior: "accept", "webkitgtk:browserOptions": options } },
    });
    http.base += `/session/${sessionId}`;
    const session = new Session(http);
    let isFirst = true;
    const close = async () => {
      this.open.delete(close);
      await session.inTurn(() => http.send("DELETE", "")).catch(() => {});
      child.kill("SIGKILL");
      await ended;
    };
    this.open.add(close);
    return {
      session,
      version: capabilities.browserVersion,
      open: async () => {
        // A tab behind another is not laid out.
        if (!isFirst) return (await session.send(undefined, "open", { type: "window" })).handle;
        isFirst = false;
        return (await session.send(undefined, "handles"))[0];
      },
      close,
    };
  }

  async close() {
    await Promise.all([...this.open].map((close) => close()));
    await this.display.close();
  }
}

class Http {
  constructor(base) {
    this.base = base;
  }

  call(_name, method, path, parameters) {
    return this.send(method, path, parameters);
  }

  async send(method, path, parameters = {}) {
    const answer = await fetch(this.base + path, { method, body: method === "POST" ? JSON.stringify(parameters) : undefined });
    const { value } = await answer.json();
    if (!answer.ok) throw new DriverError(value);
    return value;
  }

  async isReady(child) {
    for (let tries = 0; tries < 600 && child.exitCode === null; tries += 1) {
      const isThere = await this.send("GET", "/status").then(() => true, () => false);
      if (isThere) return;
      await sleep(25);
    }
    throw new Error("WebKitWebDriver does not answer.");
  }
}

async function openScreen(program) {
  const child = spawn(program, ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const number = await new Promise((resolve, reject) => {
    child.stdout.once("data", (text) => resolve(String(text).trim()));
    child.once("error", reject).once("exit", () => reject(new Error("Xvfb has ended.")));
  });
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { name: `:${number}`, close };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
