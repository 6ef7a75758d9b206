// The limit for parts: four at once, signed in one call, nothing checked.
import { pool, send, sign } from "./by-hand.mjs";

const AT_ONCE = 4;

export async function prepare({ prefix, partSize }) {
  return async ([file]) => {
    const key = prefix + file.name;
    const [create] = await sign([{ method: "POST", key, query: { uploads: "" } }]);
    const uploadId = (await send("POST", create)).responseXML.querySelector("UploadId").textContent;
    const parts = Array.from({ length: Math.ceil(file.size / partSize) }, (_, index) => file.slice(index * partSize, (index + 1) * partSize));
    const urls = await sign(parts.map((_, index) => ({ method: "PUT", key, query: { partNumber: index + 1, uploadId } })));
    const etags = await pool(parts, AT_ONCE, async (part, index) => (await send("PUT", urls[index], part)).getResponseHeader("etag"));
    const list = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
    const [complete] = await sign([{ method: "POST", key, query: { uploadId } }]);
    await send("POST", complete, `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
  };
}
