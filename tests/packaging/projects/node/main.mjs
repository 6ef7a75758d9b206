// Node: digests of a file, a signed PUT of it, the element and the page's entries imported without a page.
import { openAsBlob } from "node:fs";
import { createUploader, hashFile, signRequest } from "sealift";
import * as inline from "sealift/inline";
import { createHandler } from "sealift/server";

const { url, accessKeyId, secretAccessKey, file } = JSON.parse(process.env.TRIED);
const body = await openAsBlob(file);
const { sha256, crc64nvme } = await hashFile(body, { algorithms: ["sha256", "crc64nvme"] });
const { headers } = await signRequest(
  { method: "PUT", url, headers: { "x-amz-checksum-crc64nvme": crc64nvme }, payloadHash: sha256 },
  { accessKeyId, secretAccessKey },
  { region: "us-east-1" },
);
const { status } = await fetch(url, { method: "PUT", headers, body });
const refused = await createUploader({ endpoint: "https://app.example.com/sealift" }).add(body, { name: "a.bin" }).result.catch(({ code }) => code);
console.log(JSON.stringify({ status, sha256, refused, same: inline.hashFile === hashFile, handler: typeof createHandler }));
