export { SealiftError, type SealiftErrorDetails } from "./error.js";
export {
  Crc32,
  Crc32c,
  Crc64Nvme,
  hashFile,
  init,
  Md5,
  Sha1,
  Sha256,
  type Algorithm,
  type Digests,
  type HashFileOptions,
  type ModuleInputs,
} from "./hash.js";
export * from "./signing.js";
export {
  createUploader,
  filesFromDataTransfer,
  Upload,
  Uploader,
  UploadEvent,
  type AddOptions,
  type DroppedFile,
  type Priority,
  type Progress,
  type SavedUpload,
  type StoredObject,
  type UploaderEventMap,
  type UploaderOptions,
  type UploadEventMap,
  type UploadState,
} from "./uploader.js";
export type { WasmInput } from "./wasm.js";
