// Buckets whose CORS rules lack something: what the page is told names just that.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { sha256 } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";

let app, server, browser, bucket, page;
before(async () => {
  app = await serveFixtures();
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] } }), launch()]);
  bucket = new Bucket(server);
});
after(() => Promise.all([browser?.close(), server?.stop(), app?.stop()]));

test.beforeEach(async () => {
  page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
});
test.afterEach(() => page.context().close());

const rule = (changes) => ({ AllowedOrigins: [app.url], AllowedMethods: ["PUT", "POST"], AllowedHeaders: ["*"], ExposeHeaders: ["ETag"], ...changes });

/** Uploads in the page until there is an error or an object; `globalThis.upload` stays. */
const upload = (text) =>
  page.evaluate(
    async ({ endpoint, content }) => {
      const { createUploader } = await import("/js/index.js");
      const upload = (globalThis.upload = createUploader({ endpoint, transport: "put" }).add(new File([content], "cors.txt")));
      return new Promise((resolve) => {
        upload.addEventListener("statechange", () => {
          const { state, error, object } = upload;
          if (error) resolve({ state, name: error.name, code: error.code, message: error.message, retryable: error.retryable });
          if (object) resolve({ state, key: object.key });
        });
      });
    },
    { endpoint: `${server.url}/sealift`, content: text },
  );

test("rules that expose no ETag are named, and nothing is sent twice once they do", async () => {
  await bucket.allow(rule({ ExposeHeaders: ["Date"] }));
  const found = await upload("hidden");
  assert.deepEqual([found.state, found.name], ["failed", "SealiftError"]);
  assert.match(found.message, /ETag/);
  assert.match(found.message, /ExposeHeaders/);

  // The bytes arrived, so the button has only to finish.
  let puts = 0;
  page.on("request", (request) => (puts += request.method() === "PUT" ? 1 : 0));
  const key = await page.evaluate(async () => {
    globalThis.upload.retry();
    return (await globalThis.upload.result).key;
  });
  assert.equal(puts, 0);
  assert.equal((await bucket.read(key)).sha256, sha256("hidden"));
});

for (const [label, changes, wanted] of [
  ["the page's origin", { AllowedOrigins: ["https://somebody.example"] }, () => app.url],
  ["the method", { AllowedMethods: ["GET"] }, () => "the method PUT"],
  ["a header", { AllowedHeaders: ["content-type"] }, () => "x-amz-content-sha256"],
]) {
  test(`rules without ${label}: the error says what they must allow`, async () => {
    await bucket.allow(rule(changes));
    const found = await upload("blocked");
    assert.deepEqual([found.name, found.code, found.retryable], ["SealiftError", "network", true]);
    assert.match(found.message, /CORS/);
    assert.ok(found.message.includes(wanted()), found.message);
    assert.ok(found.message.includes(server.s3Url), found.message);
    assert.ok(!/X-Amz-Signature|Signature=|authorization:/i.test(found.message), found.message);
    // A bucket that was mended takes it without further ado.
    await bucket.allow(rule());
    const key = await page.evaluate(async () => {
      globalThis.upload.retry();
      return (await globalThis.upload.result).key;
    });
    assert.equal((await bucket.read(key)).sha256, sha256("blocked"));
  });
}
