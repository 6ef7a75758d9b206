// A project of `projects/`, its own dependencies installed as its lock file says, and this package as it is packed.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, STATE } from "../../../../scripts/lib/paths.mjs";
import { must, run } from "../../../../scripts/lib/run.mjs";

const PACKAGING = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const PROJECTS = path.join(PACKAGING, "projects");
/** What every project's page does, unless the project has its own. */
const SHARED = path.join(PROJECTS, "shared");
const FOLDER = path.join(STATE, "bundlers");
const NPM = process.platform === "win32" ? "npm.cmd" : "npm";
/** What npm says where it cannot reach its registry. */
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

/** That a project's dependencies cannot be had here. */
export class Unreachable extends Error {}

/**
 * The folder of a project with everything installed, in which only this test runs.
 * @param {string} name
 * @throws {Unreachable} without the network, and without what an earlier run installed
 */
export async function openProject(name) {
  const source = path.join(PROJECTS, name);
  const folder = await withDependencies(source, path.join(FOLDER, name));
  cpSync(SHARED, folder, { recursive: true });
  cpSync(source, folder, { recursive: true });
  for (const made of ["dist", "public/assets", ".next", "node_modules/.vite"]) rmSync(path.join(folder, made), { recursive: true, force: true });
  await installPackage(folder);
  return folder;
}

/** The folder of `tests/packaging/tools`: what judges the package from outside. */
export const openTools = () => withDependencies(path.join(PACKAGING, "tools"), path.join(FOLDER, "tools"));

async function withDependencies(source, folder) {
  mkdirSync(folder, { recursive: true });
  const lock = path.join(source, "package-lock.json");
  if (!existsSync(lock)) return folder;
  const wanted = createHash("sha256").update(readFileSync(lock)).digest("hex");
  const stamp = path.join(folder, ".installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(path.join(source, file), path.join(folder, file));
  const { code, output } = await run(NPM, ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], { cwd: folder });
  if (code !== 0) {
    const message = `${path.basename(source)}: its dependencies cannot be installed`;
    if (UNREACHABLE.test(output)) throw new Unreachable(`${message}, for npm does not reach its registry`);
    throw new Error(`${message}:\n${output}`);
  }
  writeFileSync(stamp, wanted);
  return folder;
}

/** As npm does with a tarball: unpacked below node_modules. The package has no dependencies. */
async function installPackage(folder) {
  const target = path.join(folder, "node_modules", "sealift");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  await must("tar", ["-xzf", await tarball(), "-C", target, "--strip-components=1"]);
}

let packing;

/** The path of what `npm pack` makes of this clone, once for a test file. */
export function tarball() {
  packing ??= pack();
  return packing;
}

async function pack() {
  mkdirSync(FOLDER, { recursive: true });
  const work = mkdtempSync(path.join(FOLDER, "packed-"));
  process.once("exit", () => rmSync(work, { recursive: true, force: true }));
  const output = await must(NPM, ["pack", "--json", "--silent", "--pack-destination", work], { cwd: ROOT });
  return path.join(work, JSON.parse(output.slice(output.indexOf("[")))[0].filename);
}
