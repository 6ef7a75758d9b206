// docs/openapi.yaml against the server: calls that nobody thought of, made of the document by somebody else's program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { ensureSchemathesis } from "../../scripts/lib/schemathesis.mjs";
import { startServer } from "./harness/server.mjs";

/**
 * What the document promises of every answer. Not that all it allows is taken: the rules refuse more than types can say
 * (a name, a token, a digest). Who may call what: server/tests/auth.rs.
 */
const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance", "negative_data_rejection", "unsupported_method"];

let server, folder;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "sealift-openapi-"));
  server = await startServer();
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("calls made of the document are answered as it says", async (t) => {
  const program = await ensureSchemathesis();
  if (!program) return t.skip("Python 3 is missing (Debian: apt-get install python3-venv)");
  const { code, said } = await run(program, [
    "run", `${server.url}/sealift/openapi.yaml`, "--url", `${server.url}/sealift`, "--no-color",
    "--phases", "fuzzing", "--max-examples", "30", "--seed", "7", "--checks", CHECKS.join(","),
    // Of the two calls that are the app's own; the others do not look at it.
    "--header", `authorization: Bearer ${server.appKey()}`,
  ]);
  t.diagnostic(said.match(/^ *Test cases:\n(.*)$/m)?.[1]?.trim() ?? "");
  assert.equal(code, 0, said.slice(-6000));
});

function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    child.once("error", reject).once("exit", (code) => resolve({ code, said }));
  });
}
