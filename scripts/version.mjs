// The version of everything: `node scripts/version.mjs` says whether all agree, `node scripts/version.mjs 0.2.0` sets it.
// Its place is `[workspace.package]` of Cargo.toml; what cannot read it there says the same.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { Sentence } from "./lib/run.mjs";
import { main, say } from "./lib/steps.mjs";

const CRATES = ["sealift", "sealift-server", "sealift-dev-s3"];
const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Where it stands: a file, and what is around it there, the version itself being the second group. */
const PLACES = [
  ["Cargo.toml", /(\[workspace\.package\]\nversion = ")([^"]+)(")/],
  ["package.json", /("name": "sealift",\n {2}"version": ")([^"]+)(")/],
  ["package-lock.json", /("name": "sealift",\n {2}"version": ")([^"]+)(")/],
  ["package-lock.json", /("": \{\n {6}"name": "sealift",\n {6}"version": ")([^"]+)(")/],
  ["server/Cargo.toml", /(\nsealift = \{ path = "\.\.", version = ")([^"]+)(")/],
  ["server/Cargo.toml", /(\nsealift-dev-s3 = \{ path = "\.\.\/dev-s3", version = ")([^"]+)(")/],
  ...CRATES.map((name) => ["Cargo.lock", new RegExp(`(name = "${name}"\\nversion = ")([^"]+)(")`)]),
];

/** Each place with what it says: `{ file, version }`, the deciding one first. */
export function versions(root = ROOT) {
  return PLACES.map(([file, pattern]) => {
    const found = readFileSync(path.join(root, file), "utf8").match(pattern);
    if (!found) throw new Sentence(`${file} names no version where one was expected: ${pattern}`);
    return { file, version: found[2] };
  });
}

/** What is wrong with them, a line each. */
export function disagreements(found) {
  const [{ version }] = found;
  return found.filter((place) => place.version !== version).map((place) => `${place.file} says ${place.version}, Cargo.toml ${version}`);
}

/** Writes a version everywhere. */
export function setVersion(version, root = ROOT) {
  if (!SEMVER.test(version)) throw new Sentence(`${version} is no version: 1.2.3, or 1.2.3-beta.1`);
  for (const [file, pattern] of PLACES) {
    const full = path.join(root, file);
    writeFileSync(full, readFileSync(full, "utf8").replace(pattern, `$1${version}$3`));
  }
}

if (process.argv[1] === import.meta.filename) {
  await main(() => {
    const [wanted, ...rest] = process.argv.slice(2);
    if (rest.length > 0) throw new Sentence("node scripts/version.mjs [VERSION]");
    if (wanted) setVersion(wanted);
    const found = versions();
    const wrong = disagreements(found);
    if (wrong.length > 0) throw new Sentence(wrong.join("\n"));
    say(found[0].version);
  });
}
