/**
 * Where a module's wasm comes from: an address, an answer, bytes, or a compiled module. Without one it is the file
 * that lies beside the package's JavaScript.
 */
export type WasmInput = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

/** Loads `pkg/uploader`, once. */
export function loadUploader(input?: WasmInput): Promise<any>;
/** Loads `pkg/signing`, once. */
export function loadSigning(input?: WasmInput): Promise<any>;
/** Loads `pkg/hash`, once. */
export function loadHash(input?: WasmInput): Promise<any>;
