// The suites of `npm test`. Lane `cargo` holds what compiles natively, lane `web` the package and what uses it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ensureBrowser, writeWebdriverJson } from "./browser.mjs";
import { ensureEngine } from "./browsers.mjs";
import { filesOf, runIn, totalsOf } from "./browser-runs.mjs";
import { ensureNpm, npmBin } from "./npm.mjs";
import { ROOT } from "./paths.mjs";
import { run, Sentence } from "./run.mjs";
import { cargo, cargoNote, ensureRust, mustCargo } from "./rust.mjs";
import { ensureRedis } from "./redis.mjs";
import { runServer } from "./s3-servers.mjs";
import { ensureWasmPack } from "./tools.mjs";
import { cargoTotals, nodeTotals } from "./totals.mjs";
import { buildModules, MODULES } from "./wasm.mjs";
import { serverOf } from "../../tests/s3-servers/servers/index.mjs";

const GO_SERVERS = ["minio", "versitygw"];

let browser;

export const SUITES = [
  setup("rust", "Set-up: Rust toolchain", "cargo", [], ensureRust),
  setup("packages", "Set-up: npm packages", "web", [], ensureNpm),
  setup("redis", "Set-up: Redis, where it can be installed", "cargo", [], ensureRedis),
  setup("browser", "Set-up: browser and driver", "web", [], async (note) => {
    browser = await ensureBrowser(note);
    process.env.CHROME = browser.browser;
  }),
  check("fmt", "rustfmt", ["rust"], ["fmt", "--all", "--check"]),
  check("clippy", "clippy", ["rust"], ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
  ...MODULES.map((module) =>
    check(`clippy-${module}`, `clippy, wasm module ${module}`, ["rust"], [
      "clippy", "--lib", "--target", "wasm32-unknown-unknown", "--no-default-features", "--features", module, "--", "-D", "warnings",
    ]),
  ),
  check("doc", "rustdoc", ["rust"], ["doc", "--workspace", "--no-deps", "--document-private-items"], { RUSTDOCFLAGS: "-D warnings" }),
  suite("native", "Native tests", "cargo", ["rust", "redis"], async (note) => {
    const { code, output } = await cargo(["test", "--workspace", "--no-fail-fast"], { note });
    return counted(code, withoutBuilding(output), cargoTotals(output));
  }),
  suite("simulation", "Simulation of the engine", "cargo", ["rust"], async (note) => {
    const { code, output } = await cargo(["test", "--profile", "simulation", "--test", "upload_simulation"], { note, env: { SEALIFT_SEEDS: "100000" } });
    return counted(code, withoutBuilding(output), cargoTotals(output));
  }),
  setup("server", "Set-up: server", "cargo", ["rust"], (note) => mustCargo(["build", "-p", "sealift-server", "-p", "sealift-dev-s3"], { note })),
  setup("tools", "Set-up: wasm-bindgen and wasm-pack", "web", ["rust"], ensureWasmPack),
  setup("build", "Package: wasm-pack and wasm-opt", "web", ["rust", "packages", "tools"], buildModules),
  suite("types", "tsc on the facade and its types", "web", ["packages"], async () => {
    const { code, output } = await run(process.execPath, [npmBin("tsc"), "-p", "tsconfig.json"], { cwd: ROOT });
    return once(code, output);
  }),
  suite("www", "Tests of the demo page", "web", [], (note) => nodeTests(note, "tests/www")),
  suite("node", "Node tests", "web", ["packages", "build"], (note) => nodeTests(note, "tests/node")),
  suite("packaging", "Packaging tests", "web", ["packages", "build"], (note) => nodeTests(note, "tests/packaging")),
  suite("bundlers", "Packed, in other people's tools", "web", ["server", "build", "browser"], (note) => nodeTests(note, "tests/packaging/bundlers")),
  suite("wasm", "wasm tests in Chromium", "web", ["rust", "tools", "browser"], wasmTests),
  suite("protocol", "Protocol tests, of both back ends", "web", ["server", "build"], (note) => nodeTests(note, "tests/protocol")),
  suite("element", "Tests of the element, in Chromium", "web", ["server", "build", "browser"], (note) => nodeTests(note, "tests/element")),
  suite("e2e", "End-to-end tests", "web", ["server", "build", "browser"], (note) => nodeTests(note, "tests/e2e")),
  suite("browsers", "A core selection in Firefox and WebKitGTK", "web", ["server", "build", "browser"], otherBrowsers),
  // In a lane of its own: Go builds for minutes, politely, while all else is tested.
  setup("go-servers", "Set-up: MinIO and VersityGW, where Go is", "go", [], async (note) => {
    for (const server of GO_SERVERS.map(serverOf)) await (server.missing() ? undefined : server.install(note));
  }),
  suite("s3-servers", "Real S3 servers", "web", ["server", "build", "browser", "go-servers"], serverTests),
];

/** The server of this project, and those that can be had; the others are run by name (`npm run test:s3`). */
async function serverTests(note) {
  const outcomes = [];
  const leftOut = [];
  for (const server of ["dev-s3", ...GO_SERVERS].map(serverOf)) {
    const missing = server.missing();
    if (missing) leftOut.push(`${server.title} left out: ${missing}.`);
    else outcomes.push(await runServer(server.id, { note }));
  }
  const total = (key) => outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  const code = outcomes.some((outcome) => outcome.code !== 0) ? 1 : 0;
  const output = [...outcomes.map((outcome) => outcome.output), ...leftOut].join("\n");
  return counted(code, output, { passed: total("passed"), failed: total("failed"), skipped: total("skipped") + leftOut.length });
}

/** What runs in Chromium with everything else, in the others where they can be had; all of it by `npm run test:browsers`. */
async function otherBrowsers(note) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  let output = "";
  for (const engine of /** @type {const} */ (["firefox", "webkit"])) {
    const missing = await ensureEngine(engine, note);
    if (missing) {
      totals.skipped += 1;
      output += `Left out: ${missing}\n`;
      continue;
    }
    const ran = await runIn(engine, filesOf({ core: true }), note);
    const found = totalsOf(ran.results);
    for (const name of Object.keys(totals)) totals[name] += found[name];
    output += ran.output;
  }
  // Where neither can be had, nothing has failed.
  return { ok: totals.failed === 0, ...totals, output };
}

