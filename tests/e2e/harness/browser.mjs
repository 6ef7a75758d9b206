// A browser: one for a test file, a fresh context for every test. Chromium is driven by playwright-core; Firefox and
// WebKitGTK (`SEALIFT_BROWSER=firefox|webkit`) as Debian ships them, by webdriver/, with the same names.
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, findBrowser } from "../../../scripts/lib/browser.mjs";
import { ENGINE } from "./engine.mjs";
import { launchEngine } from "./webdriver/launch.mjs";

/** @param {string[]} [more] arguments of Chromium's command line */
export function launch(more = []) {
  if (ENGINE !== "chromium") return launchEngine(ENGINE);
  return chromium.launch({
    executablePath: findBrowser(),
    headless: true,
    args: [...CHROMIUM_ARGS.filter((argument) => argument !== "--headless"), ...more],
  });
}

/**
 * A page whose complaints are kept in `page.complaints`: errors on the console, uncaught exceptions.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") page.complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.complaints.push(`uncaught: ${error.message}`));
  return page;
}

/**
 * Limits what the page sends, so that an upload is surely under way when a test acts on it. 0: no limit. Where the browser
 * cannot be told, the S3 of `server` reads more slowly.
 */
export async function throttleUpload(page, bytesPerSecond, server) {
  if (ENGINE !== "chromium") {
    await server.clearFaults();
    // Each request for itself, and some are sent side by side.
    if (bytesPerSecond > 0) await server.inject({ operation: "*", kind: "throttle", bytes_per_second: Math.ceil(bytesPerSecond / 3), times: 100_000 });
    return;
  }
  const session = (page.cdp ??= await page.context().newCDPSession(page));
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond > 0 ? bytesPerSecond : -1,
  });
}

/** Drops files and folders of this machine on the page, as the system's file manager does. */
export async function drop(page, paths, { x = 300, y = 300 } = {}) {
  const session = (page.cdp ??= await page.context().newCDPSession(page));
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, x, y, data });
}
