// The wasm modules of the package, built two ways into the same files:
// fast (cargo and wasm-bindgen, for `npm start`) and full (wasm-pack and wasm-opt, for what is published).
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { trimGlue } from "./glue.mjs";
import { writeInline } from "./inline.mjs";
import { shortenNames } from "./names.mjs";
import { npmBin } from "./npm.mjs";
import { orderFunctions } from "./order.mjs";
import { silencePanics } from "./panics.mjs";
import { lockedVersion, PKG, ROOT, STATE, TARGET } from "./paths.mjs";
import { must } from "./run.mjs";
import { cargoNote, mustCargo } from "./rust.mjs";

/** Each module is the crate with one feature: a page loads only what it uses. */
export const MODULES = ["uploader", "sums", "signing", "hash", "server"];

/** What speaks plain numbers: without glue. */
const BARE = "sums";

/**
 * What is built: each module, and the hash once more without SIMD, for engines that have none (they load it in place of the
 * sums, too). Both have the same glue; js/hash-address.js chooses.
 */
const SCALAR = "hash-scalar";
const BUILDS = [...MODULES, SCALAR];

/** Those that the demo page loads: all that `npm start` waits for. */
const DEMO_MODULES = ["uploader", "sums", "hash"];

/** How cargo builds each: the engine for its size, what computes for its speed (the hash would not even be smaller). */
const PROFILES = { uploader: "small", sums: "hash", signing: "release", hash: "hash", server: "release", [SCALAR]: "hash" };

/**
 * And how wasm-opt works on each. For the uploader (what each gains after brotli is in ADR 6): functions that stay apart
 * compress better than long ones; nothing lies below address 1024, where the stack would end; code that was flattened
 * first comes out smaller.
 */
const OPTIMISATIONS = {
  uploader: [
    "--one-caller-inline-max-function-size=20", "--always-inline-max-function-size=6", "--low-memory-unused",
    "-Oz", "--flatten", "--rereloop", "-Oz", "-Oz", "--coalesce-locals-learning", "--reorder-locals", "--vacuum",
  ],
  sums: ["-O3", "-O2"],
  signing: ["-O3"],
  hash: ["-O3", "-O2"],
  server: ["-O3"],
  [SCALAR]: ["-O3", "-O2"],
};

/**
 * For the same reason LLVM leaves functions with much on their stack apart where size is what counts; and behind a stack
 * of 128 KiB instead of 1 MiB, addresses of data are a byte shorter. (Nothing in the engine recurses.)
 */
const FLAGS = {
  uploader: ["-Cllvm-args=-inline-max-stacksize=64", "-Clink-arg=-zstack-size=131072"],
  sums: ["-Ctarget-feature=+simd128", "-Clink-arg=-zstack-size=65536"],
  signing: [],
  server: [],
  hash: ["-Ctarget-feature=+simd128"],
  [SCALAR]: [],
};

/**
 * Those that every page loads: the words of their panics, which nobody can read, weigh 2 to 5 KB each, the long names of
 * imports and exports 3 KB together.
 */
const TERSE = new Set(["uploader", "sums", "hash", SCALAR]);

/** What browsers since 2023 run, named one by one: what rustc emits, and nothing that engines lack. */
const WASM_FEATURES = [
  "--enable-bulk-memory",
  "--enable-mutable-globals",
  "--enable-multivalue",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];
const wasmFeatures = (build) => [...WASM_FEATURES, ...(build === "hash" || build === "sums" ? ["--enable-simd"] : [])];

/** The module that a build is one of. */
const moduleOf = (build) => (build === SCALAR ? "hash" : build);

const cargoArgs = (build) => [
  "--lib", "--profile", PROFILES[build], "--target", "wasm32-unknown-unknown", "--no-default-features", "--features", moduleOf(build),
];

/**
 * Nothing of the builder's machine in the modules: panics name the files they are in, those of dependencies by their
 * full paths.
 */
