// Compiled by tsc, never run: what the scripts say of the wasm is what wasm-bindgen wrote of it.

import type { Digests, Sha256Chunks } from "../../../pkg/hash/sealift_hash.js";
import type { InitOutput } from "../../../pkg/signing/sealift_signing.js";
import type * as server from "../../../pkg/server/sealift_server.js";
import type { UploaderCore as Generated } from "../../../pkg/uploader/sealift_uploader.js";
import type { UploaderCore } from "../../../js/engine.js";
import type { HashModule } from "../../../js/digest-blob.js";
import type * as facade from "../../../js/index.js";

/** Whether every function that `Said` names is there and takes what is given to it. */
declare function same<Made extends Said, Said>(): void;

// `saved` and the texts that wasm-bindgen knows as `string` are narrower in the facade, which alone calls them.
type Named<T> = { [name in keyof T]: unknown };
same<Named<Generated>, Named<UploaderCore>>();
same<Pick<Generated, "start" | "pause" | "resume" | "retry" | "abort" | "delete" | "remove" | "progress">, Pick<UploaderCore, "start" | "pause" | "resume" | "retry" | "abort" | "delete" | "remove" | "progress">>();

// Each signing function of the facade is one of the module.
type Signing = "canonicalRequest" | "explainSignatureMismatch" | "presignUrl" | "signPostPolicy" | "signRequest" | "signingKey" | "stringToSign";
same<Named<InitOutput>, Named<Pick<typeof facade, Signing>>>();

same<typeof Digests, { new (algorithms: Uint8Array): Digests; load(algorithm: number, saved: Uint8Array): Digests; combine(algorithm: number, first: Uint8Array, second: Uint8Array, secondLength: number): Uint8Array }>();
same<{ Digests: typeof Digests; Sha256Chunks: typeof Sha256Chunks }, HashModule>();
same<Named<typeof server>, { Handler: unknown; ReceiptVerifier: unknown }>();
