// The wasm of the uploader and of the digests, and the worker that hashes, as texts.

// @ts-ignore: written by the build, which the check of the types does not wait for
import hash from "../../pkg/inline/hash.js";
// @ts-ignore
import scalar from "../../pkg/inline/hash-scalar.js";
// @ts-ignore
import uploader from "../../pkg/inline/uploader.js";
// @ts-ignore
import script from "../../pkg/inline/worker.js";
import { elsewhere } from "../elsewhere.js";
import { hasSimd } from "../simd.js";
import { bytesOf } from "./bytes.js";

/** @type {string | undefined} */
let address;

elsewhere.uploader = () => bytesOf(uploader);
elsewhere.hash = () => bytesOf(hasSimd() ? hash : scalar);
/** A policy without `worker-src blob:` forbids it: then the page hashes. */
elsewhere.worker = () => {
  address ??= URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(address);
  worker.postMessage({ wasm: bytesOf(hasSimd() ? hash : scalar) });
  return worker;
};

export * from "../index.js";
