// How a blob is read and hashed, with blobs and engines that lack what the fast way needs.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import { digestBlob } from "../../js/digest-blob.js";
import { readWhole } from "../../js/read.js";
import { Crc64Nvme, init } from "../../js/digests.js";
import { loadHash } from "../../js/wasm.js";

const BYTES = Uint8Array.from({ length: 3_000_001 }, (_, index) => (index * 31 + (index >> 9)) & 255);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const BOTH = ["sha256", "crc64nvme"];
const load = () => loadHash();
const noWasm = () => assert.fail("wasm is not needed");
let crc64nvme;

before(async () => {
  await init();
  crc64nvme = (bytes) => Buffer.from(new Crc64Nvme().update(bytes).digest()).toString("base64");
});

/** A blob whose stream is another one. */
function withStream(bytes, stream) {
  return Object.assign(new Blob([bytes]), { stream });
}

const ofChunks = (chunks, options) => () => new ReadableStream({
  ...options,
  pull(controller) {
    const chunk = chunks.shift();
    if (chunk instanceof Error) controller.error(chunk);
    else if (chunk) controller.enqueue(chunk);
    else {
      controller.close();
      controller.byobRequest?.respond(0);
    }
  },
});

test("as a whole and in pieces, the digests are the same", async () => {
  for (const size of [0, 1, 65_536, 65_537, 1_048_577, BYTES.length]) {
    const bytes = BYTES.subarray(0, size);
    const expected = { sha256: sha256(bytes), crc64nvme: crc64nvme(bytes) };
    const room = { buffer: new ArrayBuffer(0), most: size };
    assert.deepEqual(await digestBlob(new Blob([bytes]), BOTH, { load, room }), expected, `${size}, whole`);
    assert.deepEqual(await digestBlob(new Blob([bytes]), BOTH, { load }), expected, `${size}, in pieces`);
  }
});

test("the browser's own SHA-256 needs no wasm, and what does not fit is not read as a whole", async () => {
  const blob = new Blob([BYTES]);
  const room = { buffer: new ArrayBuffer(0), most: BYTES.length };
  assert.deepEqual(await digestBlob(blob, ["sha256"], { load: noWasm, room }), { sha256: sha256(BYTES) });
  assert.equal(room.buffer.byteLength, BYTES.length);
  const small = { buffer: new ArrayBuffer(0), most: BYTES.length - 1 };
  assert.deepEqual(await digestBlob(blob, ["sha256"], { load, room: small }), { sha256: sha256(BYTES) });
  assert.equal(small.buffer.byteLength, 1024 * 1024);
});

test("without crypto.subtle, as on plain http, wasm does it", async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    const room = { buffer: new ArrayBuffer(0), most: BYTES.length };
    assert.deepEqual(await digestBlob(new Blob([BYTES]), ["sha256"], { load, room }), { sha256: sha256(BYTES) });
  } finally {
    Object.defineProperty(globalThis, "crypto", own);
  }
});

test("one buffer serves blob after blob, larger and smaller", async () => {
  const room = { buffer: new ArrayBuffer(0), most: BYTES.length };
  for (const [start, end] of [[0, 1_000_000], [1_000_000, 1_000_010], [5, 2_000_005], [7, 8], [0, 0], [9, BYTES.length]]) {
    const bytes = BYTES.slice(start, end);
    const had = room.buffer.byteLength;
    assert.deepEqual(await digestBlob(new Blob([bytes]), ["sha256"], { load: noWasm, room }), { sha256: sha256(bytes) });
    assert.equal(room.buffer.byteLength, Math.max(had, bytes.length));
  }
});

test("a stream that takes no buffer, fails or ends early is read another way", async () => {
  const failing = () => Object.assign(new Error("broken"), { name: "NotReadableError" });
  for (const [label, stream] of [
    ["no BYOB", ofChunks([BYTES])],
    ["none at all", () => assert.fail("no stream")],
    ["fails", ofChunks([BYTES.slice(0, 10), failing()], { type: "bytes" })],
    ["ends early", ofChunks([BYTES.slice(0, 10)], { type: "bytes" })],
  ]) {
    const room = { buffer: new ArrayBuffer(0), most: BYTES.length };
    const seen = [];
    const digests = await digestBlob(withStream(BYTES, stream), BOTH, { load, room, onProgress: (loaded) => seen.push(loaded) });
    assert.deepEqual(digests, { sha256: sha256(BYTES), crc64nvme: crc64nvme(BYTES) }, label);
    assert.deepEqual(seen, seen.toSorted((a, b) => a - b), label);
    assert.equal(seen.at(-1), BYTES.length, label);
  }
});

test("a file that is gone or became shorter is an error, never a digest", async () => {
  const gone = Object.assign(withStream(BYTES, () => assert.fail("no stream")), {
    arrayBuffer: async () => {
      throw new DOMException("gone", "NotFoundError");
    },
  });
  const shorter = Object.assign(withStream(BYTES, ofChunks([BYTES.slice(0, 10)], { type: "bytes" })), {
    arrayBuffer: async () => BYTES.slice(0, 10).buffer,
  });
  const room = () => ({ buffer: new ArrayBuffer(0), most: BYTES.length });
  await assert.rejects(digestBlob(gone, ["sha256"], { load, room: room() }), { name: "NotFoundError" });
  await assert.rejects(digestBlob(shorter, ["sha256"], { load, room: room() }), { name: "NotReadableError" });
});

test("a reading that is ended gives its buffer back", async () => {
  const room = { buffer: new ArrayBuffer(BYTES.length), most: BYTES.length };
  const enough = new Error("enough");
  const ended = digestBlob(new Blob([BYTES]), ["sha256"], {
    load,
    room,
    between() {
      throw enough;
    },
  });
  await assert.rejects(ended, enough);
  assert.equal(room.buffer.byteLength, BYTES.length);
  for await (const loaded of readWhole(new Blob([BYTES.subarray(0, 9)]), room)) assert.equal(loaded, 9);
  assert.deepEqual(new Uint8Array(room.buffer, 0, 9), BYTES.subarray(0, 9));
});

test("a file of which no read ever settles is given up, whichever way it is read", async () => {
  const never = new Promise(() => {});
  /** As a browser's disk that is gone: every way of reading waits. */
  const stuck = { size: 9, stream: () => new ReadableStream({ type: "bytes", pull: () => never }), arrayBuffer: () => never };
  const room = { buffer: new ArrayBuffer(0) };
  await assert.rejects(
    async () => {
      for await (const loaded of readWhole(stuck, room, 20)) assert.fail(`${loaded} bytes were read`);
    },
    { name: "TimeoutError" },
  );
});
