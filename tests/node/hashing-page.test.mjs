// docs/hashing.md: its snippets run word for word, and its figures are those of the bench.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { PAGE, readResults, withFigures } from "../../benches/hash/figures.mjs";
import { Crc64Nvme, init } from "../../js/digests.js";
import { ROOT } from "../../scripts/lib/paths.mjs";

const page = readFileSync(PAGE, "utf8");
const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 31 + (index >> 9)) & 255));
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const folder = mkdtempSync(path.join(tmpdir(), "sealift-hashing-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a snippet with a file, and answers what it declares. */
async function snippet(name, ...declared) {
  const [, source] = page.match(new RegExp(`<!-- tested: ${name} -->\\n\`\`\`js\\n([\\s\\S]*?)\`\`\``)) ?? assert.fail(`no snippet ${name}`);
  const script = path.join(folder, `${name}.mjs`);
  const here = source.replaceAll('"sealift"', JSON.stringify(pathToFileURL(path.join(ROOT, "js/index.js")).href));
  writeFileSync(script, `const file = new Blob([globalThis.hashingPage]);\n${here}\nexport { ${declared.join(", ")} };`);
  globalThis.hashingPage = bytes;
  return import(pathToFileURL(script).href);
}

const crc64nvme = async () => {
  await init();
  return new Crc64Nvme().update(bytes).digest();
};

test("a file", async () => {
  const found = await snippet("file", "sha256", "crc64nvme");
  assert.deepEqual([found.sha256, found.crc64nvme], [sha256(bytes), Buffer.from(await crc64nvme()).toString("base64")]);
});

test("chunks", async () => {
  const { first, chunks } = await snippet("chunks", "first", "chunks");
  assert.equal(chunks.length, 64);
  assert.equal(Buffer.from(first).toString("hex"), sha256(bytes.subarray(0, 64 * 1024)));
});

test("bytes as they come", async () => assert.equal((await snippet("stream", "digest")).digest, sha256(bytes)));

test("combined", async () => assert.deepEqual((await snippet("combine", "whole")).whole, await crc64nvme()));

test("saved and gone on with", async () => assert.equal((await snippet("save", "digest")).digest, sha256(bytes)));

const results = readResults();
test("the figures are those of the bench", { skip: !results && "not measured yet: `npm run bench -- hash --write`" }, () => {
  assert.equal(page, withFigures(page, results));
});
