// Chunk-signed bodies that somebody changes between the page and S3: S3 refuses them, and the page is told so.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket } from "./harness/bucket.mjs";
import { startBehindProxy } from "./harness/dev-s3.mjs";
import { Folder, KIB, MIB } from "./harness/files.mjs";
import { serveFixtures } from "./harness/fixtures.mjs";
import { Visit } from "./harness/visit.mjs";
import { flipped } from "./harness/wire.mjs";

const CHUNK = 896 * KIB;
/** Five chunks, the last of them short. */
const SIZE = 4 * CHUNK + 100;

let app, browser, folder, site, bucket, visit;
before(async () => {
  app = await serveFixtures();
  app.pages["/files.html"] = `<!doctype html><title>Files</title><link rel="icon" href="data:,"><input type="file" multiple>`;
  browser = await launch();
  folder = new Folder();
  site = await startBehindProxy({ config: { server: { origins: [app.url] }, rules: { part_size: 5 * MIB } } });
  bucket = new Bucket(site.server, { url: site.s3.url, keys: site.s3.keys });
});
after(async () => {
  await Promise.all([browser?.close(), app?.stop(), site?.stop()]);
  folder?.remove();
});
beforeEach(async () => {
  // There from the first connection on.
  site.proxy.faults = { edit: () => undefined };
  const page = await openPage(browser);
  await page.goto(`${app.url}/files.html`);
  visit = new Visit(page, site.proxy.url);
});
afterEach(() => visit.close());

const options = (more) => ({ endpoint: `${site.server.url}/sealift`, integrity: "chunks", resume: false, guard: false, ...more });

const replaced = (list, at, value) => list.map((old, index) => (index === at ? value : old));

/** Every one of these leaves lengths and framing as they should be; only signatures tell. */
const CHANGES = {
  ...Object.fromEntries(
    [0, 1, 2, 3, 4].map((index) => [
      `a byte of chunk ${index + 1}`,
      ({ chunks, trailer }) => {
        const { head, data } = chunks[index];
        return { chunks: replaced(chunks, index, { head, data: flipped(data, (index * 7919) % data.length) }), trailer };
      },
    ]),
  ),
  "the signature of the empty chunk at the end": ({ chunks, trailer }) => {
    const { head, data } = chunks.at(-1);
    return { chunks: replaced(chunks, chunks.length - 1, { head: flipped(head, head.length - 1), data }), trailer };
  },
  "two chunks in each other's place": ({ chunks: [first, second, ...rest], trailer }) => ({ chunks: [second, first, ...rest], trailer }),
  "two chunks' bytes in each other's place": ({ chunks: [first, second, ...rest], trailer }) => ({
    chunks: [{ ...first, data: second.data }, { ...second, data: first.data }, ...rest],
    trailer,
  }),
  "the last bytes cut off": ({ chunks, trailer }) => ({ chunks: chunks.toSpliced(-2, 1), trailer }),
  "a chunk twice": ({ chunks, trailer }) => ({ chunks: [chunks[0], ...chunks], trailer }),
};

for (const [label, change] of Object.entries(CHANGES)) {
  test(`${label}, changed on the wire: refused, and told as what it is`, async () => {
    const file = folder.file(`${label.replaceAll(/\W+/g, "-")}.bin`, SIZE);
    // The first shows that signed chunks are known here; the second is changed; then it goes as it should.
    const [good] = await visit.upload([folder.file("good.bin", MIB + 1)], options({ transport: "put" }));
    assert.ok(good.object, good.error?.message);
    let changed = 0;
    site.proxy.faults.edit = (body) => {
      assert.equal(body.chunks.length, 6);
      changed += 1;
      return change(body);
    };
    const before = await bucket.list();
    await visit.page.setInputFiles("input", file.path);
    const refused = await visit.page.evaluate(async () => {
      globalThis.upload = globalThis.uploader.add(document.querySelector("input").files[0]);
      return globalThis.upload.result.then(
        () => "stored",
        ({ name, code, status }) => ({ name, code, status, state: globalThis.upload.state }),
      );
    });
    assert.deepEqual(refused, { name: "SealiftError", code: "integrity_mismatch", status: 403, state: "failed" });
    assert.ok(changed >= 1);
    assert.deepEqual(await bucket.list(), before);
    site.proxy.faults.edit = () => undefined;
    const key = await visit.page.evaluate(async () => {
      globalThis.upload.retry();
      return (await globalThis.upload.result).key;
    });
    assert.equal((await bucket.read(key)).sha256, file.sha256);
    assert.deepEqual(await visit.lacks(), []);
  });
}

