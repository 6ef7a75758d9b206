import { createUploader, hashFile, presignUrl } from "/node_modules/sealift/js/index.js";
import { tryOut } from "./try-out.js";

tryOut({ createUploader, hashFile, presignUrl });
