// wasm-bindgen-cli and wasm-pack: taken where the right versions are, else a prebuilt one, else compiled once.
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { withLock } from "./lock.mjs";
import { lockedVersion, ROOT, TOOLS } from "./paths.mjs";
import { ask, isProgram, must, prependPath, which } from "./run.mjs";
import { cargoNote } from "./rust.mjs";

const exe = process.platform === "win32" ? ".exe" : "";

/** The tool's version must equal the crate's: the two speak a format that changes with every release. */
const WASM_BINDGEN = {
  crate: "wasm-bindgen-cli",
  version: lockedVersion("wasm-bindgen"),
  programs: ["wasm-bindgen", "wasm-bindgen-test-runner"],
  releases: "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/VERSION/wasm-bindgen-VERSION-TARGET.tar.gz",
};
const WASM_PACK = {
  crate: "wasm-pack",
  version: "0.15.1",
  programs: ["wasm-pack"],
  releases: "https://github.com/wasm-bindgen/wasm-pack/releases/download/vVERSION/wasm-pack-vVERSION-TARGET.tar.gz",
};

/** Where tools are compiled; kept between the two, which share most of what they are made of. */
const BUILD = path.join(TOOLS, "build");
const LOCK = path.join(TOOLS, ".lock");

/** Puts wasm-bindgen on PATH. */
export const ensureWasmBindgen = (note) => ensure(WASM_BINDGEN, note);

/** Puts wasm-bindgen and wasm-pack on PATH: wasm-pack starts the former. */
export async function ensureWasmPack(note) {
  await ensure(WASM_BINDGEN, note);
  await ensure(WASM_PACK, note);
  // What both were compiled from: hundreds of megabytes that nothing needs any more.
  if (existsSync(BUILD)) await withLock(LOCK, () => rmSync(BUILD, { recursive: true, force: true }));
}

async function ensure(tool, note = () => {}) {
  const found = find(tool) ?? (await withLock(LOCK, () => install(tool, note), {
    onWait: (owner) => note(`waits for process ${owner}, which installs tools`),
  }));
  prependPath(found);
}

/** The folder that holds the tool's programs, all of the right version. */
function find(tool) {
  const onPath = which(tool.programs[0]);
  const folders = [...(onPath ? [path.dirname(onPath)] : []), cached(tool)];
  return folders.find((folder) => tool.programs.every((name) => isRight(path.join(folder, name + exe), tool.version)));
}

const cached = (tool) => path.join(TOOLS, `${tool.crate}-${tool.version}`, "bin");

function isRight(program, version) {
  return isProgram(program) && (ask(program, ["--version"]) ?? "").split(/\s+/).includes(version);
}

async function install(tool, note) {
  // Whoever held the lock before may have installed it.
  const found = find(tool);
  if (found) return found;
  const place = path.dirname(cached(tool));
  const staging = `${place}.partial`;
  for (const way of [takePrebuilt, compile]) {
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(path.join(staging, "bin"), { recursive: true });
    if (!(await way(tool, staging, note))) continue;
    rmSync(place, { recursive: true, force: true });
    renameSync(staging, place);
    return cached(tool);
  }
  throw new Error(`${tool.crate} ${tool.version} could not be installed`);
}

/** A release's archive, when it can be reached within seconds and holds programs that run here. */
async function takePrebuilt(tool, staging, note) {
  const target = prebuiltTarget();
  if (!target) return false;
  const url = tool.releases.replaceAll("VERSION", tool.version).replaceAll("TARGET", target);
  const archive = path.join(staging, "archive.tar.gz");
  try {
    note(`looks for a prebuilt ${tool.crate} ${tool.version}`);
    await download(url, archive);
    await must("tar", ["-xzf", archive, "-C", staging]);
    rmSync(archive);
    const unpacked = readdirSync(staging).map((name) => path.join(staging, name)).find((folder) => existsSync(path.join(folder, tool.programs[0] + exe)));
    for (const name of tool.programs) renameSync(path.join(unpacked, name + exe), path.join(staging, "bin", name + exe));
  } catch {
    return false;
  }
  return tool.programs.every((name) => isRight(path.join(staging, "bin", name + exe), tool.version));
}

/** Five seconds to answer, two minutes to arrive: compiling takes about as long. */
async function download(url, file) {
  const connecting = new AbortController();
  const timer = setTimeout(() => connecting.abort(), 5_000);
  const response = await fetch(url, { signal: AbortSignal.any([connecting.signal, AbortSignal.timeout(120_000)]) });
  clearTimeout(timer);
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

function prebuiltTarget() {
  const cpu = { x64: "x86_64", arm64: "aarch64" }[process.arch];
  const system = { linux: "unknown-linux-musl", darwin: "apple-darwin", win32: "pc-windows-msvc" }[process.platform];
  return cpu && system ? `${cpu}-${system}` : undefined;
}

/**
 * Compiled without optimisation: three times as fast to build, and the modules it works on are small. Without
 * `--locked`: a lock file of the tool may name versions that a mirror does not have yet.
 */
async function compile(tool, staging, note) {
  note(`compiles ${tool.crate} ${tool.version}`);
  await must("cargo", ["install", tool.crate, "--version", tool.version, "--debug", "--root", staging, "--no-track"], {
    cwd: ROOT,
    onLine: cargoNote((text) => note(`${tool.crate}: ${text}`)),
    env: { CARGO_TARGET_DIR: BUILD, CARGO_PROFILE_DEV_DEBUG: "0", CARGO_TERM_COLOR: "never", RUSTFLAGS: undefined },
  });
  return tool.programs.every((name) => isRight(path.join(staging, "bin", name + exe), tool.version));
}
