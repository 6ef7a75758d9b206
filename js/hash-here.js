// Files hashed on the main thread, in shares that leave the page its turn: for pages that cannot have workers, and Node.

import { chunkHasher } from "./chunk-hasher.js";
import { digestBlob } from "./digest-blob.js";
import { abortError } from "./error.js";
import { loadHash } from "./wasm.js";

/** @import { Algorithm } from "./hash.js" */

/** Bytes hashed in one go, a millisecond or two. */
const PIECE = 256 * 1024;
/** And of bytes that are hashed by several algorithms. */
const SHARED_PIECE = 64 * 1024;
/** How long it goes on before the page gets its turn. */
const SHARE_MS = 4;

/**
 * @param {{ blob: Blob, algorithms: readonly Algorithm[], chunkSize: number | undefined, progress: (loaded: number) => void }} job
 * @param {() => boolean} isWanted
 */
export function hashHere({ blob, algorithms, chunkSize, progress }, isWanted) {
  let since = performance.now();
  return digestBlob(blob, algorithms, {
    load: () => loadHash(),
    largest: algorithms.length + (chunkSize ? 1 : 0) > 1 ? SHARED_PIECE : PIECE,
    chunkHasher,
    chunkSize,
    onProgress: progress,
    async between() {
      if (!isWanted()) throw abortError();
      if (performance.now() - since < SHARE_MS) return;
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    },
  });
}
