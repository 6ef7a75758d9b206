// The types that scripts give to the wasm, compared with those that wasm-bindgen wrote.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { npmBin } from "../../scripts/lib/npm.mjs";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/run.mjs";

test("what the scripts say of the wasm is what was generated", async () => {
  const { code, output } = await run(process.execPath, [npmBin("tsc"), "-p", path.join(ROOT, "tests/packaging/glue/tsconfig.json")], { cwd: ROOT });
  assert.equal(code, 0, output);
});
