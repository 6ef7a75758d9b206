// What nobody imports is not in a bundle, and what is inline is nowhere else.
import assert from "node:assert/strict";
import { build } from "esbuild";
import path from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/lib/paths.mjs";

/** The package's files that stay in a bundle of some lines, those that are loaded later apart. */
async function kept(contents) {
  const { metafile } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true, splitting: true, write: false, metafile: true, minify: true, format: "esm", outdir: "out", logLevel: "silent",
    // Resolved by the package's own name, as its `exports` say.
    packages: "bundle",
  });
  const entry = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === "<stdin>");
  const atOnce = new Set([entry, ...chunksOf(entry, metafile)].flatMap(({ inputs }) => Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file)));
  return [...atOnce].map((file) => path.posix.normalize(file));
}

/** Those that are there before the entry runs. */
const chunksOf = (output, { outputs }) =>
  output.imports.filter(({ kind }) => kind === "import-statement").flatMap(({ path: file }) => [outputs[file], ...chunksOf(outputs[file], { outputs })]);

test("an import that is not used leaves nothing", async () => {
  assert.deepEqual(await kept(`import { createUploader } from "sealift";`), []);
});

test("who only hashes gets neither the uploader nor the signing functions", async () => {
  const files = await kept(`import { hashFile } from "sealift"; console.log(hashFile);`);
  assert.ok(files.includes("js/hash.js"), files.join());
  for (const file of ["js/uploader.js", "js/engine.js", "js/signing.js", "js/resume/keeper.js"]) assert.ok(!files.includes(file), file);
});

test("who only uploads gets no signing functions, no server rules, nothing inline, and no wasm's glue before it is needed", async () => {
  const files = await kept(`import { createUploader } from "sealift"; console.log(createUploader);`);
  assert.ok(files.includes("js/uploader.js"), files.join());
  const strange = files.filter((file) => /^pkg\/|^js\/(server|inline|signing|chunk-signer)\b/.test(file));
  assert.deepEqual(strange, []);
});

test("sealift/inline/upload holds the wasm of uploads and not that of signing", async () => {
  const files = await kept(`import { createUploader } from "sealift/inline/upload"; console.log(createUploader);`);
  const inline = files.filter((file) => file.startsWith("pkg/inline/")).sort();
  assert.deepEqual(inline, ["hash-scalar", "hash", "uploader", "worker"].map((name) => `pkg/inline/${name}.js`).sort());
});
