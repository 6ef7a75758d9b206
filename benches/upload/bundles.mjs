// The contenders' scripts, with the peers that they load: those are installed on demand, into the folder of tools.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { withLock } from "../../scripts/lib/lock.mjs";
import { ROOT, TOOLS } from "../../scripts/lib/paths.mjs";
import { must } from "../../scripts/lib/run.mjs";

const HERE = path.join(ROOT, "benches/upload");

/** The folder of the peers' packages, as the lock file in `list` pins them. */
export async function ensurePeers(note = () => {}, list = path.join(HERE, "peers")) {
  const hash = createHash("sha256").update(readFileSync(path.join(list, "package-lock.json"))).digest("hex").slice(0, 12);
  const folder = path.join(TOOLS, `bench-peers-${hash}`);
  if (existsSync(folder)) return folder;
  await withLock(path.join(TOOLS, ".bench-peers-lock"), async () => {
    if (existsSync(folder)) return;
    const staging = `${folder}.partial`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    for (const name of ["package.json", "package-lock.json"]) copyFileSync(path.join(list, name), path.join(staging, name));
    await must(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: staging, onLine: note });
    renameSync(staging, folder);
  });
  return folder;
}

/** Versions by package, of those that package.json names. */
export function peerVersions(list = path.join(HERE, "peers")) {
  return JSON.parse(readFileSync(path.join(list, "package.json"), "utf8")).dependencies;
}

/**
 * @param {string[]} names of scripts in page/
 * @param {string} peers the folder of `ensurePeers`
 * @returns {Promise<Map<string, string>>} by name
 */
export async function bundle(names, peers) {
  const one = async (name) => {
    const { outputFiles } = await build({
      entryPoints: [path.join(HERE, "page/driver.mjs")],
      alias: { contender: path.join(HERE, `page/${name}.mjs`) },
      // The package is loaded as it is published; what it loads has addresses of its own.
      external: ["/js/*"],
      nodePaths: [path.join(peers, "node_modules")],
      bundle: true,
      minify: true,
      write: false,
      format: "iife",
      target: "es2022",
      platform: "browser",
      logLevel: "error",
    });
    return [name, outputFiles[0].text];
  };
  return new Map(await Promise.all(names.map(one)));
}
