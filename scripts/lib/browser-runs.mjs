// The suites of the tests that run in other browsers than Chromium too.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";

const e2e = (...names) => names.map((name) => `tests/e2e/${name}.test.mjs`);
const folder = (name) => (existsSync(path.join(ROOT, name)) ? readdirSync(path.join(ROOT, name)).filter((file) => file.endsWith(".test.mjs")).map((file) => `${name}/${file}`) : []);

/** Files by suite. `core`: what runs with all other tests; the rest by `npm run test:browsers`. */
export const filesOf = ({ core = false } = {}) =>
  core
    ? { features: folder("tests/browsers"), upload: e2e("upload", "multipart"), hashing: e2e("hashing"), resume: e2e("remember") }
    : { features: folder("tests/browsers"), upload: e2e("upload", "multipart"), resume: e2e("resume", "remember", "remember-apart"), hashing: e2e("hashing") };

const REPORTER = path.join(ROOT, "scripts/lib/lines-reporter.mjs");

/**
 * Runs suites in a browser.
 * @param {"chromium" | "firefox" | "webkit"} engine
 * @param {Record<string, string[]>} files
 */
export async function runIn(engine, files, note = () => {}) {
  const work = mkdtempSync(path.join(tmpdir(), "sealift-browsers-"));
  try {
    const features = path.join(work, "features.json");
    const suites = {};
    let output = "";
    for (const [suite, names] of Object.entries(files).filter(([, list]) => list.length > 0)) {
      const lines = path.join(work, `${suite}.jsonl`);
      const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", `--test-reporter=${REPORTER}`, `--test-reporter-destination=${lines}`];
      const { code, output: said } = await run(process.execPath, ["--test", "--test-concurrency=1", "--test-timeout=240000", ...reporters, ...names], {
        cwd: ROOT,
        onLine: (line) => note(`${suite}: ${line}`),
        env: { SEALIFT_BROWSER: engine, SEALIFT_FEATURES: features },
      });
      suites[suite] = outcomeOf(lines);
      if (code !== 0) {
        if (suites[suite].failed.length === 0) suites[suite].failed.push("the runner itself");
        output += said;
      }
    }
    const known = existsSync(features) ? JSON.parse(readFileSync(features, "utf8")) : { browser: engine, features: {} };
    return { results: { ...known, suites }, output };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function outcomeOf(file) {
  const tests = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)) : [];
  const skipped = tests.filter(({ skip }) => skip).map(({ name, skip }) => ({ name, why: String(skip) }));
  return { passed: tests.filter(({ passed, skip }) => passed && !skip).length, failed: tests.filter(({ passed }) => !passed).map(({ name }) => name), skipped };
}

/** @param {{ suites: Record<string, { passed: number, failed: string[], skipped: object[] }> }} results */
export function totalsOf({ suites }) {
  const sum = (count) => Object.values(suites).reduce((total, one) => total + count(one), 0);
  return { passed: sum(({ passed }) => passed), failed: sum(({ failed }) => failed.length), skipped: sum(({ skipped }) => skipped.length) };
}
