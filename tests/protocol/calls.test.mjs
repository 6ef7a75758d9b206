// The same calls against both back ends: what one answers, the other does.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { APP, APP_HEADERS, BACKENDS, headersOf, SECRET, startS3 } from "./support/backends.mjs";
import { Client, send, sha256 } from "./support/client.mjs";

const BYTES = Buffer.from("a file of the protocol's tests");

for (const [name, start] of Object.entries(BACKENDS)) {
  describe(name, () => {
    let s3, backend, anna, ben;
    before(async () => {
      s3 = await startS3();
      backend = await start({ s3 });
      [anna, ben] = [new Client(backend.url, "anna"), new Client(backend.url, "ben")];
    });
    after(() => Promise.all([backend?.stop(), s3?.stop()]));

    it("says what a page may know before it has a file", async () => {
      const answer = await anna.raw("GET", "/capabilities");
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), {
        bucketOrigin: s3.url, maxSize: 67_108_864, maxPostSize: 67_108_864, types: ["text/*", "image/png", "application/octet-stream"],
      });
      assert.equal(answer.headers.get("content-type"), "application/json");
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.headers.get("access-control-allow-origin"), APP);
      assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
    });

    for (const transport of ["put", "post"]) {
      it(`stores a file by ${transport}, vouches for it and deletes it`, async () => {
        const stored = await anna.upload(BYTES, { transport, metadata: { ticket: "42" } });
        assert.equal(stored.error, undefined);
        assert.equal(stored.sha256, sha256(BYTES));
        assert.deepEqual(Buffer.from(await (await fetch(stored.url)).arrayBuffer()), BYTES);

        const { body } = await anna.app("/receipts/verify", { receipts: [stored.receipt, "forged"], user: "anna" });
        assert.equal(body.results[0].key, stored.key);
        assert.deepEqual(body.results[0].metadata, { ticket: "42" });
        assert.equal(body.results[1].error.code, "receipt_invalid");
        const bens = await anna.app("/receipts/verify", { receipts: [stored.receipt], user: "ben" });
        assert.equal(bens.body.results[0].error.code, "receipt_of_another_user");

        const refused = await ben.call("/uploads/delete", { uploads: [{ receipt: stored.receipt }] });
        assert.equal(refused.body.results[0].error.code, "receipt_of_another_user");
        const deleted = await anna.call("/uploads/delete", { uploads: [{ receipt: stored.receipt }] });
        assert.deepEqual(deleted.body.results, [{ deleted: true }]);
        assert.equal((await anna.finish(stored.token)).error.code, "not_uploaded");
      });
    }

    it("signs the parts of a file, and renews its grant", async () => {
      const parts = [Buffer.alloc(5 * 1024 * 1024, 1), Buffer.from("the last")];
      const size = parts[0].length + parts[1].length;
      const { grant, requests } = await anna.create({ name: "film", size, type: "application/octet-stream", transport: "multipart", integrity: "sha256" });
      assert.deepEqual(grant.plan, { kind: "multipart", partSize: 5_242_880, parts: 2 });
      const created = await fetch(requests[0].url, { method: "POST", headers: requests[0].headers });
      const [, uploadId] = /<UploadId>([^<]+)</.exec(await created.text());
      const intents = parts.map((part, index) => ({ op: "part", number: index + 1, sha256: sha256(part) }));
      const signed = await anna.call("/sign", { requests: [{ token: grant.token, uploadId, intents: [{ op: "renew" }, ...intents] }] });
      const [{ grant: renewed, requests: puts }] = signed.body.results;
      assert.equal(renewed.key, grant.key);
      const etags = await Promise.all(puts.map((put, index) => send(put, parts[index])));
      const complete = { op: "complete", parts: etags.map((etag, index) => ({ etag, sha256: intents[index].sha256 })) };
      const last = await anna.call("/sign", { requests: [{ token: renewed.token, uploadId, intents: [complete] }] });
      await send(last.body.results[0].requests[0]);
      const stored = await anna.finish(renewed.token);
      assert.equal(stored.size, size);
      assert.match(stored.compositeSha256, /-2$/);
    });

    it("gives up an upload at S3 when it is deleted", async () => {
      const { grant, requests } = await anna.create({ name: "film", size: 6_000_000, transport: "multipart", integrity: "sha256", type: "text/plain" });
      const created = await fetch(requests[0].url, { method: "POST", headers: requests[0].headers });
      const [, uploadId] = /<UploadId>([^<]+)</.exec(await created.text());
      // The page may have lost the answer: the backend finds it by itself.
      assert.deepEqual((await anna.call("/uploads/delete", { uploads: [{ token: grant.token }] })).body.results, [{ deleted: true }]);
      const part = { op: "part", number: 1, sha256: sha256("x") };
      const signed = await anna.call("/sign", { requests: [{ token: grant.token, uploadId, intents: [part] }] });
      const put = signed.body.results[0].requests[0];
      const answer = await fetch(put.url, { method: "PUT", headers: put.headers, body: Buffer.alloc(5_242_880) });
      assert.ok(answer.status >= 400);
    });

    it("takes a plain form and brings its browser back with a receipt", async () => {
      const { body } = await anna.call("/forms", { forms: [{ type: "text/plain", redirect: "/done" }, { type: "text/plain", redirect: "https://evil.example/" }] });
      assert.equal(body.forms[1].error.code, "redirect_refused");
      const [form] = body.forms;
      const data = new FormData();
      for (const [field, value] of form.fields) data.append(field, value);
      data.append("file", new Blob([BYTES]));
      const answer = await fetch(form.url, { method: "POST", body: data, redirect: "manual" });
      assert.equal(answer.status, 303);
      const back = await fetch(answer.headers.get("location"), { redirect: "manual" });
      assert.equal(back.status, 303);
      assert.equal(back.headers.get("referrer-policy"), "no-referrer");
      const [path, query] = back.headers.get("location").split("?");
      assert.equal(new URL(path, backend.url).pathname, "/done");
      const verified = await anna.app("/receipts/verify", { receipts: [new URLSearchParams(query).get("receipt")], user: "anna" });
      assert.equal(verified.body.results[0].size, BYTES.length);

      const forged = await fetch(`${backend.url}/sealift/forms/finish/forged`, { redirect: "manual" });
      assert.equal(forged.status, 403);
      assert.match(forged.headers.get("content-type"), /^text\/html/);
      assert.match(await forged.text(), /grant_invalid/);
    });

    it("refuses in the place of each file", async () => {
      const digest = sha256(BYTES);
      const files = [
        { name: "big", size: 67_108_865, type: "text/plain", sha256: digest },
        { name: "page.html", size: 1, type: "text/html", sha256: digest },
        { name: "movie", size: 1, type: "video/mp4", sha256: digest },
        { name: "", size: 1, type: "text/plain", sha256: digest },
        { name: "bare", size: 1, type: "text/plain" },
      ];
      const { status, body } = await anna.call("/uploads", { files });
      assert.equal(status, 200);
      assert.deepEqual(body.uploads.map(({ error }) => error?.code), ["size_refused", undefined, "type_refused", "key_refused", "integrity_required"]);
    });

    it("refuses tokens that are not the caller's, or none", async () => {
      const { grant } = await anna.create({ name: "a.txt", size: 1, type: "text/plain", sha256: sha256("a") });
      const sign = async (client, token, intent = { op: "put" }) => {
        const { body } = await client.call("/sign", { requests: [{ token, intents: [intent] }] });
        return body.results[0].error?.code;
      };
      assert.equal(await sign(anna, grant.token), undefined);
      assert.equal(await sign(ben, grant.token), "grant_of_another_user");
      const [claims, mac] = grant.token.split(".");
      assert.equal(await sign(anna, `${claims.replace(/.$/, (last) => (last === "A" ? "B" : "A"))}.${mac}`), "grant_invalid");
      assert.equal(await sign(anna, grant.token, { op: "delete" }), "unknown_operation");
      assert.equal(await sign(anna, grant.token, { op: "post" }), "transport_refused");
    });

    const refusals = [
      ["a path that is no call", "POST", "/nothing", {}, 404, "not_found"],
      ["another method", "GET", "/sign", {}, 405, "method_not_allowed"],
      ["a body that is no JSON", "POST", "/sign", { body: "{" }, 400, "malformed_request"],
      ["a member that nobody knows", "POST", "/sign", { body: { requests: [], extra: 1 } }, 400, "malformed_request"],
      ["a body of another type", "POST", "/sign", { body: "{}", headers: { ...headersOf("anna"), "content-type": "text/plain" } }, 400, "malformed_request"],
      ["a body that is too long", "POST", "/sign", { body: JSON.stringify("x".repeat(70_000)) }, 413, "body_too_large"],
      ["too many files", "POST", "/uploads", { body: { files: Array.from({ length: 6 }, () => ({ name: "a", size: 1 })) } }, 413, "too_many_files"],
      ["nobody", "POST", "/sign", { body: { requests: [] }, headers: {} }, 401, "unauthenticated"],
      ["a forged login", "POST", "/sign", { body: { requests: [] }, headers: { authorization: `${headersOf("anna").authorization}x` } }, 401, "unauthenticated"],
      ["a user who calls for the app", "POST", "/receipts/verify", { body: { receipts: [] } }, 401, "unauthenticated"],
      ["another app", "POST", "/receipts/verify", { body: { receipts: [] }, headers: { authorization: "Bearer not-the-key-of-the-app" } }, 401, "unauthenticated"],
      ["the app for a user", "POST", "/sign", { body: { requests: [] }, headers: APP_HEADERS }, 401, "unauthenticated"],
      ["a page of another origin", "POST", "/sign", { body: { requests: [] }, headers: { ...headersOf("anna"), origin: "https://evil.example" } }, 403, "origin_refused"],
    ];
    for (const [what, method, path, options, status, code] of refusals) {
      it(`refuses ${what}`, async () => {
        const answer = await anna.raw(method, path, { ...options, headers: { "x-request-id": "the-id.1", ...(options.headers ?? headersOf("anna")) } });
        const { error } = await answer.json();
        assert.deepEqual([answer.status, error.code, error.requestId, error.retryable], [status, code, "the-id.1", false]);
        assert.equal(answer.headers.get("x-request-id"), "the-id.1");
        assert.equal(answer.headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
        const allowed = options.headers?.origin === undefined ? APP : null;
        assert.equal(answer.headers.get("access-control-allow-origin"), allowed);
      });
    }

    it("gives an id to a call that has none that can stand in a log", async () => {
      const answer = await anna.raw("GET", "/capabilities", { headers: { ...headersOf("anna"), "x-request-id": "two words" } });
      assert.match(answer.headers.get("x-request-id"), /^[0-9a-f]{24}$/);
    });

    it("lets pages of allowed origins ask, and no others", async () => {
      const preflight = (origin) =>
        anna.raw("OPTIONS", "/sign", { headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" } });
      const ours = await preflight(APP);
      assert.ok(ours.ok);
      assert.equal(ours.headers.get("access-control-allow-origin"), APP);
      assert.match(ours.headers.get("access-control-allow-methods"), /POST/);
      assert.equal(ours.headers.get("access-control-allow-headers"), "authorization,content-type");
      const theirs = await preflight("https://evil.example");
      assert.equal(theirs.headers.get("access-control-allow-origin"), null);
    });
  });
}

