// The scripts that set up, run and total everything else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { withLock } from "../../scripts/lib/lock.mjs";
import { lockedVersion } from "../../scripts/lib/paths.mjs";
import { must, run, Sentence } from "../../scripts/lib/run.mjs";
import { runSuites } from "../../scripts/lib/suites.mjs";
import { cargoTotals, nodeTotals } from "../../scripts/lib/totals.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "sealift-scripts-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("totals are read from every block that cargo prints", () => {
  const output = [
    "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
    "test result: FAILED. 2 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
    'a test that prints "test result: ok. 9 passed; 0 failed; 0 ignored" in mid-line',
  ].join("\n");
  assert.deepEqual(cargoTotals(output), { passed: 6, failed: 3, skipped: 1 });
});

test("totals are read from node's test runner", () => {
  const file = path.join(folder, "sample.test.mjs");
  writeFileSync(file, 'import { test } from "node:test"; test("a", () => {}); test("b", () => { throw new Error("no"); }); test.skip("c", () => {});');
  const { stdout } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", file], { encoding: "utf8", env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
  assert.deepEqual(nodeTotals(stdout), { passed: 1, failed: 1, skipped: 1 });
});

test("a lock has one holder at a time", async () => {
  const file = path.join(folder, "lock");
  let holders = 0;
  const seen = [];
  await Promise.all(
    [1, 2, 3].map(() =>
      withLock(file, async () => {
        holders += 1;
        seen.push(holders);
        await new Promise((resolve) => setTimeout(resolve, 5));
        holders -= 1;
      }),
    ),
  );
  assert.deepEqual(seen, [1, 1, 1]);
  assert.ok(!existsSync(file));
});

test("a lock whose holder died is taken over", async () => {
  const file = path.join(folder, "stale");
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(file, String(pid));
  assert.equal(await withLock(file, () => "mine"), "mine");
});

/** Suites of a test are not to be seen among the real ones. */
const unseen = { say: () => {}, step: (title, work) => work(() => {}) };

test("a failed need keeps a suite from running and counts it as failed; the others go on", async () => {
  const done = { ok: true, passed: 2, failed: 0, skipped: 1 };
  const suite = (id, lane, needs, work) => ({ id, title: `suite ${id}`, lane, needs, run: work });
  let ran = 0;
  const results = await runSuites([
    suite("set-up", "a", [], async () => {
      throw new Sentence("no network");
    }),
    suite("blocked", "b", ["set-up"], async () => (ran += 1)),
    suite("free", "a", [], async () => done),
  ], undefined, unseen);
  assert.deepEqual(results.map(({ ok, passed, failed, skipped }) => [ok, passed, failed, skipped]), [[false, 0, 1, 0], [false, 0, 1, 0], [true, 2, 0, 1]]);
  assert.equal(ran, 0);
});

test("one suite runs alone with what it needs, and nothing else", async () => {
  const ran = [];
  const suite = (id, needs) => ({ id, title: `suite ${id}`, lane: "a", needs, run: async () => ran.push(id) && { ok: true, passed: 1, failed: 0, skipped: 0 } });
  await runSuites([suite("x", []), suite("y", []), suite("z", ["x"])], ["z"], unseen);
  assert.deepEqual(ran, ["x", "z"]);
});

test("a program that fails or is missing is told in a sentence", async () => {
  await assert.rejects(must(process.execPath, ["-e", "console.error('the reason'); process.exit(3)"]), (error) => error instanceof Sentence && /exit code 3/.test(error.message) && /the reason/.test(error.message));
  await assert.rejects(run("sealift-no-such-program", []), Sentence);
});

test("wasm-bindgen's version is the lock file's", () => {
  assert.match(lockedVersion("wasm-bindgen"), /^\d+\.\d+\.\d+$/);
});

/** A folder with a program of that name that does nothing. */
function folderWith(program) {
  const place = mkdtempSync(path.join(folder, "bin-"));
  writeFileSync(path.join(place, program), "#!/bin/sh\n", { mode: 0o755 });
  return place;
}

for (const [label, env, sentence] of [
  ["without Rust", { PATH: path.join(folder, "empty") }, /^Rust is missing: install rustup/],
  ["without a C linker", { PATH: folderWith("cargo") }, /^A C linker is missing, which Rust needs: install one/],
  ["with a port that is none", { PORT: "http" }, /^PORT is "http", which is no port/],
]) {
  test(`npm start ${label} says in one sentence what is wrong`, () => {
    const script = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8", env: { ...process.env, ...env } });
    assert.equal(status, 1);
    const said = stderr.trim().replace(/^error: /, "");
    assert.match(said, sentence);
    assert.equal(said.split("\n").length, 1);
  });
}

test("npm test without a browser says in one sentence what to install", () => {
  const script = fileURLToPath(new URL("../../scripts/test.mjs", import.meta.url));
  const test = (env) => spawnSync(process.execPath, [script, "--only", "browser"], { encoding: "utf8", env: { ...process.env, ...env } });
  const named = test({ CHROME: path.join(folder, "no-such-browser") });
  assert.equal(named.status, 1);
  assert.match(named.stdout, /^CHROME names .*no-such-browser, which is no program\.$/m);
  // A Mac's browsers lie where PATH does not matter.
  if (process.platform === "darwin") return;
  const missing = test({ CHROME: "", PATH: path.join(folder, "empty") });
  assert.equal(missing.status, 1);
  assert.match(missing.stdout, /^No browser for the tests: install Chromium or Chrome .*\.$/m);
});

test("npm run test:s3 says what is missing, and ends with 2", () => {
  const script = fileURLToPath(new URL("../../scripts/test-s3.mjs", import.meta.url));
  const run = (args, env) => spawnSync(process.execPath, [script, ...args], { encoding: "utf8", env: { ...process.env, ...env } });
  const bare = { PATH: path.join(folder, "empty"), SEALIFT_TOOLS: path.join(folder, "no-tools") };
  for (const [name, sentence] of [["minio", /^error: Go is missing, which builds minio: install it/], ["radosgw", /^error: Ceph is missing: install radosgw/]]) {
    const { status, stderr } = run([name], bare);
    assert.equal(status, 2, stderr);
    assert.match(stderr, sentence);
  }
  const unknown = run(["another"], {});
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /No server is called another: there are dev-s3, minio/);
});
