// `sealift-server doctor` and `explain` against a real S3: well, and with one thing after the other broken on purpose.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { AwsClient } from "aws4fetch";
import { TARGET } from "../../scripts/lib/paths.mjs";
import { toToml } from "../e2e/harness/toml.mjs";
import { S3Client } from "./client.mjs";
import { serverOf } from "./servers/index.mjs";

const PROGRAM = path.join(TARGET, "debug", "sealift-server");
const APP = "https://app.example";
const PREFIX = "sealift-test/";
const server = serverOf(process.env.SEALIFT_S3_SERVER ?? "dev-s3");

let folder, running, s3;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "sealift-doctor-"));
  const keys = { accessKeyId: "sealift-test", secretAccessKey: randomBytes(20).toString("hex") };
  running = await server.start({ folder, origin: APP, keys });
  s3 = new S3Client(running, running.bucket ?? "sealift-doctor");
  if (!running.bucket) assert.ok((await s3.send("PUT")).ok);
});
after(async () => {
  await s3?.clear(PREFIX);
  await running?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Runs the program; the server's own output is read meanwhile, or it would wait for that. */
async function run(args, input = "") {
  const child = spawn(PROGRAM, args, { stdio: ["pipe", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (texts[name] += text));
  child.stdin.end(input);
  const status = await new Promise((resolve) => child.once("close", resolve));
  return { status, ...texts };
}

/** Runs the doctor; `changes` are laid over the right configuration, section by section. */
async function doctor(changes = {}, ...flags) {
  const { endpoint, region, addressing = "path", keys } = running;
  const file = path.join(folder, "doctor.toml");
  const secret = path.join(folder, "doctor-secret");
  const { secret: text = keys.secretAccessKey, ...rest } = changes.s3 ?? {};
  writeFileSync(secret, text, { mode: 0o600 });
  const usual = { endpoint, region, addressing, bucket: s3.bucket, access_key_id: keys.accessKeyId, secret_access_key_file: secret };
  writeFileSync(file, toToml({ server: { origins: [APP], ...changes.server }, s3: { ...usual, ...rest }, rules: { key: `${PREFIX}{user}/{uuid}/{filename}`, ...changes.rules } }));
  const { status, stdout, stderr } = await run(["doctor", "--config", file, "--json", ...flags]);
  assert.equal(stderr, "");
  assert.ok(!stdout.includes(keys.secretAccessKey));
  const report = JSON.parse(stdout);
  assert.equal(status, report.well ? 0 : 1);
  report.problems = report.checks.filter((check) => check.status === "problem");
  report.of = (id) => report.checks.filter((check) => check.id === id).map((check) => check.status);
  return report;
}

const listing = (checks) => checks.map(({ id, status, says }) => `${status} ${id}: ${says}`).join("\n");

test("what can be applied is applied, what it lacks is said, and nothing is left behind", async () => {
  const report = await doctor({}, "--apply");
  for (const id of ["reach", "clock", "credentials", "put", "read", "length", "delete"]) assert.deepEqual(report.of(id), ["well"], listing(report.checks));
  // What is left are the settings of the configuration that this server cannot meet: with those that the doctor names, all is well.
  const settings = { s3: {}, rules: {} };
  for (const { says } of report.problems) {
    for (const [, section, name, value] of says.matchAll(/set `(s3|rules)\.(\w+) = (false|0)`/g)) settings[section][name] = JSON.parse(value);
  }
  const settled = await doctor(settings, "--apply");
  const left = settled.problems.filter(({ id }) => !(id === "cors" && server.cors));
  assert.deepEqual(left, [], listing(settled.checks));
  assert.deepEqual(await s3.list(PREFIX), []);
  assert.deepEqual(await s3.uploads(PREFIX), []);
});

const one = (report, id, word) => {
  assert.ok(report.problems.some((problem) => problem.id === id && word.test(problem.says)), listing(report.checks));
  assert.equal(report.well, false);
};

test("a wrong secret", async () => one(await doctor({ s3: { secret: "not-the-secret" } }), "credentials", /secret/));

test("an unknown key", async () => one(await doctor({ s3: { access_key_id: "NOBODYSKEY" } }), "credentials", /access key/));

test("a bucket that is not there", async () => one(await doctor({ s3: { bucket: "nobodys-bucket-here" } }), "bucket", /no bucket nobodys-bucket-here/));

test("a wrong region", async () => {
  const report = await doctor({ s3: { region: "mars-north-1" } });
  // Some servers take any.
  if (report.of("region").includes("problem")) one(report, "region", /region/);
  else assert.ok(report.of("credentials").includes("well"), listing(report.checks));
});

test("the wrong addressing", async () => {
  const { port } = new URL(running.endpoint);
  const report = await doctor({ s3: { endpoint: `http://localhost:${port}`, addressing: running.addressing === "virtual-hosted" ? "path" : "virtual-hosted" } });
  assert.ok(report.problems.length > 0, listing(report.checks));
});

test("CORS of another origin", async () => one(await doctor({ server: { origins: ["https://somebody.example"] } }), "cors", /somebody\.example/));

test("an address where nobody is", async () => one(await doctor({ s3: { endpoint: "http://127.0.0.1:9" } }), "reach", /s3\.endpoint/));

/** Sends what was signed, changed, and has the refusal explained. */
async function explained(sign, change) {
  const aws = new AwsClient({ ...running.keys, service: "s3", region: running.region, retries: 0, ...sign });
  const request = await aws.sign(`${s3.url}/${PREFIX}explained`, { method: "PUT", headers: { "x-amz-meta-a": "1", "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...sign?.headers }, aws: { datetime: sign?.datetime } });
  const headers = Object.fromEntries(request.headers);
  const sent = { url: request.url, headers: { ...headers } };
  change?.(sent);
  const answer = await fetch(sent.url, { method: "PUT", headers: sent.headers, body: "hello" });
  const text = await answer.text();
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${text}`);
  const file = path.join(folder, "signed.json");
  writeFileSync(file, JSON.stringify({ method: "PUT", url: request.url, headers }));
  const { stdout } = await run(["explain", "--signed", file, "--json"], text);
  const explanation = JSON.parse(stdout);
  explanation.saysMore = text.includes("<CanonicalRequest>");
  explanation.answer = text;
  assert.ok(!stdout.includes(running.keys.secretAccessKey));
  return explanation;
}

test("refused signatures are explained", async () => {
  const expect = (name, explanation, precise, vague = []) => {
    const fits = explanation.saysMore ? [precise] : [precise, ...vague];
    assert.ok(fits.includes(explanation.cause), `${name}: ${explanation.cause}\n${explanation.summary}\n${explanation.answer}`);
  };
  // Where the server says nothing of what it signed, the secret is named first and a proxy second.
  const vague = ["wrong_secret"];
  expect("secret", await explained({ secretAccessKey: "wrong" }), "wrong_secret");
  // Swift answers for a key that it does not know as for a wrong secret.
  const key = await explained({ accessKeyId: "NOBODYSKEY" });
  expect("key", key, key.saysMore ? "wrong_secret" : "unknown_access_key");
  expect("header", await explained({}, ({ headers }) => (headers["x-amz-meta-a"] = "2")), "header_changed", vague);
  expect("dropped", await explained({}, ({ headers }) => delete headers["x-amz-meta-a"]), "header_dropped", [...vague, "unsigned_header", "not_the_signature"]);
  expect("path", await explained({}, (sent) => (sent.url += "-other")), "path", vague);
  expect("query", await explained({}, (sent) => (sent.url += "?fbclid=1")), "query", vague);
  expect("clock", await explained({ datetime: "20200101T000000Z" }), "clock", ["scope_date", ...vague]);
});
