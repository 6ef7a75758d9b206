// What a person reads to support finds the call in the server's log.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "./harness/browser.mjs";
import { openDemo } from "./harness/demo.mjs";
import { startServer } from "./harness/server.mjs";

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer({ rules: { types: ["image/*"] } }), launch()]);
});
after(() => Promise.all([browser?.close(), server?.stop()]));

test("the request id of a refusal is in the error that the page shows, and in the server's log", async () => {
  const demo = await openDemo(browser, server);
  const answered = demo.page.waitForResponse((response) => response.url().endsWith("/sealift/uploads"));
  await demo.choose([{ name: "words.txt", mimeType: "text/plain", buffer: Buffer.from("words") }]);
  const { code } = await demo.row("words.txt").trouble();
  assert.equal(code, "type_refused");
  const id = (await answered).headers()["x-request-id"];
  assert.match(id, /^[\w-]{8,}$/);
  const facts = await demo.row("words.txt").element.locator('[data-part="facts"]').textContent();
  assert.ok(facts.includes(`Request id${id}`), facts);
  assert.ok(server.log.includes(id), "the log names it");
  await demo.close();
});
