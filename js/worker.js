// The module worker that hashes for uploads: SHA-256 and CRC64NVME.

import { digestsBy } from "./sums.js";
import { work } from "./worker-jobs.js";

work(async () => {
  const answer = await fetch(new URL("../pkg/sums/sealift_sums_bg.wasm", import.meta.url));
  // Whatever its type is said to be: so small a module gains nothing by being compiled as it comes.
  return { Digests: digestsBy(await WebAssembly.compile(await answer.arrayBuffer())) };
});
