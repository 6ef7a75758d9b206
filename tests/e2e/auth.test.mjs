// Users: the app's own tokens travel with every call, are refreshed once, and keep users apart.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { startServer } from "./harness/server.mjs";

const SECRET = "a secret of the app, thirty-two bytes or more";

let app, server, browser, page;
before(async () => {
  app = await serveFixtures();
  const config = { server: { origins: [app.url] }, auth: { kind: "jwt", algorithm: "HS256", secret_file: "jwt-secret" } };
  [server, browser] = await Promise.all([startServer(config, { "jwt-secret": SECRET }), launch()]);
});
after(() => Promise.all([browser?.close(), server?.stop(), app?.stop()]));

test.beforeEach(async () => {
  page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
});
test.afterEach(() => page.context().close());

/** A token of the app's, good for `seconds` from now (or already not). */
function token(user, seconds = 300) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: user, exp: Math.floor(Date.now() / 1000) + seconds })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

/** Uploads in the page with the tokens given, the next one after every refresh; tells how it went. */
const upload = (tokens, name = "file.txt") =>
  page.evaluate(
    async ({ endpoint, all, fileName }) => {
      const { createUploader } = await import("/js/index.js");
      let current = 0;
      let refreshed = 0;
      const uploader = createUploader({
        endpoint,
        headers: async () => ({ authorization: `Bearer ${all[Math.min(current, all.length - 1)]}` }),
        onUnauthorized: () => {
          refreshed += 1;
          current += 1;
        },
      });
      const ended = await uploader.add(new File(["of a user"], fileName)).result.then(
        (object) => ({ key: object.key, receipt: object.receipt }),
        (error) => ({ code: error.code, status: error.status, text: `${error.message} ${error.stack}` }),
      );
      return { ...ended, refreshed };
    },
    { endpoint: `${server.url}/sealift`, all: tokens, fileName: name },
  );

test("a token that ran out is refreshed once, and the upload goes on", async () => {
  const found = await upload([token("ann", -3600), token("ann")]);
  assert.equal(found.refreshed, 1, JSON.stringify(found));
  assert.match(found.key, /^uploads\/ann\//);
});

test("a second refusal is the end, said without the token", async () => {
  const old = token("ann", -3600);
  const found = await upload([old]);
  assert.equal(found.code, "unauthenticated");
  assert.equal(found.status, 401);
  assert.equal(found.refreshed, 1);
  assert.ok(!found.text.includes(old));
});

test("a user whose name has slashes stays in a segment of their own", async () => {
  const found = await upload([token("../ann/private")]);
  assert.ok(found.key, JSON.stringify(found));
  assert.ok(!found.key.startsWith("uploads/ann/"));
  assert.equal(found.key.split("/").length, 4, found.key);
  assert.ok((await new Bucket(server).list()).includes(found.key));
});

test("one user's receipt deletes nothing for another", async () => {
  const { key, receipt } = await upload([token("ann")], "hers.txt");
  const { body } = await server.call("uploads/delete", { uploads: [{ receipt }] }, { authorization: `Bearer ${token("bob")}` });
  assert.equal(body.results[0].deleted, undefined);
  assert.ok(body.results[0].error.code);
  assert.equal((await new Bucket(server).read(key)).status, 200);
  const own = await server.call("uploads/delete", { uploads: [{ receipt }] }, { authorization: `Bearer ${token("ann")}` });
  assert.equal(own.body.results[0].deleted, true);
  assert.equal((await new Bucket(server).read(key)).status, 404);
});
