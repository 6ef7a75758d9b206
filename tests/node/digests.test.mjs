// The digests as users see them, in Node, and the module without SIMD beside the one with it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { numbersOf } from "../../js/algorithms.js";
import * as sealift from "../../js/index.js";
import { digestsBy } from "../../js/sums.js";

const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/checksums/${name}.json`, import.meta.url), "utf8")).vectors;
/** Each class, the name of its algorithm, and the length of what it saves. */
const CLASSES = [
  [sealift.Sha256, "sha256", 117],
  [sealift.Sha1, "sha1", 105],
  [sealift.Md5, "md5", 101],
  [sealift.Crc32, "crc32", 17],
  [sealift.Crc32c, "crc32c", 17],
  [sealift.Crc64Nvme, "crc64nvme", 21],
];
const CRCS = CLASSES.slice(3);
const code = (expected) => (error) => error instanceof sealift.SealiftError && error.code === expected;
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const BYTES = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 9)) & 255);

function bytesOf(input) {
  if (input.kind === "utf8" || input.kind === "hex") return Buffer.from(input.data, input.kind);
  if (input.kind === "repeat") return Buffer.alloc(input.len, input.byte);
  return pattern(input);
}
const pattern = ({ len, a, b }) => Uint8Array.from({ length: len }, (_, index) => index * a + b);

before(() => sealift.init());

test("every algorithm answers the vectors, in one piece and in two, cloned and reset", () => {
  for (const vector of vectors("checksums")) {
    const bytes = bytesOf(vector.input);
    for (const [Digest, name] of CLASSES) {
      const digest = new Digest().update(bytes.subarray(0, bytes.length >> 1));
      const copy = digest.clone();
      assert.equal(base64(digest.update(bytes.subarray(bytes.length >> 1)).digest()), vector[name], `${name} of ${vector.name}`);
      assert.equal(copy.update(bytes.subarray(bytes.length >> 1)).digestHex(), Buffer.from(vector[name], "base64").toString("hex"));
      assert.equal(base64(digest.reset().update(bytes).digest()), vector[name], `${name} of ${vector.name}, again`);
    }
  }
});

test("checksums of parts make that of the whole", () => {
  for (const { parts, full_object: whole } of vectors("multipart")) {
    for (const [Crc, name] of CRCS) {
      let combined = new Crc().digest();
      for (const part of parts) {
        const digest = new Crc().update(pattern(part)).digest();
        assert.equal(base64(digest), part[name]);
        combined = Crc.combine(combined, digest, part.len);
      }
      assert.equal(base64(combined), whole[name], name);
    }
  }
});

test("what is saved goes on in another object, and states of other kinds are refused", () => {
  for (const [Digest, name, length] of CLASSES) {
    for (const place of [0, 1, 63, 64, 65, 9_123, 100_000]) {
      const digest = new Digest().update(BYTES.subarray(0, place));
      const saved = digest.save();
      assert.equal(saved.length, length, name);
      const loaded = Digest.load(saved);
      assert.ok(loaded instanceof Digest);
      assert.equal(loaded.digestHex(), digest.digestHex());
      assert.equal(loaded.update(BYTES.subarray(place)).digestHex(), new Digest().update(BYTES).digestHex(), `${name} at ${place}`);
      assert.equal(Digest.load(saved.buffer).clone().reset().digestHex(), new Digest().digestHex());
    }
    const saved = new Digest().update(BYTES).save();
    for (const [Other] of CLASSES) if (Other !== Digest) assert.throws(() => Other.load(saved), code("invalid_state"));
    for (let place = 0; place < saved.length; place += 1) {
      const damaged = saved.slice();
      damaged[place] ^= 1 << place % 8;
      assert.throws(() => Digest.load(damaged), code("invalid_state"), `${name}, byte ${place}`);
    }
    for (const odd of [[], saved.subarray(1), saved.subarray(0, -1), [...saved, 0], new Uint8Array(100_000)]) {
      assert.throws(() => Digest.load(Uint8Array.from(odd)), code("invalid_state"));
    }
  }
});

test("digests of another length are not combined", () => {
  for (const [Crc] of CRCS) {
    const digest = new Crc().digest();
    for (const odd of [new Uint8Array(), digest.subarray(1), new Uint8Array(32), new Uint8Array(1000)]) {
      assert.throws(() => Crc.combine(odd, digest, 1), code("invalid_digest"));
      assert.throws(() => Crc.combine(digest, odd, 1), code("invalid_digest"));
    }
    assert.deepEqual(Crc.combine(digest, digest, 2 ** 53 - 1), digest);
  }
});

test("a file by all algorithms, and the hashes of its chunks", async () => {
  const algorithms = CLASSES.map(([, name]) => name);
  const inHex = new Set(["sha256", "sha1", "md5"]);
  for (const size of [0, 1, 65_536, 299_999, BYTES.length]) {
    const bytes = BYTES.subarray(0, size);
    const expected = Object.fromEntries(CLASSES.map(([Digest, name]) => {
      const digest = new Digest().update(bytes);
      return [name, inHex.has(name) ? digest.digestHex() : base64(digest.digest())];
    }));
    assert.deepEqual(await sealift.hashFile(new Blob([bytes]), { algorithms }), expected);
    for (const chunkSize of [1_000, 65_536, 100_000, 2 ** 20]) {
      const chunks = chunksOf(bytes, chunkSize);
      assert.deepEqual(await sealift.hashFile(new Blob([bytes]), { algorithms, chunkSize }), { ...expected, chunks });
      assert.deepEqual(await sealift.hashFile(new Blob([bytes]), { algorithms: [], chunkSize }), { chunks }, `${size} by ${chunkSize}`);
    }
  }
});

function chunksOf(bytes, size) {
  const hashes = [];
  for (let start = 0; start < bytes.length; start += size) hashes.push(createHash("sha256").update(bytes.subarray(start, start + size)).digest());
  return Uint8Array.from(Buffer.concat(hashes));
}

for (const build of ["", "_scalar"]) {
  test(`the module ${build ? "without" : "with"} SIMD, at every edge of its kernels`, async () => {
    const module = await import(`../../pkg/hash/sealift_hash.js?build=${build}`);
    await module.default({ module_or_path: readFileSync(new URL(`../../pkg/hash/sealift_hash${build}_bg.wasm`, import.meta.url)) });
    const digest = (name, bytes) => {
      const digests = new module.Digests(numbersOf([name]));
      digests.update(bytes);
      return Buffer.from(digests.digest(0)).toString("hex");
    };
    for (const length of [0, 1, 17, 1_746, 1_748, 1_929, 3_721, 4_019, 5_322, 9_123, 61_440, 65_537, 70_563, 200_001]) {
      const bytes = BYTES.subarray(1, 1 + length);
      for (const name of ["sha256", "sha1", "md5"]) assert.equal(digest(name, bytes), createHash(name).update(bytes).digest("hex"), `${name} of ${length}`);
      assert.equal(digest("crc32", bytes), plain(bytes, 0xedb88320n, 32n), `crc32 of ${length}`);
      assert.equal(digest("crc32c", bytes), plain(bytes, 0x82f63b78n, 32n), `crc32c of ${length}`);
      assert.equal(digest("crc64nvme", bytes), plain(bytes, 0x9a6c9329ac4bc9b5n, 64n), `crc64nvme of ${length}`);
    }
    for (const size of [1, 55, 56, 64, 100, 1_000, 16_385, 65_536, 65_537, 74_000]) {
      const bytes = BYTES.subarray(0, Math.min(BYTES.length, size * 100));
      for (const cut of [0, 1, 1_000, size * 4 + 1, bytes.length]) {
        const chunks = new module.Sha256Chunks(size);
        chunks.update(bytes.subarray(0, cut));
        chunks.update(bytes.subarray(cut));
        assert.deepEqual(chunks.finish(), chunksOf(bytes, size), `chunks of ${size}, cut at ${cut}`);
      }
    }
  });
}

test("the uploads' own module, at every edge of its kernels, one message after the other", async () => {
  const Digests = digestsBy(await WebAssembly.compile(readFileSync(new URL("../../pkg/sums/sealift_sums_bg.wasm", import.meta.url))));
  for (const length of [0, 1, 55, 56, 64, 3_721, 5_322, 8_192, 8_193, 9_123, 65_536, 65_537, 131_072, 200_001]) {
    const bytes = BYTES.subarray(1, 1 + length);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const crc64nvme = plain(bytes, 0x9a6c9329ac4bc9b5n, 64n);
    for (const [names, expected] of [[["sha256"], [sha256]], [["crc64nvme"], [crc64nvme]], [["crc64nvme", "sha256"], [crc64nvme, sha256]]]) {
      const [digests, other] = [new Digests(numbersOf(names)), new Digests(numbersOf(names))];
      digests.update(bytes.subarray(0, length / 3));
      other.update(BYTES);
      digests.update(bytes.subarray(length / 3));
      assert.deepEqual(names.map((_, place) => Buffer.from(digests.digest(place)).toString("hex")), expected, `${names} of ${length}`);
      for (const used of [digests, other]) used.free();
    }
  }
});

/** The definition, four bits at a time. */
function plain(bytes, polynomial, bits) {
  const table = Array.from({ length: 16 }, (_, index) => {
    let value = BigInt(index);
    for (let bit = 0; bit < 4; bit += 1) value = (value >> 1n) ^ (value & 1n ? polynomial : 0n);
    return value;
  });
  let value = (1n << bits) - 1n;
  for (const byte of bytes) {
    value ^= BigInt(byte);
    value = (value >> 4n) ^ table[Number(value & 15n)];
    value = (value >> 4n) ^ table[Number(value & 15n)];
  }
  return (value ^ ((1n << bits) - 1n)).toString(16).padStart(Number(bits) / 4, "0");
}
