// What a release is made of: one version everywhere, packages that hold what they should, a workflow without keys.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { disagreements, setVersion, versions } from "../../scripts/version.mjs";

const read = (file) => readFileSync(path.join(ROOT, file), "utf8");

test("one version stands everywhere, and is set everywhere", () => {
  const found = versions();
  assert.deepEqual(disagreements(found), []);
  const copy = mkdtempSync(path.join(tmpdir(), "sealift-version-"));
  try {
    for (const { file } of found) {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      cpSync(path.join(ROOT, file), path.join(copy, file));
    }
    setVersion("9.8.7-beta.6", copy);
    assert.deepEqual([...new Set(versions(copy).map(({ version }) => version))], ["9.8.7-beta.6"]);
    assert.throws(() => setVersion("9.8", copy), /no version/);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  assert.deepEqual(disagreements([{ file: "Cargo.toml", version: "1.0.0" }, { file: "package.json", version: "1.0.1" }]), ["package.json says 1.0.1, Cargo.toml 1.0.0"]);
});

test("npm has nothing to correct when it publishes", () => {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status, stderr } = spawnSync(npm, ["publish", "--dry-run", "--offline", "--tag", "dry-run"], { cwd: ROOT, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /auto-corrected|errors corrected|npm error/i);
});

test("the crates hold their sources, readme and licences, and nothing else", () => {
  const allowed = /^(\.cargo_vcs_info\.json|Cargo\.(toml|lock|toml\.orig)|README\.md|CHANGELOG\.md|LICENSE-(MIT|APACHE)|sealift\.example\.toml|(src|tests|examples|deploy)\/[\w./-]+)$/;
  for (const crate of ["sealift", "sealift-dev-s3", "sealift-server"]) {
    const files = execFileSync("cargo", ["package", "--list", "--allow-dirty", "--offline", "-p", crate], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
    assert.deepEqual(files.filter((file) => !allowed.test(file)), [], crate);
    for (const needed of ["README.md", "LICENSE-MIT", "LICENSE-APACHE"]) assert.ok(files.includes(needed), `${crate}: ${needed}`);
  }
});

test("the workflow publishes with provenance and without a stored key", () => {
  const workflow = read(".github/workflows/release.yml");
  for (const line of ["id-token: write", "npm publish --provenance --access public", "rust-lang/crates-io-auth-action", "node scripts/version.mjs", "npm test"]) {
    assert.ok(workflow.includes(line), line);
  }
  assert.doesNotMatch(workflow, /secrets\.(?!GITHUB_TOKEN)/);
  assert.ok(!workflow.includes("permissions: write-all"));
});

test("the changelog has a place for what comes next", () => {
  assert.match(read("CHANGELOG.md"), /^## Unreleased\n/m);
});
