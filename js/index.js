// What `import … from "sealift"` gives. Nothing is loaded or started by importing it.

export { Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256, init } from "./digests.js";
export { SealiftError } from "./error.js";
export { filesFromDataTransfer } from "./files.js";
export { hashFile } from "./hash.js";
export {
  ChunkSigner,
  awsChunkedBlob,
  canonicalRequest,
  chunkedHeaders,
  explainSignatureMismatch,
  presignUrl,
  signChunks,
  signPostPolicy,
  signRequest,
  signingKey,
  stringToSign,
} from "./signing.js";
export { Upload, UploadEvent, Uploader, createUploader } from "./uploader.js";
