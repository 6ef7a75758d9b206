// `npm run bench [-- sign|size]`: the benches, all of them when none is named.
import { Sentence } from "../scripts/lib/run.mjs";
import { ensureNpm } from "../scripts/lib/npm.mjs";
import { ensureRust } from "../scripts/lib/rust.mjs";
import { main, step, together } from "../scripts/lib/steps.mjs";
import { ensureWasmPack } from "../scripts/lib/tools.mjs";
import { buildModules } from "../scripts/lib/wasm.mjs";

const BENCHES = ["size", "sign"];

await main(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !BENCHES.includes(name));
  if (unknown.length > 0) throw new Sentence(`No bench is called ${unknown.join(", ")}: there are ${BENCHES.join(", ")}.`);
  await step("Rust toolchain", ensureRust);
  await together(
    () => step("npm packages", ensureNpm),
    () => step("wasm-bindgen and wasm-pack", ensureWasmPack),
  );
  await step("wasm modules: wasm-pack and wasm-opt", buildModules);
  for (const name of wanted.length > 0 ? wanted : BENCHES) {
    const { bench } = await import(`./${name}.mjs`);
    await bench();
  }
});
