// The npm packages of the lock file, installed when they are missing or no longer what it says.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./paths.mjs";
import { must } from "./run.mjs";

const MODULES = path.join(ROOT, "node_modules");
const STAMP = path.join(MODULES, ".sealift-lock");

function npmIsFresh() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === lockHash();
}

export async function ensureNpm(note = () => {}) {
  if (npmIsFresh()) return;
  await must(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"], { cwd: ROOT, onLine: note });
  writeFileSync(STAMP, lockHash());
}

/** A program that a package brings. */
export function npmBin(name) {
  return path.join(MODULES, ".bin", name);
}

function lockHash() {
  return createHash("sha256").update(readFileSync(path.join(ROOT, "package-lock.json"))).digest("hex");
}
