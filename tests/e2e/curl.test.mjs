// The examples with curl in docs/protocol.md, run as they stand there, one after the other.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { which } from "../../scripts/lib/run.mjs";
import { startServer } from "./harness/server.mjs";

const PAGE = readFileSync(path.join(ROOT, "docs/protocol.md"), "utf8");
const SCRIPT = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text).join("\n");

let server, folder;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "sealift-curl-"));
  server = await startServer();
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("every call of the table has an example; the way back of a form is what S3 says", () => {
  const calls = [...PAGE.matchAll(/^\| \[`(?:GET|POST) \{endpoint\}(\/[a-z/]+)/gm)].map(([, call]) => call);
  assert.ok(calls.length >= 9, `${calls}`);
  for (const call of calls.filter((one) => !one.startsWith("/forms/finish"))) assert.ok(SCRIPT.includes(`"$ENDPOINT${call}"`), call);
});

test("the examples do what they say", async (t) => {
  const missing = ["bash", "curl", "jq", "sha256sum"].filter((program) => !which(program));
  if (missing.length > 0) return t.skip(`${missing.join(", ")} missing`);
  const env = { ...process.env, ENDPOINT: `${server.url}/sealift`, APP_KEY: server.appKey() };
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", SCRIPT], { cwd: folder, env });
  const read = (name) => JSON.parse(readFileSync(path.join(folder, name), "utf8"));
  const [finished] = read("finished.json").results;
  assert.deepEqual([finished.size, finished.type], [5, "text/plain"]);
  assert.equal(await (await fetch(finished.url)).text(), "hello");
  const said = stdout.match(/\{"(?:bucketOrigin|results)".*?\}(?=\{"|http|$)/gs).map((text) => JSON.parse(text));
  assert.equal(said.length, 4, stdout);
  const [{ bucketOrigin }, verified, kept, deleted] = said;
  assert.equal(bucketOrigin, server.s3Url);
  assert.equal(verified.results[0].key, finished.key);
  assert.equal(kept.results[0].key, finished.key, JSON.stringify(kept));
  assert.deepEqual(deleted.results, [{ deleted: true }]);
  assert.match(stdout, new RegExp(`${server.url}/thanks\\.html\\?receipt=[\\w.-]+\\n$`));
});