/** The wasm-bindgen tests: those of `tests/` that name the macro, in the browser, through wasm-pack. */
async function wasmTests(note) {
  const folder = path.join(ROOT, "tests");
  const tests = readdirSync(folder).filter((name) => name.endsWith(".rs") && readFileSync(path.join(folder, name), "utf8").includes("wasm_bindgen_test"));
  if (tests.length === 0) return { ok: false, passed: 0, failed: 1, skipped: 0, output: "There is no wasm test in tests/." };
  if (!browser.driver) throw new Sentence("No chromedriver of the browser's version: install it (Debian: chromium-driver) or name one in CHROMEDRIVER.");
  const { code, output } = await run(
    "wasm-pack",
    [
      "test", "--headless", "--chrome", "--chromedriver", browser.driver, "--mode", "no-install", ".",
      "--features", MODULES.join(","), ...tests.flatMap((name) => ["--test", path.basename(name, ".rs")]),
    ],
    {
      cwd: ROOT,
      onLine: cargoNote(note),
      env: {
        CARGO_TERM_COLOR: "never",
        // As what browsers load; tests/node/digests.test.mjs runs the module without SIMD.
        RUSTFLAGS: `${process.env.RUSTFLAGS ?? ""} -Ctarget-feature=+simd128`.trim(),
        WASM_BINDGEN_TEST_WEBDRIVER_JSON: writeWebdriverJson(browser.browser),
        WASM_BINDGEN_TEST_TIMEOUT: "300",
      },
    },
  );
  return counted(code, withoutBuilding(output), cargoTotals(output));
}

async function nodeTests(note, folder) {
  const files = existsSync(path.join(ROOT, folder)) ? readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith(".test.mjs")).map((name) => path.join(folder, name)) : [];
  if (files.length === 0) throw new Sentence(`${folder} holds no *.test.mjs.`);
  const { code, output } = await run(process.execPath, ["--test", "--test-reporter=spec", "--test-concurrency=1", ...files], { cwd: ROOT, onLine: note });
  return counted(code, output, nodeTotals(output));
}

function suite(id, title, lane, needs, work) {
  return { id, title, lane, needs, run: work };
}

/** Set-up that fails is one failure; set-up that succeeds is no test. */
function setup(id, title, lane, needs, work) {
  return suite(id, title, lane, needs, async (note) => {
    await work(note);
    return { ok: true, passed: 0, failed: 0, skipped: 0 };
  });
}

/** A cargo command that has nothing to say when all is well. */
function check(id, title, needs, args, env) {
  return suite(id, title, "cargo", needs, async (note) => {
    const { code, output } = await cargo(args, { note, env });
    return once(code, output);
  });
}

/** What cargo says while it builds is shown live; afterwards only tests, warnings and errors matter. */
function withoutBuilding(output) {
  return output.split("\n").filter((line) => !/^ +(Compiling|Checking|Downloading|Downloaded|Updating|Locking|Adding|Blocking) /.test(line)).join("\n");
}

function once(code, output) {
  return code === 0 ? { ok: true, passed: 1, failed: 0, skipped: 0 } : { ok: false, passed: 0, failed: 1, skipped: 0, output };
}

/** A runner that exits with an error without a failed test (it did not compile, say) has failed once. */
function counted(code, output, totals) {
  const failed = Math.max(totals.failed, code === 0 ? 0 : 1);
  const ok = failed === 0 && totals.passed > 0;
  return { ok, ...totals, failed: ok ? 0 : Math.max(failed, 1), output };
}
