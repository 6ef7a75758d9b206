// The README's quickstarts, taken from it word for word and run: backend, bucket, page, signing.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { AwsClient } from "aws4fetch";
import { ROOT, TARGET } from "../../scripts/lib/paths.mjs";
import { launch, openPage, throttleUpload } from "./harness/browser.mjs";
import { corsDocument } from "./harness/cors.mjs";
import { Folder } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";

const README = readFileSync(path.join(ROOT, "README.md"), "utf8");
const KEYS = { accessKeyId: "sealift", secretAccessKey: "readme-secret-key" };

let app, browser, folder, work;
const running = [];
before(async () => {
  [app, browser] = await Promise.all([serveFixtures(), launch()]);
  folder = new Folder();
  work = mkdtempSync(path.join(tmpdir(), "sealift-readme-"));
});
after(async () => {
  await browser?.close();
  await Promise.all([app?.stop(), ...running.map(stop)]);
  folder?.remove();
  rmSync(work, { recursive: true, force: true });
});

test("the backend starts with the README's configuration, the bucket takes its CORS rules, and the page uploads", async () => {
  const s3 = await start("dev-s3", ["--listen", "127.0.0.1:0", "--root", path.join(work, "s3"), "--access-key", KEYS.accessKeyId, "--bucket", "attachments"], {
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  });
  const cors = block("cors", "json");
  assert.ok(cors.includes("https://app.example.com"));
  await putCors(`${s3}/attachments`, JSON.parse(cors.replace("https://app.example.com", app.url)));

  // The addresses alone are the test's own: its ports are whatever is free.
  const toml = block("backend", "toml");
  for (const line of ['listen = "127.0.0.1:8080"', 'endpoint = "http://127.0.0.1:9000"', '"http://localhost:5173"']) assert.ok(toml.includes(line), line);
  const config = path.join(work, "sealift.toml");
  writeFileSync(config, toml.replace("127.0.0.1:8080", "127.0.0.1:0").replace("http://127.0.0.1:9000", s3).replace("http://localhost:5173", app.url));
  app.backend = await start("sealift-server", ["--config", config, "--data-dir", path.join(work, "data")], { SEALIFT__S3__SECRET_ACCESS_KEY: KEYS.secretAccessKey });

  // The app's own server passes /sealift on, as the README's relative endpoint wants.
  app.pages["/"] = html(block("browser", "js"));
  const page = await openPage(browser);
  await page.goto(`${app.url}/`);
  const file = folder.file("readme ü.bin", 200_000);
  await page.setInputFiles("input[type=file]", file.path);
  await page.waitForFunction(() => / is in the bucket$/.test(document.querySelector("output").value) || globalThis.trouble);
  assert.equal(await page.evaluate(() => globalThis.trouble), undefined);
  const key = (await page.locator("output").innerText()).replace(/ is in the bucket$/, "");
  const stored = await new AwsClient({ ...KEYS, service: "s3", region: "us-east-1" }).fetch(`${s3}/attachments/${encodeURI(key)}`);
  assert.equal(stored.status, 200);
  assert.equal(stored.headers.get("x-amz-meta-ticket"), "42");
  assert.ok(Buffer.from(await stored.arrayBuffer()).equals(readFileSync(file.path)));
  assert.deepEqual(page.complaints, []);

  // Left in the middle, and gone on with by the button that the README makes.
  await throttleUpload(page, 1_000_000);
  const left = folder.file("left.bin", 12_000_000);
  await page.setInputFiles("input[type=file]", left.path);
  await page.waitForFunction(() => document.querySelector("progress").value > 0.05);
  await page.waitForTimeout(4500);
  app.pages["/"] = html(`${block("browser", "js")}\n${block("saved", "js")}`);
  await page.reload();
  await throttleUpload(page, 0);
  const button = page.getByRole("button", { name: "Go on with left.bin" });
  await button.click();
  await button.waitFor({ state: "detached" });
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("the README's presigned URL is the one of AWS's documentation", async () => {
  const source = `${block("sign", "js").replace('"sealift"', JSON.stringify(path.join(ROOT, "js/index.js")))}\nexport default url;`;
  const file = path.join(work, "sign.mjs");
  writeFileSync(file, source);
  const { default: url } = await import(file);
  assert.equal(new URL(url).searchParams.get("X-Amz-Signature"), "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
});

/** The code block of a language that follows the comment `tested: NAME`. */
function block(name, language) {
  const found = README.match(new RegExp(`<!-- tested: ${name} -->\\n\`\`\`${language}\\n([\\s\\S]*?)\`\`\``));
  assert.ok(found, `the README has no tested block ${name} (${language})`);
  return found[1];
}

function html(script) {
  return `<!doctype html><title>App</title><link rel="icon" href="data:,">
    <script>addEventListener("unhandledrejection", (event) => (globalThis.trouble = String(event.reason)));</script>
    <script type="importmap">{ "imports": { "sealift": "/js/index.js" } }</script>
    <input type="file"><progress></progress><output></output>
    <script type="module">${script}</script>`;
}

async function putCors(bucket, rules) {
  const body = corsDocument(rules);
  const answer = await new AwsClient({ ...KEYS, service: "s3", region: "us-east-1" }).fetch(`${bucket}?cors`, { method: "PUT", body });
  assert.equal(answer.status, 200, await answer.text());
}

/** Starts one of the project's programs and resolves to the address it announces. */
function start(program, args, env) {
  const child = spawn(path.join(TARGET, "debug", program), args, { cwd: work, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  return new Promise((resolve, reject) => {
    let said = "";
    const read = (text) => {
      said += text;
      const found = said.match(/ listening on (http:\/\/[\d.]+:\d+)\n/);
      if (found) resolve(found[1]);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended (${code}):\n${said}`)));
  });
}

function stop(child) {
  if (child.exitCode !== null) return undefined;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  return ended;
}
