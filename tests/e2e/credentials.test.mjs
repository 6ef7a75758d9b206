// What of the app's own authentication travels where: to the endpoint as it was said, to the bucket never.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
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
  // Cookies know no ports: this one is the endpoint's, the app's and the bucket's.
  await page.context().addCookies([{ name: "session", value: "of-the-app", url: app.url }]);
  await page.goto(`${app.url}/blank.html`);
});
test.afterEach(() => page.context().close());

/** Uploads with these options (`headers`: the source of an expression) and tells the headers that were sent, by origin. */
async function sent({ headers = "undefined", ...options }) {
  const requests = [];
  page.on("request", (request) => request.method() !== "OPTIONS" && requests.push(request));
  await page.evaluate(
    async ({ endpoint, given, source }) => {
      const { createUploader } = await import("/js/index.js");
      const uploader = createUploader({ endpoint, ...given, headers: (0, eval)(source) });
      await uploader.add(new File(["x"], "x.txt")).result;
    },
    { endpoint: `${server.url}/sealift`, given: options, source: headers },
  );
  const to = (origin) => Promise.all(requests.filter((request) => request.url().startsWith(origin)).map((request) => request.allHeaders()));
  const found = { endpoint: await to(`${server.url}/sealift`), bucket: await to(server.s3Url) };
  assert.ok(found.endpoint.length >= 2 && found.bucket.length >= 1);
  return found;
}

for (const transport of ["put", "post"]) {
  test(`cookies travel to an endpoint elsewhere when that is said, and never to the bucket (${transport})`, async () => {
    const usual = await sent({ transport });
    for (const headers of [...usual.endpoint, ...usual.bucket]) assert.equal(headers.cookie, undefined);
    const said = await sent({ transport, credentials: "include" });
    for (const headers of said.endpoint) assert.equal(headers.cookie, "session=of-the-app");
    for (const headers of said.bucket) assert.equal(headers.cookie, undefined);
  });
}

for (const [label, headers] of [
  ["a record", `({ "x-app": "signed in" })`],
  ["pairs", `[["x-app", "signed in"]]`],
  ["Headers", `new Headers({ "x-app": "signed in" })`],
  ["a function", `() => ({ "x-app": "signed in" })`],
  ["an asynchronous function", `async () => new Headers({ "x-app": "signed in" })`],
]) {
  test(`headers given as ${label} go with every call of the endpoint, and never to the bucket`, async () => {
    const found = await sent({ headers });
    for (const theirs of found.endpoint) assert.equal(theirs["x-app"], "signed in");
    for (const theirs of found.bucket) assert.equal(theirs["x-app"], undefined);
  });
}
