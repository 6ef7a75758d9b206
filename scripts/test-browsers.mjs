// `npm run test:browsers [-- --only firefox,webkit] [-- --write]`: the suites of upload, resume and hashing in
// Chromium, Firefox ESR and WebKitGTK. `--write` keeps the results and puts them into docs/browsers.md.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensureEngine } from "./lib/browsers.mjs";
import { filesOf, runIn, totalsOf } from "./lib/browser-runs.mjs";
import { ENGINES, PAGE, readResults, resultsFile, withTables } from "./lib/browser-tables.mjs";
import { Sentence } from "./lib/run.mjs";
import { bold, elapsed, main, say, step } from "./lib/steps.mjs";
import { runSuites } from "./lib/suites.mjs";
import { SUITES } from "./lib/test-suites.mjs";

await main(async () => {
  const { engines, write } = options(process.argv.slice(2));
  const made = await runSuites(SUITES, ["server", "build", "browser"]);
  if (made.some(({ ok }) => !ok)) process.exit(1);
  let failed = 0;
  const summary = [];
  for (const engine of engines) {
    const missing = engine === "chromium" ? undefined : await ensureEngine(engine);
    if (missing) {
      summary.push(`  ${engine}: left out. ${missing}`);
      continue;
    }
    const start = Date.now();
    let ran;
    await step(`Tests in ${engine}`, async (note) => (ran = await runIn(engine, filesOf(), note)));
    if (ran.output) say(ran.output);
    const totals = totalsOf(ran.results);
    failed += totals.failed;
    summary.push(`  ${ran.results.browser}: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped  ${elapsed(start)}`);
    if (write) {
      mkdirSync(path.dirname(resultsFile(engine)), { recursive: true });
      writeFileSync(resultsFile(engine), `${JSON.stringify(ran.results, null, 2)}\n`);
    }
  }
  if (write) writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8"), readResults()));
  say(`\n${bold("Summary")}\n${summary.join("\n")}`);
  process.exit(failed > 0 ? 1 : 0);
});

function options(args) {
  let engines = ENGINES;
  let write = false;
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === "--write") write = true;
    else if (args[index] === "--only") engines = (args[(index += 1)] ?? "").split(",");
    else throw new Sentence(`\`${args[index]}\` is not understood: npm run test:browsers [-- --only ${ENGINES.join(",")}] [-- --write]`);
  }
  const unknown = engines.find((engine) => !ENGINES.includes(engine));
  if (unknown !== undefined) throw new Sentence(`--only does not know "${unknown}": there are ${ENGINES.join(", ")}.`);
  return { engines, write };
}
