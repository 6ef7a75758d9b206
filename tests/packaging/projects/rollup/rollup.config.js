// As esbuild, Rollup leaves the addresses alone: the workers are inputs beside the page's, the wasm lies in `pkg`.
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { cpSync } from "node:fs";

const wasm = {
  name: "wasm-of-sealift",
  writeBundle() {
    cpSync("node_modules/sealift/pkg", "dist/pkg", { recursive: true, filter: (file) => !/\.(js|d\.ts)$/.test(file) });
  },
};

export default {
  input: { main: "src/main.js", worker: "sealift/worker", "worker-all": "sealift/worker-all" },
  output: { dir: "dist/js", format: "es", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
  plugins: [nodeResolve(), wasm],
};
