// esbuild leaves `new URL(…, import.meta.url)` as it is: the workers are entry points beside the page's, and the wasm lies
// where the package's addresses lead from there, one folder up in `pkg`.
import { build } from "esbuild";
import { cpSync } from "node:fs";

await build({
  entryPoints: { main: "src/main.js", worker: "sealift/worker", "worker-all": "sealift/worker-all" },
  bundle: true, minify: true, splitting: true, format: "esm", outdir: "dist/js",
});
cpSync("node_modules/sealift/pkg", "dist/pkg", { recursive: true, filter: (file) => !/\.(js|d\.ts)$/.test(file) });
