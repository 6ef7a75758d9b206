// What is uploaded, by whom, over what.
const MIB = 1024 * 1024;

/** For everybody. */
export const PART_SIZE = 16 * MIB;

/**
 * `script`: the file in page/. `signs`: asks a server for signatures, so that its calls can be compared. `limit`:
 * not an uploader but what is possible.
 */
export const CONTENDERS = {
  put: { title: "plain XHR PUT", script: "put", limit: true },
  parts: { title: "parts by hand, nothing checked", script: "parts", limit: true },
  forms: { title: "POST forms by hand", script: "forms", limit: true },
  "sealift-none": { title: "Sealift, none", script: "sealift", integrity: "none", signs: true },
  "sealift-crc64nvme": { title: "Sealift, crc64nvme", script: "sealift", integrity: "crc64nvme", signs: true },
  "sealift-sha256": { title: "Sealift, sha256 (default)", script: "sealift", integrity: "sha256", signs: true },
  "sealift-chunks": { title: "Sealift, chunks", script: "sealift", integrity: "chunks", signs: true },
  "sealift-both": { title: "Sealift, both", script: "sealift", integrity: "both", signs: true },
  uppy: { title: "Uppy", script: "uppy", signs: true },
  evaporate: { title: "EvaporateJS", script: "evaporate", signs: true },
  "lib-storage": { title: "lib-storage", script: "lib-storage" },
};

export const SEALIFT = Object.keys(CONTENDERS).filter((id) => id.startsWith("sealift-"));
export const PEERS = ["uppy", "evaporate", "lib-storage"];
/** Of one big file. */
const SLOW = ["evaporate", "lib-storage"];

/**
 * `files` of `size` bytes each. `roundTrip` in ms, `rate` in bytes per second: a link between the page and both other
 * origins. `patience`: seconds after which a contender has failed. `once`: who is so slow that one round has to do.
 */
export const SCENARIOS = {
  loopback: {
    title: "1 file over loopback",
    size: 1024 * MIB,
    files: 1,
    rounds: 3,
    patience: 180,
    contenders: ["put", "parts", ...SEALIFT, ...PEERS],
    once: SLOW,
  },
  throttled: {
    title: "1 file over 100 Mbit/s, 50 ms round trip",
    size: 256 * MIB,
    files: 1,
    rounds: 1,
    roundTrip: 50,
    rate: 100e6 / 8,
    patience: 180,
    contenders: ["put", "parts", ...SEALIFT, ...PEERS],
  },
  latency: {
    title: "1 file, 50 ms round trip",
    size: 512 * MIB,
    files: 1,
    rounds: 3,
    roundTrip: 50,
    patience: 180,
    contenders: ["put", "parts", ...SEALIFT, ...PEERS],
    once: SLOW,
  },
  small: {
    title: "200 files, 50 ms round trip",
    size: 100_000,
    files: 200,
    rounds: 3,
    roundTrip: 50,
    patience: 120,
    // Forms have no chunks: they would go as with sha256.
    contenders: ["put", "forms", ...SEALIFT.filter((id) => id !== "sealift-chunks"), ...PEERS],
    once: ["evaporate"],
  },
};
