// `npm run bench [-- sign|size|upload [options]]`: the benches; when none is named, those that take seconds.
import { Sentence } from "../scripts/lib/run.mjs";
import { ensureNpm } from "../scripts/lib/npm.mjs";
import { ensureRust } from "../scripts/lib/rust.mjs";
import { main, step, together } from "../scripts/lib/steps.mjs";
import { ensureWasmPack } from "../scripts/lib/tools.mjs";
import { buildModules } from "../scripts/lib/wasm.mjs";

const QUICK = ["size", "sign"];
const BENCHES = [...QUICK, "upload"];

await main(async () => {
  const { wanted, options } = parse(process.argv.slice(2));
  const unknown = wanted.filter((name) => !BENCHES.includes(name));
  if (unknown.length > 0) throw new Sentence(`No bench is called ${unknown.join(", ")}: there are ${BENCHES.join(", ")}.`);
  await step("Rust toolchain", ensureRust);
  await together(
    () => step("npm packages", ensureNpm),
    () => step("wasm-bindgen and wasm-pack", ensureWasmPack),
  );
  await step("wasm modules: wasm-pack and wasm-opt", buildModules);
  for (const name of wanted.length > 0 ? wanted : QUICK) {
    const { bench } = await import(`./${name}.mjs`);
    await bench(options);
  }
});

/** Names first, then the options of the last one. */
function parse(args) {
  const first = args.findIndex((arg) => arg.startsWith("-"));
  return first < 0 ? { wanted: args, options: [] } : { wanted: args.slice(0, first), options: args.slice(first) };
}
