// One file that holds everything.
import { nodeResolve } from "@rollup/plugin-node-resolve";

const inline = { name: "inline", resolveId: (name, from) => (name === "sealift" ? import.meta.resolve("sealift/inline").slice("file://".length) : null) };

export default {
  input: "src/main.js",
  output: { file: "dist/main.js", format: "iife", inlineDynamicImports: true },
  plugins: [inline, nodeResolve()],
};