describe("the two together", () => {
  it("take each other's grants and receipts, and so does the verifier in the app", async () => {
    const { createReceiptVerifier } = await import("../../js/server.js");
    const s3 = await startS3();
    const [rust, javascript] = await Promise.all(Object.values(BACKENDS).map((start) => start({ s3 })));
    try {
      const [one, other] = [new Client(rust.url, "anna"), new Client(javascript.url, "anna")];
      for (const [from, to] of [[one, other], [other, one]]) {
        const { grant, requests } = await from.create({ name: "a.txt", size: BYTES.length, type: "text/plain", sha256: sha256(BYTES) });
        await send(requests[0], BYTES);
        const stored = await to.finish(grant.token);
        assert.equal(stored.key, grant.key);
        const { body } = await from.app("/receipts/verify", { receipts: [stored.receipt] });
        assert.equal(body.results[0].key, grant.key);

        const verifier = await createReceiptVerifier({ secrets: [SECRET] });
        const said = verifier.verify(stored.receipt, { user: "anna" });
        assert.deepEqual(said, body.results[0]);
        assert.throws(() => verifier.verify(stored.receipt, { user: "ben" }), { name: "SealiftError", code: "receipt_of_another_user" });
        assert.throws(() => verifier.verify("forged", { user: "anna" }), { code: "receipt_invalid" });
        assert.throws(() => verifier.verify(stored.receipt, { user: "anna", now: new Date("2100-01-01") }), { code: "receipt_expired" });
      }
    } finally {
      await Promise.all([rust.stop(), javascript.stop()]);
      await s3.stop();
    }
  });
});
