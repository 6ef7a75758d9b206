// Firefox as Debian ships it (ESR), by Marionette, which needs no driver beside it: JSON over TCP, each message with its
// length before it. A context of a test is a container of Firefox's: cookies and storage of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DriverError, Session } from "./commands.mjs";

/** No calls home, no first-run pages, no prompts. */
const PREFERENCES = {
  "marionette.port": 0,
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage": "about:blank",
  "browser.startup.page": 0,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.sessionstore.resume_from_crash": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.disable_beforeunload": true,
  "dom.ipc.processPrelaunch.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "privacy.userContext.enabled": true,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.startup.max_resumed_crashes": -1,
};

/** @param {string} program */
export async function launchFirefox(program) {
  const profile = mkdtempSync(path.join(tmpdir(), "sealift-firefox-"));
  writeFileSync(path.join(profile, "user.js"), Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
  const child = spawn(program, ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", profile, "about:blank"], {
    stdio: "ignore",
    env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: "1" },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
  const socket = connect(await portOf(child, path.join(profile, "MarionetteActivePort")), "127.0.0.1");
  const session = new Session(new Marionette(socket));
  const { capabilities } = await session.transport.send("WebDriver:NewSession", { capabilities: { alwaysMatch: { unhandledPromptBehavior: "accept" } } });
  return new Firefox(session, capabilities.browserVersion, async () => {
    child.kill("SIGKILL");
    await ended;
    socket.destroy();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
}

async function portOf(child, file) {
  for (let tries = 0; tries < 1200 && child.exitCode === null; tries += 1) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text) return Number(text);
    await sleep(50);
  }
  throw new Error("Firefox does not listen to Marionette.");
}

class Firefox {
  constructor(session, version, stop) {
    this.session = session;
    this.name = `Firefox ${version}`;
    this.stop = stop;
  }

  async openContext() {
    const container = await this.inChrome(`ChromeUtils.importESModule("resource://gre/modules/ContextualIdentityService.sys.mjs").ContextualIdentityService.create("test", "fingerprint", "blue").userContextId`);
    return {
      session: this.session,
      open: () =>
        this.session.inTurn(async () => {
          const before = await this.session.call("handles");
          await this.chrome(`(() => { const { gBrowser } = Services.wm.getMostRecentWindow("navigator:browser");
            gBrowser.selectedTab = gBrowser.addTab("about:blank", { userContextId: ${container}, triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal() }); })()`);
          for (;;) {
            const opened = (await this.session.call("handles")).find((handle) => !before.includes(handle));
            if (opened) return opened;
            await sleep(20);
          }
        }),
      close: () => this.inChrome(`ChromeUtils.importESModule("resource://gre/modules/ContextualIdentityService.sys.mjs").ContextualIdentityService.remove(${container})`),
    };
  }

  inChrome(expression) {
    return this.session.inTurn(() => this.chrome(expression));
  }

  /** Evaluates something in the browser's own window. */
  async chrome(expression) {
    const { transport } = this.session;
    await transport.send("Marionette:SetContext", { value: "chrome" });
    try {
      return (await transport.send("WebDriver:ExecuteScript", { script: `return ${expression};`, args: [] })).value;
    } finally {
      await transport.send("Marionette:SetContext", { value: "content" });
    }
  }

  close() {
    return this.stop();
  }
}

class Marionette {
  constructor(socket) {
    this.socket = socket;
    this.waiting = new Map();
    this.number = 0;
    this.buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => this.read(chunk));
    socket.on("error", () => {});
    socket.on("close", () => this.waiting.forEach(({ reject }) => reject(new Error("Firefox has ended."))));
  }

  async call(name, _method, _path, parameters) {
    const answer = await this.send(name, parameters);
    return answer && "value" in answer ? answer.value : answer;
  }

  send(name, parameters = {}) {
    const number = (this.number += 1);
    const text = JSON.stringify([0, number, name, parameters]);
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  }

  read(chunk) {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (let colon; (colon = this.buffer.indexOf(":")) > 0; ) {
      const end = colon + 1 + Number(this.buffer.subarray(0, colon));
      if (this.buffer.length < end) return;
      const message = JSON.parse(this.buffer.subarray(colon + 1, end).toString());
      this.buffer = this.buffer.subarray(end);
      // The first message is a greeting.
      if (!Array.isArray(message)) continue;
      const [, number, error, result] = message;
      const { resolve, reject } = this.waiting.get(number);
      this.waiting.delete(number);
      if (error) reject(new DriverError(error));
      else resolve(result);
    }
  }
}
