// `npm run mutations`: whether the simulation finds mistakes. Each of tests/upload_simulation/mutations.mjs is made in a
// copy of the sources and must make it fail; `npm run mutations -- abort` makes those only that name the word.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { MUTATIONS } from "../tests/upload_simulation/mutations.mjs";
import { ROOT } from "./lib/paths.mjs";
import { run, Sentence } from "./lib/run.mjs";
import { ensureRust } from "./lib/rust.mjs";
import { bold, elapsed, green, main, red, say } from "./lib/steps.mjs";

const FOLDER = path.join(ROOT, "target", "mutations");
const COPY = path.join(FOLDER, "copy");
/** Worlds that a mistake must show itself in. The engine without one is run through the same. */
const SEEDS = "20000";
/** A mistake that makes it loop ends when it took so many times what the sound engine takes. */
const PATIENCE = 4;
/** In KiB: looping takes memory too. */
const MOST_MEMORY = 4 << 20;

await main(async () => {
  const start = Date.now();
  const word = process.argv[2];
  const chosen = MUTATIONS.filter(({ property }) => !word || property.includes(word));
  if (chosen.length === 0) throw new Sentence(`No mutation names ${word}.`);
  await ensureRust();
  copySources();
  const sound = await simulate();
  if (sound.code !== 0) throw new Sentence(`The simulation fails without a mutation:\n${sound.output.slice(-3000)}`);
  const seconds = Math.ceil(sound.seconds * PATIENCE) + 10;
  say(`  ${green("sound")}   ${SEEDS} worlds; each mutation has ${seconds} s of processor time`);
  const survivors = [];
  for (const mutation of chosen) {
    const outcome = await attempt(mutation, seconds);
    if (!outcome.caught) survivors.push(mutation.property);
    say(`  ${outcome.caught ? green("caught") : red("NOT CAUGHT")}  ${mutation.property.padEnd(88)} ${outcome.how}`);
  }
  say(`\n${bold(`${chosen.length - survivors.length} of ${chosen.length} caught`)} (${elapsed(start)})`);
  if (survivors.length > 0) throw new Sentence(`The simulation does not find: ${survivors.join("; ")}.`);
});

/** One mistake, and what became of it. */
async function attempt({ find, replace }, seconds) {
  const pattern = new RegExp(find.trim().split(/\s+/).map(escaped).join("\\s+"), "g");
  const places = sources(path.join(COPY, "src"))
    .map((file) => ({ file, text: readFileSync(file, "utf8") }))
    .flatMap(({ file, text }) => [...text.matchAll(pattern)].map((match) => ({ file, text, match })));
  if (places.length !== 1) return { caught: false, how: `stands ${places.length} times in src/: it no longer applies` };
  const [{ file, text, match }] = places;
  writeFileSync(file, text.slice(0, match.index) + replace + text.slice(match.index + match[0].length));
  try {
    const { code, output, builds } = await simulate(seconds);
    if (!builds) return { caught: false, how: `does not compile:\n${output.slice(-1500)}` };
    // The shell tells by which signal it ended: out of time, or of memory.
    if (code > 128) return { caught: true, how: "hangs" };
    return { caught: code !== 0, how: code === 0 ? "" : firstFailure(output) };
  } finally {
    writeFileSync(file, text);
  }
}

/** Builds what is in the copy and runs it, for at most so many seconds of processor time. */
async function simulate(mostSeconds = "unlimited") {
  const env = {
    CARGO_INCREMENTAL: "1",
    CARGO_TARGET_DIR: path.join(FOLDER, "target"),
    CARGO_TERM_COLOR: "never",
    CARGO_PROFILE_SIMULATION_OPT_LEVEL: "1",
    RUST_BACKTRACE: "0",
    RUSTFLAGS: "-A warnings",
    SEALIFT_SEEDS: SEEDS,
  };
  const build = ["test", "--offline", "--no-default-features", "--profile", "simulation", "--test", "upload_simulation", "--no-run"];
  const built = await run("cargo", build, { cwd: COPY, env });
  const program = built.output.match(/^ *Executable .*\((.*)\)$/m)?.[1];
  if (built.code !== 0 || !program) return { ...built, builds: false, seconds: 0 };
  // By processor time: how busy the machine is says nothing of a mistake.
  const limited = `ulimit -t ${mostSeconds}; ulimit -v ${MOST_MEMORY}; exec "$0"`;
  const outcome = await run("sh", ["-c", `(${limited}); code=$?; times; exit $code`, path.resolve(COPY, program)], { cwd: COPY, env });
  return { ...outcome, builds: true, seconds: spent(outcome.output) };
}

/** What `times` says last: the user's and the system's seconds of what was run. */
function spent(output) {
  const [, minutes, seconds, more, rest] = output.match(/(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/) ?? [];
  return minutes === undefined ? Infinity : 60 * (Number(minutes) + Number(more)) + Number(seconds) + Number(rest);
}

/** What the simulation said first, in a line. */
function firstFailure(output) {
  const said = output.match(/panicked at [^\n]*:\n([^\n]*)/)?.[1] ?? "";
  return said.length > 90 ? `${said.slice(0, 90)}…` : said;
}

/** The crate alone, without the rest of the workspace. */
function copySources() {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(path.join(COPY, "tests"), { recursive: true });
  const folders = ["src", path.join("tests", "upload_simulation")];
  for (const name of [...folders, "Cargo.lock", "rust-toolchain.toml", "README.md"]) {
    cpSync(path.join(ROOT, name), path.join(COPY, name), { recursive: true });
  }
  const manifest = readFileSync(path.join(ROOT, "Cargo.toml"), "utf8");
  writeFileSync(path.join(COPY, "Cargo.toml"), manifest.replace(/^members = .*$/m, "members = []"));
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".rs"))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
