// Clients that existed before this project: their packages, pinned by the lock files in clients/, in a page of the server.
import { build } from "esbuild";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensurePeers } from "../../../benches/upload/bundles.mjs";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import { openPage } from "./browser.mjs";
import { BUCKET, REGION, keysOf } from "./bucket.mjs";
import { startServer } from "./server.mjs";

const E2E = path.join(ROOT, "tests/e2e");

/** A snippet of docs/compat.md, as a module: the fixtures run the very text that users read. */
function snippet(name) {
  const text = readFileSync(path.join(ROOT, "docs/compat.md"), "utf8");
  const [, code] = text.match(new RegExp(`\`\`\`js ${name}\\n([^]*?)\`\`\``)) ?? [];
  assert.ok(code, `docs/compat.md has no snippet ${name}`);
  return code;
}

/**
 * A server that serves a page with a client in it.
 * @param {string} script of fixtures/clients/, which imports the snippet of docs/compat.md as `docs`
 * @param {{ docs: string, packages?: string, config?: object }} options the snippet's name, the folder of the lock file, and
 *   configuration
 */
export async function startWithClient(script, { docs, packages = "clients", config = {} }) {
  const installed = await ensurePeers(() => {}, path.join(E2E, packages));
  const www = mkdtempSync(path.join(tmpdir(), "sealift-client-"));
  writeFileSync(path.join(www, "docs.mjs"), snippet(docs));
  const { outputFiles } = await build({
    entryPoints: [path.join(E2E, "fixtures/clients", script)],
    nodePaths: [path.join(installed, "node_modules")],
    alias: { docs: path.join(www, "docs.mjs") },
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    platform: "browser",
    logLevel: "error",
  });
  writeFileSync(path.join(www, "client.js"), outputFiles[0].text);
  writeFileSync(path.join(www, "index.html"), '<!doctype html><meta charset="utf-8"><title>Client</title><input type="file" multiple><script src="/client.js"></script>');
  const server = await startServer({ ...config, server: { ...config.server, www } });
  const stop = server.stop.bind(server);
  server.stop = async () => {
    await stop();
    rmSync(www, { recursive: true, force: true });
  };
  return server;
}

/** The page, with what its script needs to know: where S3 is, and the public half of the key. */
export async function openClient(browser, server, files, place = devS3(server)) {
  const page = await openPage(browser);
  await page.goto(`${server.url}/`);
  await page.setInputFiles("input", files.map((file) => file.path));
  page.place = place;
  return page;
}

const devS3 = (server) => ({ s3Url: server.s3Url, bucket: BUCKET, region: REGION, accessKeyId: keysOf(server).accessKeyId });
