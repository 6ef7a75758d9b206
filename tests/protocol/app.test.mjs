// The app's part, against both back ends: it keeps uploads, and it is asked about them.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { BACKENDS, HOOK_SECRET, startS3 } from "./support/backends.mjs";
import { Client, sha256 } from "./support/client.mjs";

const BYTES = Buffer.from("a file that the app has its say about");

for (const [name, start] of Object.entries(BACKENDS)) {
  describe(name, () => {
    let s3, app, backend, anna;
    before(async () => {
      [s3, app] = await Promise.all([startS3(), startApp()]);
      backend = await start({ s3, pending: true, webhook: app.url });
      anna = new Client(backend.url, "anna");
    });
    after(() => Promise.all([backend?.stop(), app?.stop(), s3?.stop()]));

    it("keeps what the app keeps, as often as it says so", async () => {
      const stored = await anna.upload(BYTES);
      assert.match(stored.key, /^pending\//);
      const keep = () => anna.app("/attachments/keep", { attachments: [{ receipt: stored.receipt }], user: "anna" });
      const [first, again] = [await keep(), await keep()];
      assert.equal(first.body.results[0].key, stored.key.replace(/^pending\//, ""));
      assert.deepEqual(again.body, first.body);
      const { status, body } = await anna.call("/attachments/keep", { attachments: [{ key: stored.key }] });
      assert.deepEqual([status, body.error.code], [401, "unauthenticated"]);
    });

    it("asks the app in signed questions, and tells the user what it says", async () => {
      app.refuse = { "upload.requested": "the ticket is closed" };
      const refused = await anna.upload(BYTES);
      assert.deepEqual([refused.error.code, refused.error.message], ["app_refused", "the ticket is closed"]);

      app.refuse = { "upload.finished": "not this one" };
      const deleted = await anna.upload(BYTES);
      assert.deepEqual([deleted.error.code, deleted.error.message], ["app_refused", "not this one"]);
      app.refuse = {};
      assert.equal((await anna.finish(deleted.token)).error.code, "not_uploaded");
      assert.deepEqual([...new Set(app.asked.map(({ type, data }) => `${type} ${data.user}`))], ["upload.requested anna", "upload.finished anna"]);
    });

    it("asks again when the app stumbles, and gives no grant without it", async () => {
      app.fail = 1;
      assert.equal((await anna.upload(BYTES)).error, undefined);
      app.fail = Infinity;
      assert.equal((await anna.upload(BYTES)).error.code, "app_unavailable");
      app.fail = 0;
    });
  });
}

for (const [name, start] of Object.entries(BACKENDS)) {
  it(`${name} counts what a user is granted`, async () => {
    const s3 = await startS3();
    const backend = await start({ s3, filesPerHour: 2 });
    try {
      const [anna, ben] = [new Client(backend.url, "anna"), new Client(backend.url, "ben")];
      const file = { name: "a.txt", type: "text/plain", size: BYTES.length, sha256: sha256(BYTES) };
      assert.equal((await anna.call("/uploads", { files: [file, file] })).status, 200);
      const refused = await anna.raw("POST", "/uploads", { body: { files: [file] } });
      assert.deepEqual([refused.status, (await refused.json()).error.code], [429, "rate_limited"]);
      assert.ok(Number(refused.headers.get("retry-after")) > 0);
      assert.equal((await ben.call("/uploads", { files: [file] })).status, 200);
    } finally {
      await backend.stop();
      await s3.stop();
    }
  });
}

/** An app that verifies what it is asked. */
async function startApp() {
  const app = { asked: [], refuse: {}, fail: 0, url: "", stop: async () => {} };
  const server = createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces).toString();
      const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = request.headers;
      const mac = createHmac("sha256", HOOK_SECRET).update(`${id}.${timestamp}.${body}`).digest("base64");
      const recent = Math.abs(Date.now() / 1000 - Number(timestamp)) < 60;
      if (signature !== `v1,${mac}` || !recent) return response.writeHead(401).end();
      if (app.fail > 0) {
        app.fail -= 1;
        return response.writeHead(503).end();
      }
      const question = JSON.parse(body);
      app.asked.push(question);
      const message = app.refuse[question.type];
      return response.writeHead(200).end(message ? JSON.stringify({ results: question.data.uploads.map(() => ({ allowed: false, message })) }) : "");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  app.url = `http://127.0.0.1:${server.address().port}/hook`;
  app.stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return app;
}
