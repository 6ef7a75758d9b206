// webpack, esbuild and Rollup: what they build.
import assert from "node:assert/strict";
import { cpSync, readdirSync } from "node:fs";
import path from "node:path";
import { serve } from "./harness/site.mjs";
import { build, inProject, trial } from "./harness/trial.mjs";

const it = trial();

inProject("webpack 5", "webpack", async (folder) => {
  const script = "import webpack from 'webpack'; import config from './webpack.config.js'; webpack(config, (error, stats) => { if (error || stats.hasErrors() || stats.hasWarnings()) { console.error(error ?? stats.toString()); process.exit(1); } });";
  await build(folder, "--input-type=module", "-e", script);
  await tried(folder, "dist");
});

inProject("esbuild: workers as entry points, wasm beside", "esbuild", async (folder) => {
  await build(folder, "build.mjs");
  await tried(folder, "dist/js", "dist");
});

inProject("esbuild: one classic script, by sealift/inline", "esbuild", async (folder) => {
  await build(folder, "build-inline.mjs");
  assert.deepEqual(readdirSync(path.join(folder, "dist")), ["main.js"]);
  await tried(folder, "dist");
});

inProject("Rollup: workers as inputs, wasm beside", "rollup", async (folder) => {
  await build(folder, "node_modules/rollup/dist/bin/rollup", "-c", "--silent");
  await tried(folder, "dist/js", "dist");
});

inProject("Rollup: one file, by sealift/inline", "rollup", async (folder) => {
  await build(folder, "node_modules/rollup/dist/bin/rollup", "-c", "rollup-inline.config.js", "--silent");
  assert.deepEqual(readdirSync(path.join(folder, "dist")), ["main.js"]);
  await tried(folder, "dist");
});

/** `scripts`: where the page's script lies, and its document beside it. */
async function tried(folder, scripts, served = scripts) {
  cpSync(path.join(folder, "built.html"), path.join(folder, scripts, "index.html"));
  const site = await serve(path.join(folder, served));
  try {
    await it.uploads(new URL(`${path.relative(served, scripts)}/`, `${site.url}/`).href.replace(/\/\/$/, "/"));
  } finally {
    await site.stop();
  }
}
