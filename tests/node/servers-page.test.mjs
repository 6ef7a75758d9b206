// docs/servers.md says what the runs against real servers found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isPageTrue } from "../s3-servers/results.mjs";

test("the tables of servers are those of the results that are kept", () => {
  assert.ok(isPageTrue(), "npm run test:s3 -- SERVER writes both");
});
