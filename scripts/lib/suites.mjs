// Runs suites: what they need first, two lanes side by side, output shown when a suite ends.
import { elapsed, say, step } from "./steps.mjs";

/**
 * @typedef {object} Suite
 * @property {string} id what `--only` takes
 * @property {string} title
 * @property {string} lane suites of one lane run one after the other; lanes run side by side
 * @property {string[]} [needs] ids of suites or set-up steps that must have succeeded
 * @property {(note: (text: string) => void) => Promise<Outcome>} run
 * @property {boolean} [setup] set-up: counts as failed when it fails, as nothing when it succeeds
 *
 * @typedef {{ ok: boolean, passed: number, failed: number, skipped: number, output?: string, reason?: string }} Outcome
 */

/**
 * Runs all suites, or those of `only` with what they need. Resolves to a result for each, in the order given. `show`
 * is where progress is seen.
 */
export async function runSuites(suites, only, show = { say, step }) {
  const chosen = only ? withNeeds(suites, only) : suites;
  const results = new Map();
  const waiting = new Map();
  const finished = (id) => {
    if (!waiting.has(id)) waiting.set(id, deferred());
    return waiting.get(id);
  };
  const lanes = Map.groupBy ? Map.groupBy(chosen, (suite) => suite.lane) : groupBy(chosen, (suite) => suite.lane);
  await Promise.all(
    [...lanes.values()].map(async (lane) => {
      for (const suite of lane) {
        await Promise.all((suite.needs ?? []).map((id) => finished(id).promise));
        const missing = (suite.needs ?? []).filter((id) => !results.get(id).ok);
        const result = missing.length > 0 ? blocked(suite, missing, show) : await runOne(suite, show);
        results.set(suite.id, result);
        finished(suite.id).resolve();
      }
    }),
  );
  return chosen.map((suite) => results.get(suite.id));
}

async function runOne(suite, show) {
  const start = Date.now();
  let outcome;
  try {
    outcome = await show.step(suite.title, async (note) => {
      outcome = await suite.run(note);
      if (!outcome.ok) throw outcome;
      return outcome;
    });
  } catch (error) {
    outcome = "ok" in error ? error : failure(error);
  }
  if (outcome.output) show.say(framed(suite, outcome));
  return { suite, time: elapsed(start), ...outcome };
}

/** A suite that could not run at all has failed once. */
const failure = (error) => ({ ok: false, passed: 0, failed: 1, skipped: 0, output: error.message ?? String(error) });

function blocked(suite, missing, show) {
  show.say(`  ✗ ${suite.title}: not run, for ${missing.join(", ")} failed`);
  return { suite, ok: false, passed: 0, failed: 1, skipped: 0, time: "", reason: `not run: ${missing.join(", ")} failed` };
}

function framed(suite, { output }) {
  const bar = `── ${suite.title} `.padEnd(78, "─");
  return `${bar}\n${output.trimEnd()}\n${"─".repeat(78)}`;
}

function withNeeds(suites, only) {
  const wanted = new Set();
  const add = (id) => {
    if (wanted.has(id)) return;
    wanted.add(id);
    suites.find((suite) => suite.id === id).needs?.forEach(add);
  };
  only.forEach(add);
  return suites.filter((suite) => wanted.has(suite.id));
}

function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
