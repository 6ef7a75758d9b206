// `npm test`: all set-up, every check and every test; keeps going after a failure and totals at the end.
// `npm test -- --only e2e,node` runs some suites; `npm test -- --list` names them.
import { Sentence } from "./lib/run.mjs";
import { bold, elapsed, green, main, red, say } from "./lib/steps.mjs";
import { runSuites } from "./lib/suites.mjs";
import { SUITES } from "./lib/test-suites.mjs";

await main(async () => {
  const { only, list } = options(process.argv.slice(2));
  if (list) {
    for (const suite of SUITES) say(`  ${suite.id.padEnd(12)} ${suite.title}`);
    return;
  }
  const start = Date.now();
  const results = await runSuites(SUITES, only);
  report(results, start);
  process.exit(results.some((result) => !result.ok) ? 1 : 0);
});

function report(results, start) {
  say(`\n${bold("Summary")} (${elapsed(start)})`);
  for (const { suite, ok, passed, failed, skipped, time, reason } of results) {
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    say(`  ${ok ? green("✓") : red("✗")} ${suite.title.padEnd(44)} ${counts.padEnd(36)} ${time}${reason ? `  ${reason}` : ""}`);
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  say(`\n${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
}

function options(args) {
  const only = [];
  let list = false;
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === "--list") list = true;
    else if (args[index] === "--only") only.push(...(args[(index += 1)] ?? "").split(","));
    else throw new Sentence(`\`${args[index]}\` is not understood: npm test [-- --only SUITE,SUITE | --list]`);
  }
  const unknown = only.filter((id) => !SUITES.some((suite) => suite.id === id));
  if (unknown.length > 0) throw new Sentence(`No suite is called ${unknown.join(", ")}: there are ${SUITES.map((suite) => suite.id).join(", ")}.`);
  return { only: only.length > 0 ? only : undefined, list };
}
