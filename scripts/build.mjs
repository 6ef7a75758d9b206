// `npm run build`: the package as it is published.
import { ensureNpm } from "./lib/npm.mjs";
import { ensureRust } from "./lib/rust.mjs";
import { main, say, step, together } from "./lib/steps.mjs";
import { ensureWasmPack } from "./lib/tools.mjs";
import { buildModules, moduleSizes } from "./lib/wasm.mjs";

await main(async () => {
  await step("Rust toolchain", ensureRust);
  await together(
    () => step("npm packages", ensureNpm),
    () => step("wasm-bindgen and wasm-pack", ensureWasmPack),
  );
  await step("wasm modules: wasm-pack and wasm-opt", buildModules);
  for (const { module, wasm, js } of moduleSizes()) say(`    ${module}: ${wasm} bytes of wasm, ${js} of JavaScript`);
});
