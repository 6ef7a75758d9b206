// What each use of the package loads, after brotli 11, against what it may weigh: the figures of docs/size.md and a little
// room. Who needs more says so here.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { FILES, USES, fileSizes, sumOf } from "../../benches/size/bundles.mjs";

/** Bytes, by file. */
const BUDGET = {
  uploader: 10_850,
  keeper: 3_800,
  worker: 2_050,
  "worker-all": 3_500,
  "chunked-upload": 500,
  hashFile: 2_150,
  signRequest: 4_200,
  "uploader.wasm": 50_300,
  "sums.wasm": 4_200,
  "hash.wasm": 16_200,
  "signing.wasm": 103_500,
};

let sizes;
before(async () => (sizes = await fileSizes()));

test("every file that is loaded on its own has a budget", () => {
  assert.deepEqual(Object.keys(BUDGET).sort(), Object.keys(FILES).sort());
});

for (const [file, budget] of Object.entries(BUDGET)) {
  test(`${file}: at most ${budget} bytes`, () => {
    assert.ok(sizes[file] <= budget, `${file} weighs ${sizes[file]} bytes, ${sizes[file] - budget} more than it may`);
    // A budget that nobody comes near guards nothing.
    assert.ok(sizes[file] > budget * 0.9, `${file} weighs only ${sizes[file]} bytes: take its budget down`);
  });
}

test("uploading loads what it needs and nothing else", async () => {
  const script = (await FILES.uploader()).toString();
  for (const foreign of ["sealift_signing", "sealift_server", "sealift_hash", "StringToSign"]) assert.ok(!script.includes(foreign), foreign);
  assert.ok(sumOf(sizes, USES["uploads (SHA-256 of parts, over https)"]) <= 62_900);
});
