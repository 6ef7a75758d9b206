// A Chromium for the tests, and its driver: one that is installed, else Debian's.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { aptInstall } from "./apt.mjs";
import { STATE } from "./paths.mjs";
import { ask, isProgram, Sentence, which } from "./run.mjs";

const HOW =
  "install Chromium or Chrome (Debian: apt-get install chromium chromium-driver; elsewhere: google.com/chrome), or name one in the environment variable CHROME";

/** What keeps a test's browser to itself: no sandbox (root has none), no calls home. */
export const CHROMIUM_ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** The path of a browser; undefined when there is none. */
export function findBrowser() {
  if (process.env.CHROME) {
    if (isProgram(process.env.CHROME)) return process.env.CHROME;
    throw new Sentence(`CHROME names ${process.env.CHROME}, which is no program.`);
  }
  const onPath = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"].map((name) => which(name));
  const macOs = ["Google Chrome", "Chromium"].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  return [...onPath, ...macOs].find((file) => file && isProgram(file));
}

/** The path of a driver whose major version is the browser's (others refuse to work with it). */
function findDriver(browser) {
  const driver = process.env.CHROMEDRIVER ?? which("chromedriver");
  if (!driver || !isProgram(driver)) return undefined;
  const theirs = major(ask(driver, ["--version"]));
  const ours = major(ask(browser, ["--version"]));
  return theirs && theirs === ours ? driver : undefined;
}

/** A browser and, for the wasm tests, its driver; installs Debian's where that is possible. */
export async function ensureBrowser(note = () => {}) {
  let browser = findBrowser();
  if (!browser || !findDriver(browser)) {
    const missing = browser ? ["chromium-driver"] : ["chromium", "chromium-driver"];
    if (await aptInstall(missing, note)) browser = findBrowser();
  }
  if (!browser) throw new Sentence(`No browser for the tests: ${HOW}.`);
  return { browser, driver: findDriver(browser) };
}

/** The capabilities that wasm-bindgen's test runner hands to the driver; returns the file's path. */
export function writeWebdriverJson(browser) {
  const file = path.join(STATE, "webdriver.json");
  mkdirSync(STATE, { recursive: true });
  writeFileSync(file, JSON.stringify({ "goog:chromeOptions": { binary: browser, args: CHROMIUM_ARGS } }, null, 2));
  return file;
}

const major = (version) => version?.match(/(\d+)\.\d+\.\d+/)?.[1];
