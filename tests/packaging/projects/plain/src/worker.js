import { createUploader, hashFile, presignUrl } from "/node_modules/sealift/js/index.js";
import { upload } from "./try-out.js";

onmessage = async ({ data }) => {
  try {
    postMessage(await upload({ createUploader, hashFile, presignUrl }, data));
  } catch (error) {
    postMessage({ error: `${error.code} ${error.message} ${error.cause}` });
  }
};
