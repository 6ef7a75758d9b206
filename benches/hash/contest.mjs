// Digests of bytes in memory, in interleaved rounds. Bundled with the peers, for Node and for Chromium.
import { Sha256 as AwsSha256 } from "@aws-crypto/sha256-js";
import { Crc32 as AwsCrc32, Crc32c as AwsCrc32c, Crc64Nvme as AwsCrc64Nvme } from "@aws-sdk/checksums/crc";
import { sha256 as noble } from "@noble/hashes/sha2.js";
import { createCRC32, createCRC64, createMD5, createSHA1, createSHA256 } from "hash-wasm";

const MIB = 1024 * 1024;
/** Of a message; each contender gets it in pieces. */
const SIZE = 4 * MIB;
const PIECE = 64 * 1024;
/** Many and short: what else the machine does then hits everybody alike. */
const ROUNDS = 25;
const SLICE_MS = 20;
/** Until engines have compiled well what they run. */
const WARM_UP_MS = 250;
const ALGORITHMS = { sha256: 1, sha1: 2, md5: 3, crc32: 4, crc32c: 5, crc64nvme: 6 };

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * @param {{ simd: object, scalar: object, chunkHasher: Function }} sealift both builds of `pkg/hash`, and who chooses
 * @returns {Promise<Record<string, Record<string, number>>>} MB/s (10^6 bytes) by contest and contender
 */
export async function contest(sealift) {
  const message = new Uint8Array(SIZE);
  for (let start = 0; start < SIZE; start += 65_536) crypto.getRandomValues(message.subarray(start, start + 65_536));
  const results = {};
  for (const [name, contenders] of Object.entries(await contests(sealift, message))) {
    await mustAgree(name, contenders);
    results[name] = await race(contenders);
  }
  return results;
}

async function contests(sealift, message) {
  const pieces = Array.from({ length: SIZE / PIECE }, (_, index) => message.subarray(index * PIECE, (index + 1) * PIECE));
  const ours = (module, ...algorithms) => {
    const digests = new module.Digests(Uint8Array.from(algorithms, (name) => ALGORITHMS[name]));
    return () => {
      digests.reset();
      for (const piece of pieces) digests.update(piece);
      return hex(digests.digest(0));
    };
  };
  const both = (name) => ({ sealift: ours(sealift.simd, name), "without SIMD": ours(sealift.scalar, name) });
  const hashWasm = (hash) => () => {
    hash.init();
    for (const piece of pieces) hash.update(piece);
    return hash.digest("hex");
  };
  const aws = (Class) => async () => {
    const hash = new Class();
    for (const piece of pieces) hash.update(piece);
    return hex(await hash.digest());
  };
  const sha256 = await createSHA256();
  return {
    "SHA-256, one stream": {
      ...both("sha256"),
      "hash-wasm": hashWasm(sha256),
      "@noble/hashes": () => {
        const hash = noble.create();
        for (const piece of pieces) hash.update(piece);
        return hex(hash.digest());
      },
      "@aws-crypto/sha256-js": aws(AwsSha256),
      "crypto.subtle (no stream)": async () => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", message))),
    },
    "SHA-256 of chunks of 64 KiB": {
      sealift: chunks(sealift.simd, message),
      "without SIMD": chunks(sealift.scalar, message),
      "sealift, as it chooses": await chosen(sealift, message),
      "hash-wasm": () => pieces.map((piece) => sha256.init().update(piece).digest("hex")).join(""),
      "crypto.subtle": async () => (await Promise.all(pieces.map((piece) => crypto.subtle.digest("SHA-256", piece)))).map((digest) => hex(new Uint8Array(digest))).join(""),
    },
    CRC64NVME: { ...both("crc64nvme"), "hash-wasm": hashWasm(await createCRC64("9a6c9329ac4bc9b5")), "@aws-sdk/checksums": aws(AwsCrc64Nvme) },
    CRC32: { ...both("crc32"), "hash-wasm": hashWasm(await createCRC32()), "@aws-sdk/checksums": aws(AwsCrc32) },
    CRC32C: { ...both("crc32c"), "hash-wasm": hashWasm(await createCRC32(0x82f63b78)), "@aws-sdk/checksums": aws(AwsCrc32c) },
    "SHA-1": { ...both("sha1"), "hash-wasm": hashWasm(await createSHA1()) },
    MD5: { ...both("md5"), "hash-wasm": hashWasm(await createMD5()) },
    "SHA-256 and CRC64NVME in one pass": { together: ours(sealift.simd, "sha256", "crc64nvme"), "SHA-256 alone": ours(sealift.simd, "sha256") },
  };
}

function chunks({ Sha256Chunks }, message) {
  return () => {
    const hashes = new Sha256Chunks(PIECE);
    hashes.update(message);
    const digests = hex(hashes.finish());
    hashes.free();
    return digests;
  };
}

/** What `hashFile` does with the chunks of a large file. */
async function chosen({ simd, chunkHasher }, message) {
  const how = { load: async () => simd, room: { buffer: message.buffer, most: SIZE } };
  await chunkHasher(1024 * MIB, PIECE, how);
  return async () => {
    const hasher = await chunkHasher(SIZE, PIECE, how);
    await hasher.update(message);
    const digests = hex(hasher.finish());
    hasher.free();
    return digests;
  };
}

/** Nobody is compared with somebody who does something else. */
async function mustAgree(contest, contenders) {
  const digests = new Set(await Promise.all(Object.values(contenders).map((digest) => digest())));
  if (digests.size !== 1) throw new Error(`${contest}: the contenders do not agree: ${[...digests].join(", ").slice(0, 400)}`);
}

/** Medians of MB/s; who starts a round changes from round to round. */
async function race(contenders) {
  const names = Object.keys(contenders);
  const rates = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await slice(contenders[name], WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length];
      rates[name].push(await slice(contenders[name], SLICE_MS));
    }
  }
  return Object.fromEntries(names.map((name) => [name, rates[name].toSorted((a, b) => a - b)[ROUNDS >> 1]]));
}

async function slice(digest, least) {
  const start = performance.now();
  let bytes = 0;
  let elapsed = 0;
  do {
    await digest();
    bytes += SIZE;
    elapsed = performance.now() - start;
  } while (elapsed < least);
  return bytes / 1_000 / elapsed;
}
