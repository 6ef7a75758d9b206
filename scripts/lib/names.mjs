// Short names for what a wasm module and its glue say to each other.
//
// wasm-bindgen names every import after the function and a hash of it, twice: in the wasm and in the glue. Nobody else
// reads these names, and hashes do not compress.
import { readFileSync } from "node:fs";
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
  let short = replaced(glue, `"${only(names.imports.map(([from]) => from))}": import0`, `"${only(WebAssembly.Module.imports(module).map((one) => one.module))}": import0`);
  for (const [, name, to] of names.imports) short = replaced(short, `        ${name}: function(`, `        ${to}: function(`);
  for (const [name, to] of names.exports) short = short.replace(new RegExp(`\\bwasm\\.${name}\\b`, "g"), () => `wasm.${to}`);
  const exported = new Set(WebAssembly.Module.exports(module).map((one) => one.name));
  const unknown = [...short.matchAll(/\bwasm\.([\w$]+)/g)].map(([, name]) => name).find((name) => !exported.has(name));
  if (unknown) throw new Error(`the glue calls ${unknown}, which the module does not export`);
  return short;
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
