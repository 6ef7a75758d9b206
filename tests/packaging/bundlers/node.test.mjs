// Node: what needs no page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { Bucket } from "../../e2e/harness/bucket.mjs";
import { Folder, KIB } from "../../e2e/harness/files.mjs";
import { inProject, trial } from "./harness/trial.mjs";

const it = trial();

inProject(`Node ${process.versions.node}`, "node", async (folder) => {
  const files = new Folder();
  try {
    const file = files.file("signed.bin", 300 * KIB);
    const bucket = new Bucket(it.server);
    const tried = { ...bucket.keys, url: `${bucket.url}/by-node/signed.bin`, file: file.path };
    const output = execFileSync(process.execPath, ["main.mjs"], { cwd: folder, encoding: "utf8", env: { ...process.env, TRIED: JSON.stringify(tried) } });
    assert.deepEqual(JSON.parse(output), { status: 200, sha256: file.sha256, refused: "unsupported", same: true, handler: "function" });
    assert.equal((await bucket.read("by-node/signed.bin")).sha256, file.sha256);
  } finally {
    files.remove();
  }
});
