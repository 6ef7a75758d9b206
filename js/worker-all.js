// The module worker that hashes by every algorithm, and in chunks.

import init, { Digests, Sha256Chunks } from "../pkg/hash/sealift_hash.js";
import { chunkHasher } from "./chunk-hasher.js";
import { hashAddress } from "./hash-address.js";
import { work } from "./worker-jobs.js";

work(async () => {
  await init({ module_or_path: hashAddress() });
  return { Digests, Sha256Chunks };
}, chunkHasher);
