// What was measured, where and when: a figure without it says little.
import { execFileSync } from "node:child_process";
import { arch, cpus, loadavg, platform, totalmem } from "node:os";
import { launch } from "./cdp.mjs";
import { peerVersions } from "./bundles.mjs";

/** @param {{ browser: string, server?: string, peers?: Record<string, string> }} place */
export async function describe({ browser, server, peers = peerVersions() }) {
  const { product, close } = await launch(browser);
  await close();
  const [{ model }] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${arch()}`,
    load: loadavg()[0].toFixed(1),
    browser: product,
    node: process.versions.node,
    commit: commit(),
    server,
    peers,
  };
}

function commit() {
  try {
    const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "--untracked-files=no") ? " and changes" : "");
  } catch {
    return undefined;
  }
}
