// What `npm pack` makes is what a person installs: it holds what it should, nothing more, and works in Node.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const work = mkdtempSync(path.join(tmpdir(), "sealift-pack-"));
const project = path.join(work, "project");
let packed;

before(() => {
  [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", work], root));
  mkdirSync(project);
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "consumer", version: "1.0.0", type: "module", private: true }));
  // Without a network: the package has no dependencies to look up.
  npm(["install", "--offline", "--no-audit", "--no-fund", path.join(work, packed.filename)], project);
});
after(() => rmSync(work, { recursive: true, force: true }));

test("the tarball holds the facade, its types, every module and the licences", () => {
  const files = packed.files.map((file) => file.path);
  for (const module of ["uploader", "signing", "hash", "server"]) {
    assert.ok(files.includes(`pkg/${module}/sealift_${module}.js`), `glue of ${module}`);
    assert.ok(files.includes(`pkg/${module}/sealift_${module}_bg.wasm`), `wasm of ${module}`);
  }
  // What speaks plain numbers has no glue.
  assert.ok(files.includes("pkg/sums/sealift_sums_bg.wasm"));
  for (const file of ["package.json", "README.md", "LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "js/index.js", "js/index.d.ts", "js/server.js", "js/server.d.ts", "js/resume/keeper.js"]) {
    assert.ok(files.includes(file), file);
  }
});

test("the tarball holds nothing else", () => {
  const allowed = /^(js\/[\w/-]+\.(js|d\.ts)|pkg\/(uploader|sums|signing|hash|server)\/sealift_[a-z_]+\.(js|d\.ts|wasm)|pkg\/inline\/[a-z-]+\.js|package\.json|README\.md|CHANGELOG\.md|LICENSE(-\w+)?)$/;
  const strange = packed.files.map((file) => file.path).filter((file) => !allowed.test(file) && !/^pkg\/\w+\/snippets\//.test(file));
  assert.deepEqual(strange, []);
});

test("every file that `exports` names is in the tarball", () => {
  const files = new Set(packed.files.map((file) => `./${file.path}`));
  const targets = Object.values(manifest.exports).flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)));
  for (const target of targets.filter((name) => !name.includes("*"))) assert.ok(files.has(target), target);
  assert.ok(files.has(manifest.types));
});

test("no file of the tarball names this machine", () => {
  const installed = path.join(project, "node_modules", manifest.name);
  for (const { path: file } of packed.files) {
    const bytes = readFileSync(path.join(installed, file));
    assert.ok(!bytes.includes(root), `${file} names the folder it was built in`);
    assert.ok(!bytes.includes(homedir()), `${file} names the home of who built it`);
    assert.ok(!/registry\/src/.test(bytes.toString("latin1")), `${file} names cargo's folders`);
  }
});

test("the modules that every page loads are sound, and without the names of their functions", () => {
  for (const module of ["uploader", "sums", "hash"]) {
    const bytes = readFileSync(path.join(project, "node_modules", manifest.name, "pkg", module, `sealift_${module}_bg.wasm`));
    assert.ok(WebAssembly.validate(bytes), module);
    assert.deepEqual(WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "name"), [], `names in ${module}`);
  }
});

test("installed in a project, it signs a request in Node", () => {
  const script = `
    import { signRequest, presignUrl } from "sealift";
    const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
    const scope = { region: "us-east-1", service: "s3", date: "20130524T000000Z" };
    // AWS's own example, "GET Object" of the S3 documentation.
    const signed = await signRequest(
      {
        method: "GET",
        url: "https://examplebucket.s3.amazonaws.com/test.txt",
        headers: [["range", "bytes=0-9"]],
        payloadHash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      },
      credentials,
      scope,
    );
    const { url } = await presignUrl(
      { method: "GET", url: "https://examplebucket.s3.amazonaws.com/test.txt" },
      credentials,
      { ...scope, expiresIn: 86400 },
    );
    console.log(JSON.stringify({ signature: signed.signature, url }));
  `;
  writeFileSync(path.join(project, "sign.mjs"), script);
  const { signature, url } = JSON.parse(execFileSync(process.execPath, ["sign.mjs"], { cwd: project, encoding: "utf8" }));
  assert.equal(signature, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  // The same documentation's presigned URL.
  assert.equal(new URL(url).searchParams.get("X-Amz-Signature"), "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
});

test("installed in a project, its handler answers", () => {
  const script = `
    import { createHandler } from "sealift/server";
    const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
    const s3 = { endpoint: "https://s3.eu-west-1.amazonaws.com", region: "eu-west-1", bucket: "attachments", credentials };
    const handler = createHandler({ s3, secrets: "x".repeat(32), publicUrl: "https://app.example.com", authenticate: () => "anna" });
    const answer = await handler(new Request("https://app.example.com/sealift/capabilities"));
    console.log(answer.status, (await answer.json()).bucketOrigin);
  `;
  writeFileSync(path.join(project, "serve.mjs"), script);
  assert.equal(execFileSync(process.execPath, ["serve.mjs"], { cwd: project, encoding: "utf8" }).trim(), "200 https://s3.eu-west-1.amazonaws.com");
});

test("importing it loads nothing and touches no browser global", () => {
  const script = `await import("sealift"); await import("sealift/element"); await import("sealift/server"); console.log("imported");`;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: project, encoding: "utf8" }).trim(), "imported");
});

function npm(args, cwd) {
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, npm_config_update_notifier: "false" } });
}
