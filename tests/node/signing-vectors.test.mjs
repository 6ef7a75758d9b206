// The vectors through the wasm package in Node.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as signing from "../../js/signing.js";
import { EXPECTED, EXPECTED_WITHOUT_SUITE, readCases } from "../vectors-wasm/cases.mjs";
import { runVectors } from "../vectors-wasm/run.mjs";

test("every vector signs in Node as it should", async (context) => {
  const cases = readCases();
  if (!cases.suite) context.diagnostic("aws-c-auth: left out, the suite does not lie beside this checkout");
  const counts = await runVectors(signing, cases);
  assert.deepEqual(counts, cases.suite ? EXPECTED : EXPECTED_WITHOUT_SUITE);
});
