// Loads the rules, once.

import { once } from "../load-once.js";

/** The functions of `pkg/server`. @type {(input?: import("../load-once.js").WasmInput) => Promise<any>} */
export const loadServer = once(
  // @ts-ignore: written by the build, which the check of the types does not wait for
  () => import("../../pkg/server/sealift_server.js"),
  () => new URL("../../pkg/server/sealift_server_bg.wasm", import.meta.url),
);
