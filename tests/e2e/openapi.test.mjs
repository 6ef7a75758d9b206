// docs/openapi.yaml against both back ends: calls that nobody thought of, made of the document by somebody else's program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { createHandler, nodeListener } from "../../js/server.js";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { ensureSchemathesis } from "../../scripts/lib/schemathesis.mjs";
import { BUCKET, REGION } from "./harness/bucket.mjs";
import { DevS3 } from "./harness/dev-s3.mjs";
import { startServer } from "./harness/server.mjs";

/** Each answers without a login, and has an app's key. */
const BACKENDS = {
  "sealift-server": async () => {
    const server = await startServer();
    return { url: server.url, appKey: server.appKey(), stop: () => server.stop() };
  },
  "sealift/server": async () => {
    const s3 = new DevS3();
    await s3.start();
    const http = createServer((request, response) => listener(request, response));
    await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${http.address().port}`;
    const appKey = randomBytes(24).toString("hex");
    const listener = nodeListener(createHandler({
      s3: { endpoint: s3.url, region: REGION, bucket: BUCKET, credentials: s3.keys },
      secrets: randomBytes(32).toString("hex"),
      appKey,
      publicUrl: url,
      authenticate: () => "anonymous",
    }));
    return {
      url,
      appKey,
      async stop() {
        http.closeAllConnections();
        await new Promise((resolve) => http.close(resolve));
        await s3.stop();
      },
    };
  },
};

/**
 * Not that all is taken that the document allows: the rules refuse more than types can say (a name, a token, a digest). Who may
 * call what: server/tests/auth.rs.
 *
 * What is right and looks wrong: an intent that is not known is refused in its place in the list, the call is answered; and
 * whether a page may call at all (by a body that is no JSON) is asked before whether there is such a call.
 */
const CONFIG = `[checks]
positive_data_acceptance.enabled = false
ignored_auth.enabled = false
[[operations]]
include-name = "POST /sign"
checks.negative_data_rejection.enabled = false
[[operations]]
include-name = "GET /capabilities"
checks.unsupported_method.enabled = false
`;

let folder;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "sealift-openapi-"));
  writeFileSync(path.join(folder, "schemathesis.toml"), CONFIG);
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [name, start] of Object.entries(BACKENDS)) {
  test(`${name}: calls made of the document are answered as it says`, async (t) => {
    const program = await ensureSchemathesis();
    if (!program) return t.skip("Python 3 is missing (Debian: apt-get install python3-venv)");
    const backend = await start();
    const { code, said } = await run(program, [
      "run", path.join(ROOT, "docs/openapi.yaml"), "--url", `${backend.url}/sealift`, "--no-color",
      "--phases", "coverage,fuzzing", "--max-examples", "30", "--seed", "7",
      // Of the two calls that are the app's own; the others do not look at it.
      "--header", `authorization: Bearer ${backend.appKey}`,
    ]);
    await backend.stop();
    t.diagnostic(said.match(/^ *Test cases:\n(.*)$/m)?.[1]?.trim() ?? "");
    assert.equal(code, 0, said.slice(-6000));
  });
}

test("the document that is served is the one in docs/", async () => {
  const server = await startServer();
  const served = await (await fetch(`${server.url}/sealift/openapi.yaml`)).text();
  assert.equal(served, readFileSync(path.join(ROOT, "docs/openapi.yaml"), "utf8"));
  await server.stop();
});

function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    child.once("error", reject).once("exit", (code) => resolve({ code, said }));
  });
}
