// `sealift/server` in a runtime that is not Node: Vercel's edge-runtime, which has the web's interfaces and nothing else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { BUCKET, REGION } from "../e2e/harness/bucket.mjs";
import { startS3 } from "./support/backends.mjs";
import { send, sha256 } from "./support/client.mjs";

const BYTES = Buffer.from("from the edge");
const ORIGIN = "https://edge.example.com";

let s3, edge;
before(async () => {
  s3 = await startS3();
  const config = {
    s3: { endpoint: s3.url, region: REGION, bucket: BUCKET, credentials: s3.keys },
    secrets: "a secret of the tests alone, of 32 bytes or more",
    publicUrl: ORIGIN,
  };
  const source = `
    import { createHandler } from "./js/server.js";
    const handler = createHandler({
      ...${JSON.stringify(config)},
      wasm: SEALIFT_WASM, // as runtimes of this kind import it
      authenticate: (request) => request.headers.get("x-user"),
    });
    addEventListener("fetch", (event) => event.respondWith(handler(event.request)));`;
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: ROOT }, bundle: true, write: false, format: "iife", platform: "browser", target: "es2022", logLevel: "error",
    define: { "import.meta.url": '"https://edge.example.com/"' },
  });
  const wasm = new WebAssembly.Module(readFileSync(path.join(ROOT, "pkg/server/sealift_server_bg.wasm")));
  edge = new EdgeRuntime({ initialCode: outputFiles[0].text, extend: (context) => Object.assign(context, { SEALIFT_WASM: wasm }) });
});
after(() => s3?.stop());

async function call(path, body, headers = { "x-user": "anna" }) {
  const answer = await edge.dispatchFetch(`${ORIGIN}/sealift${path}`, {
    method: "POST", headers: { "content-type": "application/json", origin: ORIGIN, ...headers }, body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

test("a file is granted, stored and vouched for", async () => {
  const created = await call("/uploads", { files: [{ name: "a.txt", type: "text/plain", size: BYTES.length, sha256: sha256(BYTES) }] });
  const [{ grant, requests }] = created.body.uploads;
  await send(requests[0], BYTES);
  const { body } = await call("/uploads/finish", { uploads: [{ token: grant.token }] });
  assert.equal(body.results[0].sha256, sha256(BYTES));
  const deleted = await call("/uploads/delete", { uploads: [{ receipt: body.results[0].receipt }] });
  assert.deepEqual(deleted.body.results, [{ deleted: true }]);
});

test("nobody is refused by name", async () => {
  const { status, body } = await call("/uploads", { files: [] }, {});
  assert.deepEqual([status, body.error.code], [401, "unauthenticated"]);
});
