// docs/browsers.md says what the tests found in each browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ENGINES, FEATURES, PAGE, readResults, tablesOf, withTables } from "../../scripts/lib/browser-tables.mjs";

const results = readResults();

test("each browser was run, nothing failed, and every feature was looked for", () => {
  assert.deepEqual(Object.keys(results), ENGINES);
  for (const { browser, suites, features } of Object.values(results)) {
    assert.match(browser, /^(Chromium|Firefox|WebKitGTK) \d/);
    assert.deepEqual(Object.keys(features).sort(), Object.keys(FEATURES).sort());
    for (const suite of ["upload", "resume", "hashing"]) {
      assert.ok(suites[suite].passed > 5, `${browser}: ${suite}`);
      assert.deepEqual(suites[suite].failed, []);
    }
  }
});

test("the page's tables are the results", () => {
  const page = readFileSync(PAGE, "utf8");
  assert.equal(page, withTables(page, results));
  for (const [name, table] of Object.entries(tablesOf(results))) assert.ok(page.includes(`<!-- results: ${name} -->\n${table}\n<!-- end -->`), name);
});
