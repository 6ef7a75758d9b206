import { createUploader, hashFile, presignUrl } from "sealift";
import { tryOut } from "./try-out.js";

tryOut({ createUploader, hashFile, presignUrl });
