// Endpoints that answer nonsense, and files described oddly: a typed error or a stored file, and the uploader works on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";

let app, server, browser, page;
before(async () => {
  app = await serveFixtures();
  [server, browser] = await Promise.all([startServer({ server: { origins: [app.url] } }), launch()]);
});
after(() => Promise.all([browser?.close(), server?.stop(), app?.stop()]));

test.beforeEach(async () => {
  page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
});
test.afterEach(() => page.context().close());

const NOW = "2026-01-01T00:00:00Z";
const LATER = "2026-01-01T01:00:00Z";
const GRANT = { token: "t", bucket: "b", key: "k", size: 1, type: "text/plain", expires: LATER, plan: { kind: "put" } };
const PUT = { intent: { op: "put" }, method: "PUT", url: "/k", headers: [], expires: LATER };
const one = (upload) => ({ now: NOW, uploads: [upload] });
const ANSWERS = {
  "a web page": "<!doctype html><title>App</title>",
  "nothing": "",
  "null": null,
  "a number": 5,
  "a list": [],
  "an empty object": {},
  "no uploads": { now: NOW, uploads: [] },
  "more uploads than asked for": { now: NOW, uploads: [{}, {}] },
  "an upload that is null": one(null),
  "a grant that is a number": one({ grant: 5, requests: 5 }),
  "a grant without requests": one({ grant: GRANT }),
  "a grant that has no date": one({ grant: { ...GRANT, expires: "soon" }, requests: [PUT] }),
  "a clock that is none": { ...one({ grant: GRANT, requests: [PUT] }), now: "noon" },
  "a size that is no size": one({ grant: { ...GRANT, size: -1e300 }, requests: [PUT] }),
  "a plan that nobody knows": one({ grant: { ...GRANT, plan: { kind: "pigeon" } }, requests: [PUT] }),
  "an error that is none": one({ error: 5 }),
};

test("an endpoint that answers nonsense is told so", async () => {
  let body;
  await page.route("**/nonsense/**", (route) => route.fulfill({ contentType: "application/json", body }));
  for (const [label, answer] of Object.entries(ANSWERS)) {
    body = typeof answer === "string" ? answer : JSON.stringify(answer);
    const found = await page.evaluate(async () => {
      const { createUploader, SealiftError } = await import("/js/index.js");
      const upload = createUploader({ endpoint: "/nonsense" }).add(new File(["x"], "x.txt"));
      return upload.result.catch((error) => ({ typed: error instanceof SealiftError, state: upload.state, code: error.code, retryable: error.retryable }));
    });
    assert.deepEqual({ ...found, code: typeof found.code }, { typed: true, state: "failed", code: "string", retryable: false }, label);
  }
});

const LONG = "n".repeat(5000);
const FILES = {
  "a name of dots": { name: ".." },
  "a name of one space": { name: " " },
  "a name with a control character": { name: "a\u0001b" },
  "a name with NUL": { name: "a\0b" },
  "a name with half a character": { name: "a\ud800b" },
  "a name that turns the writing round": { name: "\u202egnp.exe" },
  "a path with dot segments": { name: "a/../../b" },
  "a path of slashes": { name: "//a//" },
  "a name with encoded dots": { name: "%2e%2e/x" },
  "a name with a variable of S3's": { name: "${filename}" },
  "a long name": { name: LONG },
  "a type that is none": { type: "no type" },
  "a type with a line break": { type: "text/plain\r\nx: y" },
  "a long type": { type: `a/${LONG}` },
  "metadata with odd letters": { metadata: { note: "ü 🚢 \ud800" } },
  "metadata with a line break": { metadata: { note: "a\r\nb" } },
  "metadata with spaces": { metadata: { note: "  a   b  " } },
  "metadata without a name": { metadata: { "": "x" } },
  "metadata whose name is no header's": { metadata: { "a b": "x" } },
  "metadata of many names": { metadata: Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`${index}`, "v"])) },
  "long metadata": { metadata: { note: LONG } },
};

for (const transport of ["put", "post"]) {
  test(`a file described oddly is stored below its user or refused by type (${transport})`, async () => {
    const found = await page.evaluate(
      async ({ endpoint, way, files }) => {
        const { createUploader, SealiftError } = await import("/js/index.js");
        const uploader = createUploader({ endpoint, transport: way });
        const end = async ([label, options]) => {
          try {
            return [label, { key: (await uploader.add(new Blob(["odd"]), options).result).key }];
          } catch (error) {
            return [label, { typed: error instanceof SealiftError, code: error.code, status: error.status }];
          }
        };
        return Object.fromEntries(await Promise.all(Object.entries(files).map(end)));
      },
      { endpoint: `${server.url}/sealift`, way: transport, files: FILES },
    );
    const keys = [];
    for (const [label, { key, typed, code, status }] of Object.entries(found)) {
      if (key === undefined) {
        assert.ok(typed && /^(key|type|metadata|transport)_refused$/.test(code) && [415, 422].includes(status), `${label}: ${code} ${status}`);
        continue;
      }
      assert.match(key, /^uploads\/anonymous\/[0-9a-f-]{36}\/[^/]+$/, label);
      assert.ok(!/\/\.{1,2}$/.test(key), `${label}: ${key}`);
      keys.push(key);
    }
    for (const label of ["a long name", "a type that is none", "a type with a line break", "metadata with a line break", "long metadata", "a name with a variable of S3's"]) {
      assert.ok(found[label].code, `${label} was stored`);
    }
    // A form's policy would grow too large with these.
    if (transport === "post") assert.equal(found["metadata of many names"].code, "transport_refused");
    else assert.ok(found["metadata of many names"].key);
    for (const label of ["a name of dots", "metadata with odd letters"]) assert.ok(found[label].key, `${label}: ${found[label].code}`);
    const listed = new Set(await new Bucket(server).list());
    assert.deepEqual(keys.filter((key) => !listed.has(key)), []);
  });
}