test("a byte of a part, changed on the wire once: that part is read and sent again, and no other", async () => {
  const file = folder.file("part.bin", 23 * MIB);
  let changed = 0;
  site.proxy.faults.edit = ({ chunks, trailer }, head) => {
    if (!/partNumber=3&|partNumber=3 /.test(head) || changed > 1) return undefined;
    changed += 1;
    const { head: line, data } = chunks[2];
    return { chunks: replaced(chunks, 2, { head: line, data: flipped(data, 1234) }), trailer };
  };
  const [end] = await visit.upload([file], options({ transport: "multipart" }));
  assert.ok(end.object, `${end.error?.code}: ${end.error?.message}`);
  assert.equal((await bucket.read(end.object.key)).sha256, file.sha256);
  assert.ok(changed >= 1);
  assert.equal(visit.partsSent().get(3), 1 + changed);
  for (const part of [1, 2, 4, 5]) assert.equal(visit.partsSent().get(part), 1, `part ${part}`);
  assert.deepEqual(await visit.lacks(), []);
});

/** By the signing functions, with keys of the page's own: the file's CRC behind its chunks. */
const putWithTrailer = (key, signed) =>
  visit.page.evaluate(
    async ([base, credentials, isSigned]) => {
      const { awsChunkedBlob, chunkedHeaders, signChunks, signRequest, Crc32c, init } = await import("/js/index.js");
      await init();
      const size = 100_000;
      const chunkSize = 65536;
      const file = new Uint8Array(size).fill(7);
      const checksum = "crc32c";
      const value = btoa(String.fromCharCode(...new Crc32c().update(file).digest()));
      const { headers: own, payloadHash } = chunkedHeaders({ decodedLength: size, chunkSize, signed: isSigned, trailer: checksum });
      const request = { method: "PUT", url: base, headers: own, payloadHash };
      const date = new Date();
      const { headers, signature } = await signRequest(request, credentials, { region: "us-east-1", service: "s3", date });
      let signatures = {};
      let trailer = { checksum, value };
      if (isSigned) {
        const chunkHashes = await Promise.all([0, chunkSize].map(async (at) => new Uint8Array(await crypto.subtle.digest("SHA-256", file.slice(at, at + chunkSize)))));
        const { chunkSignatures, trailerSignature } = await signChunks({ seedSignature: signature, credentials, region: "us-east-1", date, chunkHashes, trailer });
        signatures = { chunkSignatures };
        trailer = { ...trailer, signature: trailerSignature };
      }
      const body = awsChunkedBlob(new Blob([file]), { chunkSize, ...signatures, trailer });
      const sent = Object.entries(headers).filter(([name]) => !/^(host|content-length)$/i.test(name));
      const answer = await fetch(base, { method: "PUT", headers: Object.fromEntries(sent), body });
      return { status: answer.status, code: /<Code>([^<]+)/.exec(await answer.text())?.[1] };
    },
    [`${site.proxy.url}/sealift-dev/${key}`, site.s3.keys, signed],
  );

for (const [label, signed] of [["with signatures", true], ["without signatures", false]]) {
  test(`a trailer, ${label}: taken as it is, refused when it was changed on the wire`, async () => {
    assert.equal((await putWithTrailer("trailer.bin", signed)).status, 200);
    const edits = {
      "its value": (text) => text.replace(/^(x-amz-checksum-crc32c:)(.)/, (_all, name, first) => name + (first === "A" ? "B" : "A")),
      "its name": (text) => text.replace("crc32c", "crc32x"),
      ...(signed && { "its signature": (text) => text.replace(/(trailer-signature:)(.)/, (_all, name, first) => name + (first === "0" ? "1" : "0")) }),
      "all of it": () => "",
    };
    for (const [what, edit] of Object.entries(edits)) {
      site.proxy.faults.edit = ({ chunks, trailer }) => {
        const text = trailer.toString("latin1");
        assert.notEqual(edit(text), text);
        return { chunks, trailer: Buffer.from(edit(text), "latin1") };
      };
      const { status, code } = await putWithTrailer("changed.bin", signed);
      assert.ok(status === 400 || status === 403, `${what}: ${status}`);
      assert.match(code, /^(SignatureDoesNotMatch|MalformedTrailerError|BadDigest|InvalidRequest)$/, what);
    }
    assert.equal((await bucket.read("changed.bin")).status, 404);
  });
}
