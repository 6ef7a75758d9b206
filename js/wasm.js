// Loads the wasm modules, each when it is first needed and once.

import { elsewhere } from "./elsewhere.js";
import { hashAddress } from "./hash-address.js";
import { once } from "./load-once.js";

/** @typedef {import("./load-once.js").WasmInput} WasmInput */

/** The functions of `pkg/uploader`. @type {(input?: WasmInput) => Promise<any>} */
export const loadUploader = /* @__PURE__ */ once(
  // @ts-ignore: written by the build, which the check of the types does not wait for
  () => import("../pkg/uploader/sealift_uploader.js"),
  () => elsewhere.uploader?.() ?? new URL("../pkg/uploader/sealift_uploader_bg.wasm", import.meta.url),
);

/** The functions of `pkg/signing`. @type {(input?: WasmInput) => Promise<any>} */
export const loadSigning = /* @__PURE__ */ once(
  // @ts-ignore: written by the build, which the check of the types does not wait for
  () => import("../pkg/signing/sealift_signing.js"),
  () => elsewhere.signing?.() ?? new URL("../pkg/signing/sealift_signing_bg.wasm", import.meta.url),
);

/** The functions of `pkg/hash`. @type {(input?: WasmInput) => Promise<any>} */
export const loadHash = /* @__PURE__ */ once(
  // @ts-ignore: written by the build, which the check of the types does not wait for
  () => import("../pkg/hash/sealift_hash.js"),
  () => elsewhere.hash?.() ?? hashAddress(),
);
