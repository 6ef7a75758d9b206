// `npm run screenshots`: the README's pictures of the demo page, from the real page against the real server.
// Takes the server and the wasm modules as `npm start` built them.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { CHROMIUM_ARGS, ensureBrowser } from "./lib/browser.mjs";
import { ensureNpm } from "./lib/npm.mjs";
import { PKG, ROOT, TARGET } from "./lib/paths.mjs";
import { Sentence } from "./lib/run.mjs";
import { main, say, step } from "./lib/steps.mjs";

const OUT = path.join(ROOT, "docs/screenshots");
const LARGEST = 150 * 1024;
/** Uploads are slowed down to this, so that there is progress to see. Bytes a second. */
const UPLINK = 6e6;
/** Everything but programs: a refusal belongs into the picture too. */
const TYPES = ["image/*", "audio/*", "video/*", "text/*", "application/pdf", "application/octet-stream", "application/zip", "application/x-tar"];

const PICTURES = [
  { name: "light", width: 1200, height: 900, scale: 1, scheme: "light" },
  { name: "dark", width: 1200, height: 900, scale: 1, scheme: "dark" },
  { name: "phone", width: 390, height: 844, scale: 1.5, scheme: "light", touch: true },
];

await main(async () => {
  const program = path.join(TARGET, "debug", process.platform === "win32" ? "sealift-server.exe" : "sealift-server");
  if (!existsSync(program) || !existsSync(path.join(PKG, "uploader"))) throw new Sentence("Run npm start once first: it builds what is shown.");
  await step("npm packages", ensureNpm);
  const { browser: executablePath } = await step("browser", ensureBrowser);
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-screenshots-"));
  try {
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
    mkdirSync(OUT, { recursive: true });
    try {
      for (const picture of PICTURES) {
        await step(picture.name, () => withServer(program, path.join(folder, picture.name), (url) => take(browser, url, picture, folder)));
      }
    } finally {
      await browser.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function take(browser, url, { name, width, height, scale, scheme, touch = false }, folder) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme: scheme, isMobile: touch, hasTouch: touch, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(url);
  await choose(page, [await picture(page, folder), write(folder, "Ladeliste für Köln.csv", Buffer.alloc(18_300, "container;weight\n"))]);
  await page.locator(".row[data-state=done]").nth(1).waitFor();

  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: -1, uploadThroughput: UPLINK });
  // Files with holes cost nothing until they are sent.
  const large = [sparse(folder, "Walk-around interview.mp4", 38e6), sparse(folder, "Site backup, third quarter.tar", 52e6)];
  await choose(page, [...large, write(folder, "installer.exe", Buffer.alloc(90_000, "MZ"))]);
  await page.waitForFunction(() => [...document.querySelectorAll(".row[data-state=uploading] [role=progressbar]")].some((bar) => Number(bar.getAttribute("aria-valuenow")) >= 58));
  // On a phone the list is what matters.
  if (touch) await page.evaluate(() => document.querySelector(".dropzone").scrollIntoView());

  const file = path.join(OUT, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  const { size } = statSync(file);
  if (size > LARGEST) throw new Sentence(`${name}.png has ${size} bytes: more than the ${LARGEST} that a README should load.`);
  say(`    ${path.relative(ROOT, file)}: ${size} bytes`);
}

async function choose(page, files) {
  await page.setInputFiles("#file-input", files);
}

/** A harbour, painted by the browser itself. */
async function picture(page, folder) {
  return write(folder, "Harbour at dawn.jpg", Buffer.from(await page.evaluate(paint), "base64"));
}

/** Runs in the page. */
async function paint() {
  const canvas = new OffscreenCanvas(1200, 900);
  const context = canvas.getContext("2d");
  const air = context.createLinearGradient(0, 0, 0, 620);
  air.addColorStop(0, "#2b3a67");
  air.addColorStop(1, "#f2a65a");
  context.fillStyle = air;
  context.fillRect(0, 0, 1200, 900);
  context.fillStyle = "#fff3d0";
  context.beginPath();
  context.arc(820, 560, 95, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#1c3144";
  context.fillRect(0, 600, 1200, 300);
  context.lineWidth = 26;
  context.strokeStyle = "#16222b";
  context.stroke(new Path2D("M330 640V160H980M330 300 200 160H330M520 160V330"));
  context.fillStyle = "#c8553d";
  context.fillRect(430, 330, 180, 110);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function write(folder, name, bytes) {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

function sparse(folder, name, size) {
  const file = write(folder, name, "");
  truncateSync(file, size);
  return file;
}

/** Runs a server of its own, with a bucket of its own, for as long as `work` takes. */
async function withServer(program, dataDir, work) {
  const flags = ["--listen", "127.0.0.1:0", "--dev-s3-listen", "127.0.0.1:0", "--data-dir", dataDir, "--log", "off"];
  const server = spawn(program, ["serve", ...flags], {
    cwd: ROOT,
    env: { ...process.env, SEALIFT__RULES__TYPES: TYPES.join(",") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  try {
    return await work(await addressOf(server));
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
}

async function addressOf(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    const found = line.match(/^sealift-server listening on (http:\S+)/);
    if (found) return found[1];
  }
  throw new Sentence("The server ended before it listened.");
}
