// A page that sends another file than was signed: the bucket refuses it, by PUT and by form.
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
  page = await openPage(browser);
  await page.goto(`${app.url}/blank.html`);
});
after(() => Promise.all([browser?.close(), server?.stop(), app?.stop()]));

/** Sends each body under one signed request for `hello`, as a page would that was tampered with; tells the answers. */
const sendAll = (request, bodies) =>
  page.evaluate(
    async ([signed, all]) => {
      const answers = [];
      for (const body of all) {
        let content = new Blob([body]);
        if (signed.fields) {
          const form = new FormData();
          for (const [name, value] of signed.fields) form.append(name, value);
          form.append("file", content);
          content = form;
        }
        const answer = await fetch(signed.url, { method: signed.method, headers: signed.headers ?? [], body: content });
        answers.push([answer.status, (await answer.text()).match(/<Code>(\w+)<\/Code>/)?.[1]]);
      }
      return answers;
    },
    [request, bodies],
  );

for (const [transport, longer, shorter] of [
  ["put", [403, "SignatureDoesNotMatch"], [403, "SignatureDoesNotMatch"]],
  ["post", [400, "EntityTooLarge"], [400, "EntityTooSmall"]],
]) {
  test(`by ${transport}: longer and shorter than signed are refused, the file itself is taken`, async () => {
    const file = { name: `${transport}.txt`, size: 5, type: "text/plain", sha256: sha256("hello"), transport };
    const { body } = await server.call("uploads", { files: [file] });
    const [{ grant, requests }] = body.uploads;
    const answers = await sendAll(requests[0], ["hello, and far more than was signed", "hell", "jello"]);
    assert.deepEqual(answers.slice(0, 2), [longer, shorter]);
    // Of the right length, but other bytes.
    assert.ok(answers[2][0] >= 400 && answers[2][0] < 500, answers[2].join(" "));
    assert.deepEqual((await bucket.list()).filter((key) => key === grant.key), []);
    const [[status]] = await sendAll(requests[0], ["hello"]);
    assert.ok([200, 201, 204].includes(status), `${status}`);
    assert.equal((await bucket.read(grant.key)).sha256, sha256("hello"));
  });
}
