// What `import … from "sealift"` gives. Nothing is loaded or started by importing it.

export { SealiftError } from "./error.js";
export { filesFromDataTransfer } from "./files.js";
export { hashFile } from "./hash.js";
export { Sha256, init } from "./sha256.js";
export {
  canonicalRequest,
  presignUrl,
  signPostPolicy,
  signRequest,
  signingKey,
  stringToSign,
} from "./signing.js";
export { Upload, UploadEvent, Uploader, createUploader } from "./uploader.js";
