// What the digests want to reach: judged, never asserted.

/** Ratios of two medians are no more exact than this. */
const ROUNDING = 0.005;
const MEMORY = 40 * 1024 * 1024;
const SIZE = 16_000;
const CRCS = ["CRC64NVME", "CRC32", "CRC32C"];

/**
 * @param {Record<string, Record<string, number>>} rates MB/s by contest and contender
 * @returns {{ goal: string, reached: string, met: boolean }[]}
 */
export function judgeRates(rates) {
  const judged = [];
  const ratio = (contest, one, other, least) => {
    const reached = rates[contest][one] / rates[contest][other];
    judged.push({ goal: `${contest}, ${one}: at least ${least} × ${other}`, reached: reached.toFixed(2), met: reached >= least - ROUNDING });
  };
  ratio("SHA-256, one stream", "sealift", "hash-wasm", 1.2);
  ratio("SHA-256, one stream", "without SIMD", "hash-wasm", 1.1);
  ratio("SHA-256 of chunks of 64 KiB", "sealift", "hash-wasm", 2.3);
  // Where wasm is faster, it is what is chosen.
  const chunks = rates["SHA-256 of chunks of 64 KiB"];
  ratio("SHA-256 of chunks of 64 KiB", "sealift, as it chooses", chunks["crypto.subtle"] > chunks.sealift ? "crypto.subtle" : "sealift", 0.9);
  for (const crc of CRCS) {
    ratio(crc, "sealift", "hash-wasm", 5);
    ratio(crc, "without SIMD", "hash-wasm", 2.8);
  }
  ratio("SHA-256 and CRC64NVME in one pass", "together", "SHA-256 alone", 0.91);
  return judged;
}

/** @param {Record<string, Record<string, { time: number, memory?: number, longest: number }>>} contests by contest and contender */
export function judgeFiles(contests) {
  const judged = [];
  const { "File → SHA-256": whole, "File → SHA-256 of chunks of 64 KiB": chunks } = contests;
  const faster = (what, ours, theirs, least) => {
    const reached = theirs / ours;
    judged.push({ goal: `${what}: at least ${least} × the fastest loop`, reached: reached.toFixed(2), met: reached >= least - ROUNDING });
  };
  faster("File → SHA-256", whole["sealift, SHA-256"].time, Math.min(whole["hash-wasm, slices"].time, whole["hash-wasm, stream"].time), 1.3);
  faster("File → SHA-256 of chunks", chunks["sealift, chunks"].time, chunks["hash-wasm, chunks of slices"].time, 3.5);
  const ours = Object.values(contests).flatMap((contenders) => Object.entries(contenders).filter(([name]) => name.startsWith("sealift")).map(([, figures]) => figures));
  const memory = Math.max(...ours.map(({ memory = 0 }) => memory));
  if (memory > 0) judged.push({ goal: "the renderer at most 40 MiB above idle", reached: `${Math.round(memory / 2 ** 20)} MiB`, met: memory <= MEMORY });
  const longest = Math.max(...ours.map(({ longest = Infinity }) => longest));
  if (Number.isFinite(longest)) judged.push({ goal: "no long task over 50 ms", reached: longest ? `${Math.round(longest)} ms` : "none", met: longest <= 50 });
  return judged;
}

/** @param {{ wasm: number, glue: number }} size bytes after brotli */
export function judgeSize({ wasm, glue }) {
  return [{ goal: "six algorithms in at most 16 KB (brotli 11, wasm and glue)", reached: `${wasm + glue} bytes`, met: wasm + glue <= SIZE }];
}
