// Signatures that S3 refuses, for real: the page's error says why.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { startBehindProxy } from "./harness/dev-s3.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startMeddlingProxy } from "./harness/meddling-proxy.mjs";

let app, browser, proxy, behind, page;
before(async () => {
  [app, browser, proxy] = await Promise.all([serveFixtures(), launch(), startMeddlingProxy()]);
  behind = await startBehindProxy({ config: { server: { origins: [app.url] }, s3: { public_endpoint: proxy.url } } });
  proxy.upstream = behind.s3.url;
});
after(() => Promise.all([browser?.close(), behind?.stop(), proxy?.stop(), app?.stop()]));

test.beforeEach(async () => {
  proxy.meddle = () => {};
  page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
});
test.afterEach(() => page.context().close());

/** Uploads in the page until it is done or has failed, and answers every state that was told. */
const upload = (server, { transport = "put", size = 20 } = {}) =>
  page.evaluate(
    async ({ endpoint, transport, size }) => {
      const { createUploader } = await import("/js/index.js");
      const upload = (globalThis.upload = createUploader({ endpoint, transport }).add(new File([new Uint8Array(size)], "explained.txt", { type: "text/plain" })));
      const states = [];
      upload.addEventListener("statechange", () => states.push(upload.state));
      const error = await upload.result.then(() => undefined, (error) => error);
      const { name, code, message, explanation } = error ?? {};
      return { states, state: upload.state, name, code, message, explanation: explanation && { ...explanation } };
    },
    { endpoint: `${server.url}/sealift`, transport, size },
  );

const assertDiscreet = ({ message, explanation }) => {
  const hints = explanation.differences.map(({ hint }) => hint).join(" ");
  assert.doesNotMatch(`${message} ${hints}`, /Signature=|X-Amz-Signature|https?:\/\//);
};

const meddlings = [
  ["changes a header", (request) => (request.headers["content-type"] = "text/html"), "header_changed", "header:content-type", /content-type was changed/],
  ["drops a header", (request) => delete request.headers["content-type"], "header_dropped", "header:content-type", /content-type was signed but did not arrive/],
  ["sends its upstream's Host", (request) => (request.headers.host = new URL(proxy.upstream).host), "port", "host", /port in Host differs/],
  ["puts a prefix before the path", (request) => (request.path = `/store${request.path}`), "path", "path", /more in front/],
];

for (const [what, meddle, cause, part, sentence] of meddlings) {
  test(`a proxy that ${what}: the error names it`, async () => {
    proxy.meddle = meddle;
    const found = await upload(behind.server);
    assert.deepEqual([found.state, found.name, found.code], ["failed", "SealiftError", "SignatureDoesNotMatch"]);
    assert.deepEqual([found.explanation.cause, found.explanation.differences[0].part], [cause, part]);
    assert.match(found.message, sentence);
    assert.equal(found.states.filter((state) => state === "failed").length, 1);
    assertDiscreet(found);

    // Once the proxy is mended, it goes on.
    proxy.meddle = () => {};
    const key = await page.evaluate(async () => {
      globalThis.upload.retry();
      return (await globalThis.upload.result).key;
    });
    assert.ok(key);
  });
}

for (const [way, options] of [["a PUT", {}], ["a form", { transport: "post" }], ["parts", { transport: "multipart", size: 6 * 2 ** 20 }]]) {
  test(`a wrong secret, by ${way}: the error says so`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "sealift-secret-"));
    const file = path.join(folder, "secret");
    writeFileSync(file, "not-the-secret-of-this-key", { mode: 0o600 });
    const wrong = await startBehindProxy({ config: { server: { origins: [app.url] }, s3: { secret_access_key_file: file } } });
    try {
      const found = await upload(wrong.server, options);
      assert.deepEqual([found.state, found.code], ["failed", "SignatureDoesNotMatch"]);
      assert.ok(["wrong_secret", "policy"].includes(found.explanation.cause), found.explanation.cause);
      assert.match(found.message, /secret/);
      assert.doesNotMatch(JSON.stringify(found), /not-the-secret-of-this-key/);
      assertDiscreet(found);
    } finally {
      await wrong.stop();
      rmSync(folder, { recursive: true });
    }
  });
}

test("without the signing module the error is told all the same", async () => {
  proxy.meddle = (request) => (request.headers["content-type"] = "text/html");
  await page.route("**/pkg/signing/**", (route) => route.abort());
  const found = await upload(behind.server);
  assert.deepEqual([found.state, found.code, found.explanation], ["failed", "SignatureDoesNotMatch", undefined]);
  assert.match(found.message, /another secret key, region or address/);
});

test("what is given up while it is explained stays given up", async () => {
  proxy.meddle = (request) => (request.headers["content-type"] = "text/html");
  await page.route("**/pkg/signing/**", async (route) => {
    await page.evaluate(() => globalThis.upload.abort());
    await route.continue();
  });
  const found = await upload(behind.server);
  assert.deepEqual([found.state, found.states.includes("failed")], ["aborted", false]);
});
