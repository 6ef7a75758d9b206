// Chunk-signed bodies of a file, prepared in a page: the SHA-256 of every chunk, the chain of signatures over them, and the
// Blob. Nobody else on npm does it in a page, so the others are loops as people would write them, in a worker as ours.

const CHUNK = 896 * 1024;
const SLICE = 16 * CHUNK;
const CREDENTIALS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const DATE = "20260102T030405Z";
const REGION = "eu-west-1";
const SEED = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";

/** In a worker: a file → the hexadecimal SHA-256s of its chunks. */
const LOOPS = {
  "hash-wasm": async (file, { sha256, hex, CHUNK, SLICE }) => {
    const hashes = [];
    for (let start = 0; start < file.size; start += SLICE) {
      const bytes = new Uint8Array(await file.slice(start, start + SLICE).arrayBuffer());
      for (let chunk = 0; chunk < bytes.length; chunk += CHUNK) hashes.push(sha256.init().update(bytes.subarray(chunk, chunk + CHUNK)).digest("hex"));
    }
    return hashes;
  },
  WebCrypto: async (file, { hex, CHUNK }) => {
    const hashes = [];
    for (let start = 0; start < file.size; start += CHUNK) {
      const bytes = await file.slice(start, start + CHUNK).arrayBuffer();
      hashes.push(hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))));
    }
    return hashes;
  },
};

export const CONTENDERS = ["sealift", ...Object.keys(LOOPS)];

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

let prepareBody;

/**
 * Loads what a contender needs.
 * @param {string} name
 * @param {string} peers the script that makes `hashwasm`
 */
export async function prepare(name, peers) {
  if (name === "sealift") {
    const { hashFile, signChunks, awsChunkedBlob } = await import(/* @vite-ignore */ new URL("/js/index.js", location.href).href);
    const seed = { seedSignature: SEED, credentials: CREDENTIALS, region: REGION, date: DATE };
    prepareBody = async (file) => {
      const { chunks: chunkHashes } = await hashFile(file, { algorithms: [], chunkSize: CHUNK });
      const { chunkSignatures } = await signChunks({ ...seed, chunkHashes });
      return awsChunkedBlob(file, { chunkSize: CHUNK, chunkSignatures });
    };
  } else {
    const script = `${name === "hash-wasm" ? peers : ""};const CHUNK=${CHUNK},SLICE=${SLICE},hex=${hex},loop=${LOOPS[name]};let sha256;
      onmessage = async ({ data }) => { ${name === "hash-wasm" ? "sha256 ??= await hashwasm.createSHA256();" : ""} postMessage(await loop(data, { sha256, hex, CHUNK, SLICE })); };`;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    const hashesOf = (file) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage(file);
      });
    prepareBody = async (file) => bodyOf(file, await hashesOf(file));
  }
  // As a page that has been open for a while.
  await prepareBody(new Blob([new Uint8Array(3 * CHUNK + 1)]));
}

/** By hand: the chain by WebCrypto's HMAC, the Blob of lines and slices. */
async function bodyOf(file, hashes) {
  const key = await crypto.subtle.importKey("raw", await signingKey(), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const empty = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(0))));
  const scope = `${DATE.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const parts = [];
  let signature = SEED;
  for (const [index, hash] of [...hashes, empty].entries()) {
    signature = hex(await hmac(key, `AWS4-HMAC-SHA256-PAYLOAD\n${DATE}\n${scope}\n${signature}\n${empty}\n${hash}`));
    const slice = file.slice(index * CHUNK, (index + 1) * CHUNK);
    parts.push(`${slice.size.toString(16)};chunk-signature=${signature}\r\n`, slice, "\r\n");
  }
  return new Blob(parts);
}

async function signingKey() {
  let key = new TextEncoder().encode(`AWS4${CREDENTIALS.secretAccessKey}`);
  for (const part of [DATE.slice(0, 8), REGION, "s3", "aws4_request"]) {
    key = await hmac(await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]), part);
  }
  return key;
}

const hmac = async (key, text) => new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));

/** @returns {Promise<{ time: number, end: string, size: number, longest: number }>} time in ms; how the body ends, and its size */
export async function run() {
  const [file] = document.querySelector("input").files;
  let longest = 0;
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (longest = Math.max(longest, duration))));
  observer.observe({ type: "longtask" });
  const start = performance.now();
  const body = await prepareBody(file);
  const time = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { time, longest, size: body.size, end: await body.slice(-90).text() };
}
