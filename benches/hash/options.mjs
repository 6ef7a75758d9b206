// The command line of the bench.
import { Sentence } from "../../scripts/lib/run.mjs";

const PARTS = ["node", "chromium", "firefox", "file", "firefox-file"];

export const USAGE = `npm run bench -- hash [options]
  --only PART,…   of ${PARTS.join(", ")}; all by default
  --rounds N      of the file, instead of 3
  --size MIB      of the file, instead of 1024
  --write         docs/benchmarks/hashing.json and the figures of docs/hashing.md too`;

/** @param {string[]} args */
export function parseOptions(args) {
  const options = { parts: PARTS, rounds: 3, size: 1024, write: false, help: false };
  const rest = [...args];
  while (rest.length > 0) {
    const name = rest.shift();
    if (name === "--help" || name === "--write") options[name.slice(2)] = true;
    else if (name === "--rounds" || name === "--size") options[name.slice(2)] = number(rest.shift(), name);
    else if (name === "--only") options.parts = list(rest.shift());
    else throw new Sentence(`\`${name}\` is not understood.\n${USAGE}`);
  }
  return options;
}

function list(text = "") {
  const words = text.split(",");
  const unknown = words.find((word) => !PARTS.includes(word));
  if (unknown !== undefined) throw new Sentence(`--only does not know "${unknown}": there are ${PARTS.join(", ")}.`);
  return words;
}

function number(text, option) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Sentence(`${option} takes a whole number from 1, not "${text}".`);
  return value;
}
