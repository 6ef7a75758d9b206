// The Rust toolchain that rust-toolchain.toml names, with its components and targets.
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./paths.mjs";
import { ask, must, run, Sentence, which } from "./run.mjs";

/** Makes sure that cargo here is the pinned one and can build for wasm. */
export async function ensureRust(note = () => {}) {
  const wanted = pinned();
  if (!which("cargo")) {
    throw new Sentence("Rust is missing: install rustup (rustup.rs), open a new shell and run this again.");
  }
  if (process.platform !== "win32" && !["cc", "gcc", "clang"].some(which)) {
    throw new Sentence(
      "A C linker is missing, which Rust needs: install one (Debian: apt-get install build-essential; macOS: xcode-select --install).",
    );
  }
  if (!which("rustup")) return checkWithoutRustup(wanted);
  if (!isInstalled(wanted)) {
    note(`rustup installs Rust ${wanted.channel}`);
    await must(
      "rustup",
      ["toolchain", "install", wanted.channel, "--profile", "minimal", "--no-self-update", ...flags(wanted)],
      { cwd: ROOT, onLine: note },
    );
  }
}

/** The few words of a cargo line that a person wants to see while waiting. */
export function cargoNote(note) {
  return (line) => {
    const found = line.match(/^\s*(Compiling|Checking|Documenting|Building|Downloading|Downloaded|Installing|Running|Blocking) .*/);
    if (found) note(found[0].trim().replace(/ \(.*/, ""));
  };
}

/** Cargo with plain output, in the repository. */
export function cargo(args, { note = () => {}, env } = {}) {
  return run("cargo", args, { cwd: ROOT, onLine: cargoNote(note), env: { CARGO_TERM_COLOR: "never", ...env } });
}

/** As `cargo`, but throws when it fails. */
export function mustCargo(args, { note = () => {}, env } = {}) {
  return must("cargo", args, { cwd: ROOT, onLine: cargoNote(note), env: { CARGO_TERM_COLOR: "never", ...env } });
}

function pinned() {
  const text = readFileSync(path.join(ROOT, "rust-toolchain.toml"), "utf8");
  const list = (key) => [...(text.match(new RegExp(`^${key} = \\[(.*)\\]`, "m"))?.[1] ?? "").matchAll(/"([^"]+)"/g)].map((m) => m[1]);
  return { channel: text.match(/^channel = "([^"]+)"/m)[1], components: list("components"), targets: list("targets") };
}

function flags({ components, targets }) {
  return [...components.flatMap((name) => ["--component", name]), ...targets.flatMap((name) => ["--target", name])];
}

function isInstalled({ channel, components, targets }) {
  const options = { cwd: ROOT };
  if (!ask("rustup", ["run", channel, "rustc", "--version"], options)) return false;
  const have = (what) => (ask("rustup", [what, "list", "--installed", "--toolchain", channel], options) ?? "").split("\n");
  const haveComponents = have("component");
  const haveTargets = have("target");
  return (
    components.every((name) => haveComponents.some((line) => line.startsWith(name))) &&
    targets.every((name) => haveTargets.includes(name))
  );
}

/** A distribution's own Rust will do when it is new enough and has the wasm target. */
function checkWithoutRustup({ channel, targets }) {
  const missing = targets.filter((name) => !ask("rustc", ["--print", "target-libdir", "--target", name], { cwd: ROOT }));
  const version = ask("rustc", ["--version"], { cwd: ROOT }) ?? "no rustc";
  if (missing.length > 0 || !version.includes(channel)) {
    throw new Sentence(
      `rustup is missing and the Rust here (${version}) may not be ${channel} with ${targets.join(", ")}: install rustup (rustup.rs) and run this again.`,
    );
  }
}
