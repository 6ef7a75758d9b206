export { SealiftError, type SealiftErrorDetails } from "./error.js";
export { hashFile, type Digests, type HashFileOptions } from "./hash.js";
export {
  createUploader,
  filesFromDataTransfer,
  Upload,
  Uploader,
  UploadEvent,
  type AddOptions,
  type DroppedFile,
  type Progress,
  type StoredObject,
  type UploaderEventMap,
  type UploaderOptions,
  type UploadEventMap,
  type UploadState,
} from "./uploader.js";
