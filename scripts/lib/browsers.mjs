// Firefox and WebKitGTK for the tests, as Debian packages them.
import { readdirSync } from "node:fs";
import path from "node:path";
import { aptInstall } from "./apt.mjs";
import { isProgram, which } from "./run.mjs";

const PACKAGES = { firefox: ["firefox-esr"], webkit: ["webkit2gtk-driver", "xvfb"] };

/** What to say where there is none. */
export const MISSING = {
  firefox: "No Firefox: install it (Debian: apt-get install firefox-esr), or name one in FIREFOX.",
  webkit: "No WebKitGTK with its driver: install it (Debian: apt-get install webkit2gtk-driver xvfb).",
};

/** The path of a Firefox; undefined where there is none. */
export function findFirefox() {
  return [process.env.FIREFOX, which("firefox-esr"), which("firefox")].find((file) => file && isProgram(file));
}

/** @returns {{ driver: string, browser: string, screen: string } | undefined} */
export function findWebKit() {
  const [driver, screen] = [which("WebKitWebDriver"), which("Xvfb")];
  const browser = miniBrowser();
  return driver && screen && browser ? { driver, browser, screen } : undefined;
}

/** It lies beside the library, in a folder named by the machine's kind; the newest with GTK 3, which needs no GPU. */
function miniBrowser() {
  const folders = ["/usr/lib", "/usr/libexec"].flatMap((base) => [base, ...subfolders(base)]);
  const found = folders.map((folder) => path.join(folder, "webkit2gtk-4.1", "MiniBrowser"));
  return found.find(isProgram);
}

function subfolders(base) {
  try {
    return readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name.includes("-linux-")).map(({ name }) => path.join(base, name));
  } catch {
    return [];
  }
}

/**
 * Installs what is missing, where that is possible.
 * @param {"firefox" | "webkit"} engine
 * @returns {Promise<string | undefined>} what is missing still, in a sentence
 */
export async function ensureEngine(engine, note = () => {}) {
  const isThere = () => Boolean(engine === "firefox" ? findFirefox() : findWebKit());
  if (isThere() || ((await aptInstall(PACKAGES[engine], note)) && isThere())) return undefined;
  return MISSING[engine];
}
