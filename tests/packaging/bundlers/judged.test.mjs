// The package judged by what others judge packages with: publint, Are The Types Wrong, TypeDoc.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import { run } from "../../../scripts/lib/run.mjs";
import { openTools, tarball, Unreachable } from "./harness/project.mjs";

const MANIFEST = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));

judged("publint finds nothing", async (tools) => {
  await quiet(tools, "publint/src/cli.js", "run", await tarball(), "--strict");
});

// The package is ESM, as its profile says: `require` takes it where Node can load modules so (22.12 and later).
judged("Are The Types Wrong finds nothing", async (tools) => {
  const output = await quiet(tools, "@arethetypeswrong/cli/dist/index.js", await tarball(), "--profile", "esm-only", "--format", "ascii", "--no-color");
  const entries = Object.keys(MANIFEST.exports).filter((name) => MANIFEST.exports[name].types);
  for (const entry of entries) assert.ok(output.includes(`"${path.posix.join("sealift", entry)}"`), entry);
});

judged("TypeDoc finds every public name documented, and every link", async (tools) => {
  const entries = Object.values(MANIFEST.exports).flatMap(({ types }) => types ?? []).map((file) => path.join(ROOT, file));
  const tsconfig = path.join(tools, "tsconfig.json");
  const compilerOptions = { strict: true, target: "es2022", module: "nodenext", lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"], types: [], noEmit: true };
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: entries }));
  const options = path.join(ROOT, "tests/packaging/tools/typedoc.json");
  const json = path.join(tools, "documented.json");
  await quiet(tools, "typedoc/bin/typedoc", "--options", options, "--tsconfig", tsconfig, "--json", json, ...entries);
  const documented = JSON.parse(readFileSync(json, "utf8"));
  for (const name of ["index", "server"]) {
    const module = await import(path.join(ROOT, "js", `${name}.js`));
    const entry = documented.children.find((child) => child.name === name);
    // What another entry exports too is written down there.
    const all = documented.children.flatMap(({ children = [] }) => children);
    const children = entry.children.map((child) => (child.target ? all.find(({ id }) => id === child.target) : child));
    sameNames(module, children.filter(({ kind }) => VALUES.includes(kind)), name);
  }
});

/** TypeDoc's kinds: variables, functions, classes; methods. */
const VALUES = [32, 64, 128];
const METHOD = 2048;

/** What the types promise is what the scripts have, no name less and none more; methods of classes too. */
function sameNames(module, children, where) {
  const names = children.map(({ name }) => name);
  assert.deepEqual(Object.keys(module).sort(), names.sort(), where);
  for (const { name, kind, children: members = [] } of children) {
    if (kind === 64) assert.equal(typeof module[name], "function", name);
    for (const member of members.filter((one) => one.kind === METHOD)) {
      const owner = member.flags.isStatic ? module[name] : module[name].prototype;
      assert.equal(typeof owner[member.name], "function", `${name}.${member.name}`);
    }
  }
}

function judged(name, work) {
  test(name, async (t) => {
    let tools;
    try {
      tools = await openTools();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      t.skip(error.message);
      return;
    }
    await work(tools);
  });
}

/** Runs a tool that says by its exit code whether it found something. */
async function quiet(tools, script, ...args) {
  const { code, output } = await run(process.execPath, [path.join(tools, "node_modules", script), ...args], { cwd: ROOT, env: { NO_COLOR: "1" } });
  assert.equal(code, 0, output);
  return output;
}