async function cargoEnv(module) {
  // So that the folders of the registries are there.
  await mustCargo(["fetch", "--target", "wasm32-unknown-unknown"]);
  const registries = path.join(process.env.CARGO_HOME ?? path.join(homedir(), ".cargo"), "registry", "src");
  const folders = [ROOT, ...(existsSync(registries) ? readdirSync(registries).map((name) => path.join(registries, name)) : [])];
  const flags = (process.env.RUSTFLAGS ?? "").split(" ").filter(Boolean);
  flags.push(...FLAGS[module], ...folders.map((folder) => `--remap-path-prefix=${folder}${path.sep}=`));
  // Not RUSTFLAGS, which is cut at every space.
  return { CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f") };
}

function files(build) {
  const name = `sealift_${moduleOf(build)}`;
  const folder = build === SCALAR ? path.join(STATE, SCALAR) : path.join(PKG, build);
  return { folder, name, js: path.join(folder, `${name}.js`), wasm: path.join(folder, `${name}_bg.wasm`) };
}

/** Where the wasm without SIMD lies, beside that with it. */
const SCALAR_WASM = path.join(PKG, "hash", "sealift_hash_scalar_bg.wasm");

/** Compiles the demo's modules one after the other (they share cargo's folder), each kept as `STATE/MODULE.wasm`. */
export async function compileModules(note) {
  mkdirSync(STATE, { recursive: true });
  for (const module of DEMO_MODULES) {
    const env = await cargoEnv(module);
    await mustCargo(["build", ...cargoArgs(module)], { note: (text) => note(`${module}: ${text}`), env });
    keep(module);
  }
}

/** Writes the glue of every module of the demo whose wasm is not what it was last time. */
export async function bindModules(note) {
  const stamps = readStamps();
  for (const module of DEMO_MODULES) {
    const { folder, name, js, wasm } = files(module);
    const input = inputOf(module);
    if (stamps[module]?.input === input && (module === BARE || existsSync(js)) && existsSync(wasm)) continue;
    note(module);
    rmSync(folder, { recursive: true, force: true });
    if (module === BARE) placeBare();
    else await must("wasm-bindgen", ["--target", "web", "--out-dir", folder, "--out-name", name, kept(module)], { cwd: ROOT });
    stamps[module] = { input, optimised: false };
    writeStamps(stamps);
  }
}

/** Builds what is published: wasm-pack, then wasm-opt. Skips what is already there. */
export async function buildModules(note) {
  mkdirSync(STATE, { recursive: true });
  for (const build of BUILDS) {
    const env = await cargoEnv(build);
    note(`${build}: cargo`);
    await mustCargo(["build", ...cargoArgs(build)], { note: (text) => note(`${build}: ${text}`), env });
    keep(build);
    const { js, wasm } = files(build);
    const stamps = readStamps();
    const input = inputOf(build);
    if (stamps[build]?.input === input && stamps[build].optimised && (build === BARE || existsSync(js)) && existsSync(wasm)) continue;
    await packModule(build, env, note);
    writeStamps({ ...stamps, [build]: { input, optimised: true } });
  }
  placeScalar();
  await writeInline({ uploader: files("uploader").wasm, signing: files("signing").wasm, hash: files("hash").wasm, "hash-scalar": SCALAR_WASM });
}

async function packModule(build, env, note) {
  const { folder, name, js, wasm } = files(build);
  rmSync(folder, { recursive: true, force: true });
  if (build === BARE) {
    placeBare();
  } else {
    note(`${build}: wasm-pack`);
    await must(
      "wasm-pack",
      [
        "build", "--target", "web", "--no-pack", "--no-opt", "--mode", "no-install",
        "--profile", PROFILES[build], "--out-name", name, "--out-dir", path.relative(ROOT, folder), "--",
        "--no-default-features", "--features", moduleOf(build),
      ],
      { cwd: ROOT, onLine: cargoNote((text) => note(`${build}: ${text}`)), env },
    );
    // It ignores everything beside it, which would keep the module out of the npm package.
    rmSync(path.join(folder, ".gitignore"), { force: true });
  }
  note(`${build}: wasm-opt`);
  const features = wasmFeatures(build);
  if (TERSE.has(build)) writeFileSync(wasm, await silencePanics(readFileSync(wasm)));
  await must(process.execPath, [npmBin("wasm-opt"), ...OPTIMISATIONS[build], "--strip-debug", "--strip-producers", ...features, wasm, "-o", `${wasm}.opt`], { cwd: ROOT });
  renameSync(`${wasm}.opt`, wasm);
  if (TERSE.has(build)) await orderFunctions(wasm, features);
  if (TERSE.has(build) && build !== BARE) writeFileSync(js, await shortenNames(wasm, trimGlue(readFileSync(js, "utf8")), features));
}

function placeBare() {
  const { folder, wasm } = files(BARE);
  mkdirSync(folder, { recursive: true });
  copyFileSync(kept(BARE), wasm);
}

function placeScalar() {
  const [own, shared] = [files(SCALAR), files("hash")];
  if (!readFileSync(own.js).equals(readFileSync(shared.js))) throw new Error("the hash's glue is another one without SIMD");
  copyFileSync(own.wasm, SCALAR_WASM);
}

/** Bytes of each module's wasm and glue. */
export function moduleSizes() {
  return MODULES.map((module) => {
    const { js, wasm } = files(module);
    return { module, wasm: statSync(wasm).size, js: existsSync(js) ? statSync(js).size : 0 };
  });
}

const kept = (module) => path.join(STATE, `${module}.wasm`);

/** Cargo gives every feature's module the same name: copy it before the next one takes its place. */
function keep(module) {
  const built = readFileSync(path.join(TARGET, "wasm32-unknown-unknown", PROFILES[module], "sealift.wasm"));
  if (!existsSync(kept(module)) || !readFileSync(kept(module)).equals(built)) writeFileSync(kept(module), built);
}

/** What a module is made of, and by. */
const WORKERS = ["wasm", "glue", "names", "order", "panics"].map((name) => path.join(ROOT, "scripts", "lib", `${name}.mjs`));

function inputOf(module) {
  const hash = createHash("sha256").update(lockedVersion("wasm-bindgen"));
  for (const file of [kept(module), ...WORKERS]) hash.update(readFileSync(file));
  return hash.digest("hex");
}

const STAMPS = path.join(STATE, "modules.json");

function readStamps() {
  return existsSync(STAMPS) ? JSON.parse(readFileSync(STAMPS, "utf8")) : {};
}

function writeStamps(stamps) {
  writeFileSync(STAMPS, JSON.stringify(stamps, null, 2));
}
