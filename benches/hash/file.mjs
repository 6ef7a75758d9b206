// Digests of a file, in a page. The peers' loops are what people write, in a worker as ours.

const SLICE = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;

/** In a worker that has `hashwasm`. */
const LOOPS = {
  "hash-wasm, slices": async (file, hash) => {
    hash.init();
    for (let start = 0; start < file.size; start += SLICE) hash.update(new Uint8Array(await file.slice(start, start + SLICE).arrayBuffer()));
    return hash.digest("hex");
  },
  "hash-wasm, stream": async (file, hash) => {
    hash.init();
    const reader = file.stream().getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) hash.update(read.value);
    return hash.digest("hex");
  },
  "hash-wasm, chunks of slices": async (file, hash) => {
    let digests = "";
    for (let start = 0; start < file.size; start += SLICE) {
      const bytes = new Uint8Array(await file.slice(start, start + SLICE).arrayBuffer());
      for (let chunk = 0; chunk < bytes.length; chunk += CHUNK) digests += hash.init().update(bytes.subarray(chunk, chunk + CHUNK)).digest("hex");
    }
    return digests;
  },
};

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const OURS = {
  "sealift, SHA-256": async (hashFile, file) => (await hashFile(file)).sha256,
  "sealift, chunks": async (hashFile, file) => hex((await hashFile(file, { algorithms: [], chunkSize: CHUNK })).chunks),
  "sealift, SHA-256 and CRC64NVME": async (hashFile, file) => (await hashFile(file, { algorithms: ["sha256", "crc64nvme"] })).sha256,
};

/** The contenders by what they answer. */
export const FILE_CONTESTS = {
  "File → SHA-256": ["sealift, SHA-256", "sealift, SHA-256 and CRC64NVME", "hash-wasm, slices", "hash-wasm, stream"],
  "File → SHA-256 of chunks of 64 KiB": ["sealift, chunks", "hash-wasm, chunks of slices"],
};

let hashing;

/**
 * Loads what a contender needs.
 * @param {string} name
 * @param {string} peers the script that makes `hashwasm`
 */
export async function prepare(name, peers) {
  if (name in OURS) {
    const { hashFile } = await import(/* @vite-ignore */ new URL("/js/index.js", location.href).href);
    // As a page that has been open for a while: the worker is there.
    await hashFile(new Blob(["x"]), { algorithms: ["sha256", "crc32"], chunkSize: CHUNK });
    hashing = (file) => OURS[name](hashFile, file);
    return;
  }
  const script = `${peers};const SLICE=${SLICE},CHUNK=${CHUNK};const loop=${LOOPS[name]};let hash;
    onmessage = async ({ data }) => { hash ??= await hashwasm.createSHA256(); postMessage(data ? await loop(data, hash) : ""); };`;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  hashing = (file) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(file);
    });
  await hashing(undefined);
}

/** @returns {Promise<{ time: number, digest: string, longest: number }>} time in ms, and of the longest task of the page */
export async function run() {
  const [file] = document.querySelector("input").files;
  let longest = 0;
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (longest = Math.max(longest, duration))));
  observer.observe({ type: "longtask" });
  const start = performance.now();
  const digests = await hashing(file);
  const time = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { time, longest, digest: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(digests)))) };
}
