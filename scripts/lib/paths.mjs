// Where things are: the repository, its build outputs, the cache of tools.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Cargo's output; the scripts' own stamps and logs live in its `sealift` folder. */
export const TARGET = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");
export const STATE = path.join(TARGET, "sealift");

/** The wasm modules as the page loads them. */
export const PKG = path.join(ROOT, "pkg");

/** Tools that no package of the project brings: kept outside the clone, so that every clone shares them. */
export const TOOLS = process.env.SEALIFT_TOOLS ?? path.join(cacheFolder(), "sealift", "tools");

function cacheFolder() {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  return path.join(homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache");
}

/** The version of a crate that Cargo.lock pins. */
export function lockedVersion(crate) {
  const lock = readFileSync(path.join(ROOT, "Cargo.lock"), "utf8");
  const found = lock.match(new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`));
  if (!found) throw new Error(`Cargo.lock does not name ${crate}`);
  return found[1];
}
