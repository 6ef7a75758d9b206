// docs/javascript-backend.md, word for word, in Node.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { BUCKET } from "../e2e/harness/bucket.mjs";
import { startS3 } from "./support/backends.mjs";
import { send, sha256 } from "./support/client.mjs";

const PAGE = readFileSync(path.join(ROOT, "docs/javascript-backend.md"), "utf8");
const BYTES = Buffer.from("%PDF-1.7 of the documentation");

test("the page's handler stores a file, and its verifier believes the receipt", async () => {
  const s3 = await startS3();
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-docs-"));
  try {
    Object.assign(process.env, { S3_ENDPOINT: s3.url, S3_KEY: s3.keys.accessKeyId, S3_SECRET: s3.keys.secretAccessKey, SEALIFT_SECRET: "x".repeat(32) });
    const node = block("node").replace(".listen(8080)", '.listen(0, "127.0.0.1")').replace('"attachments"', JSON.stringify(BUCKET));
    const { server } = await run(folder, "node.mjs", `const sessionOf = () => ({ userId: "anna" });\n${node}\nexport { server };`);
    if (!server.listening) await new Promise((resolve) => server.once("listening", () => resolve(undefined)));
    const url = `http://127.0.0.1:${server.address().port}/sealift`;
    const call = async (action, body) => {
      const answer = await fetch(`${url}/${action}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
      return answer.json();
    };
    const { uploads } = await call("uploads", { files: [{ name: "a.pdf", type: "application/pdf", size: BYTES.length, sha256: sha256(BYTES) }] });
    await send(uploads[0].requests[0], BYTES);
    const { results } = await call("uploads/finish", { uploads: [{ token: uploads[0].grant.token }] });
    server.close();
    server.closeAllConnections();

    globalThis.handedIn = results[0].receipt;
    const { stored } = await run(folder, "receipts.mjs", `const receipt = handedIn, user = "anna";\n${block("receipts")}\nexport { stored };`);
    assert.equal(stored.key, uploads[0].grant.key);
  } finally {
    await s3.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @param {string} name */
function block(name) {
  const found = PAGE.match(new RegExp(`<!-- tested: ${name} -->\\n\`\`\`js\\n([\\s\\S]*?)\`\`\``));
  assert.ok(found, `the page has no tested block ${name}`);
  return found[1];
}

function run(folder, name, source) {
  const file = path.join(folder, name);
  writeFileSync(file, source.replace('"sealift/server"', JSON.stringify(pathToFileURL(path.join(ROOT, "js/server.js")).href)));
  return import(pathToFileURL(file).href);
}
