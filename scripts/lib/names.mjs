// Short names for what a wasm module and its glue say to each other.
//
// wasm-bindgen names every import after the function and a hash of it, twice: in the wasm and in the glue. Nobody else
// reads these names, and hashes do not compress.
import { readFileSync } from "node:fs";
import path from "node:path";
import { npmBin } from "./npm.mjs";
import { must } from "./run.mjs";

/**
 * Gives imports and exports names of a letter or two, in the wasm file and in the glue.
 * @param {string} wasm a wasm file, rewritten in place
 * @param {string} glue the text of its glue, as wasm-bindgen writes it for `--target web`
 * @param {string[]} features of the module, as wasm-opt takes them
 * @returns {Promise<string>} the glue that fits
 * @throws {Error} where the glue names something in a way that is not known here
 */
export async function shortenNames(wasm, glue, features) {
  const output = await must(process.execPath, [
    npmBin("wasm-opt"), "--minify-imports-and-exports-and-modules", ...features, wasm, "-o", wasm,
  ]);
  const names = JSON.parse(output.replace(/,(\s*[\]}])/g, "$1"));
  const module = new WebAssembly.Module(readFileSync(wasm));
  let short = replaced(glue, `"${OWN}": import0`.replace("*", path.basename(wasm, "_bg.wasm")), `"${only(WebAssembly.Module.imports(module).map((one) => one.module))}": import0`);
  for (const [from, name, to] of names.imports) {
    if (from.startsWith("./snippets/")) short = withDirect(short, from, name, to);
    else short = replaced(short, `        ${name}: function(`, `        ${to}: function(`);
  }
  for (const [name, to] of names.exports) short = short.replace(new RegExp(`\\bwasm\\.${name}\\b`, "g"), () => `wasm.${to}`);
  const exported = new Set(WebAssembly.Module.exports(module).map((one) => one.name));
  const unknown = [...short.matchAll(/\bwasm\.([\w$]+)/g)].map(([, name]) => name).find((name) => !exported.has(name));
  if (unknown) throw new Error(`the glue calls ${unknown}, which the module does not export`);
  return short;
}

/** What the wasm calls the glue, by the name of the module. */
const OWN = "./*_bg.js";

/**
 * What needs no conversion, the wasm imports from a file of its own. It is given together with the glue's functions:
 * all imports come from one module then.
 */
function withDirect(glue, from, name, to) {
  const escaped = from.replace(/[.]/g, "\\$&");
  return replaced(glue, "        __proto__: null,\n", `        __proto__: null,\n        ${to}: ${name},\n`)
    .replace(new RegExp(`^import \\* as import\\d+ from "${escaped}"\n`, "gm"), "")
    .replace(new RegExp(`^ +"${escaped}": import\\d+,\n`, "gm"), "")
    .replace(new RegExp(`^import \\{ (.*) \\} from '${escaped}';`, "m"), (_, imported) => `import { ${imported}, ${name} } from '${from}';`);
}

/** The one module that all imports come from. */
function only(values) {
  const [value, ...others] = new Set(values);
  if (others.length > 0) throw new Error(`imports come from ${value} and ${others.join(", ")}`);
  return value;
}

function replaced(text, from, to) {
  if (!text.includes(from)) throw new Error(`the glue does not say ${from}`);
  return text.replace(from, () => to);
}
