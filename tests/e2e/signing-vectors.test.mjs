// The vectors through the wasm package in Chromium.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, findBrowser } from "../../scripts/lib/browser.mjs";
import { EXPECTED, EXPECTED_WITHOUT_SUITE, readCases } from "../vectors-wasm/cases.mjs";
import { serve } from "../vectors-wasm/serve.mjs";

test("every vector signs in Chromium as it should", async (context) => {
  const cases = readCases();
  if (!cases.suite) context.diagnostic("aws-c-auth: left out, the suite does not lie beside this checkout");
  const server = await serve(["js", "pkg", "tests/vectors-wasm"], { "/cases.json": cases });
  const browser = await chromium.launch({ executablePath: findBrowser(), args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const counts = await page.evaluate(async () => {
      const [signing, { runVectors }, cases] = await Promise.all([
        import("/js/signing.js"),
        import("/tests/vectors-wasm/run.mjs"),
        fetch("/cases.json").then((answer) => answer.json()),
      ]);
      return runVectors(signing, cases);
    });
    assert.deepEqual(counts, cases.suite ? EXPECTED : EXPECTED_WITHOUT_SUITE);
  } finally {
    await browser.close();
    await server.close();
  }
});
