// The command line of the bench.
import { Sentence } from "../../scripts/lib/run.mjs";
import { CONTENDERS, SCENARIOS } from "./scenarios.mjs";

export const USAGE = `npm run bench -- upload [options]
  --scenario NAME,…   of ${Object.keys(SCENARIOS).join(", ")}; all by default
  --only NAME,…       contenders, or how their names begin: ${Object.keys(CONTENDERS).join(", ")}
  --rounds N          instead of each scenario's own
  --size MIB          of the one file of each scenario that has one
  --write             docs/benchmarks.md and its pictures too`;

/** @param {string[]} args */
export function parseOptions(args) {
  const options = { scenarios: Object.keys(SCENARIOS), write: false };
  let [only, rounds, size] = [[], undefined, undefined];
  const rest = [...args];
  while (rest.length > 0) {
    const name = rest.shift();
    if (name === "--help") options.help = true;
    else if (name === "--write") options.write = true;
    else if (name === "--scenario") options.scenarios = list(rest.shift(), Object.keys(SCENARIOS), name);
    else if (name === "--only") only = list(rest.shift(), Object.keys(CONTENDERS), name);
    else if (name === "--rounds") rounds = number(rest.shift(), name);
    else if (name === "--size") size = number(rest.shift(), name) * 1024 * 1024;
    else throw new Sentence(`\`${name}\` is not understood.\n${USAGE}`);
  }
  options.adapt = (scenario) => ({
    ...scenario,
    rounds: rounds ?? scenario.rounds,
    size: scenario.files === 1 ? (size ?? scenario.size) : scenario.size,
    contenders: scenario.contenders.filter((id) => only.length === 0 || only.includes(id)),
  });
  return options;
}

/** Names, or beginnings of names, between commas. */
function list(text, known, option) {
  const chosen = (text ?? "").split(",").flatMap((word) => {
    const found = known.includes(word) ? [word] : known.filter((name) => word && name.startsWith(word));
    if (found.length === 0) throw new Sentence(`${option} does not know "${word}": there are ${known.join(", ")}.`);
    return found;
  });
  return [...new Set(chosen)];
}

function number(text, option) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Sentence(`${option} takes a whole number from 1, not "${text}".`);
  return value;
}
