// One classic script that holds everything.
import { build } from "esbuild";

await build({
  entryPoints: ["src/main.js"], alias: { sealift: "sealift/inline" },
  bundle: true, minify: true, format: "iife", outfile: "dist/main.js", logOverride: { "empty-import-meta": "silent" },
});
