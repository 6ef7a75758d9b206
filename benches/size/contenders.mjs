// Who is measured, and what their pages say. Each script calls `ready()` when the first intent can be made: when it asks
// for its first signature, has signed, or can hash.
import { FILES, USES, bundled } from "./bundles.mjs";

/** A small file, and a bucket that nobody asks. */
const FILE = 'const file = new File(["a".repeat(1000)], "a.txt", { type: "text/plain" });';
const KEYS = '{ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }';
const S3 = "http://127.0.0.1:9/bucket";

/** @type {Record<string, { does: string, code: string, packages?: string[] }>} */
export const PEERS = {
  Uppy: {
    does: "uploads; each request signed by the app, nothing checked",
    packages: ["@uppy/core", "@uppy/aws-s3"],
    code: `import Uppy from "@uppy/core"; import AwsS3 from "@uppy/aws-s3";
      ${FILE} const uppy = new Uppy();
      uppy.use(AwsS3, { generateObjectKey: () => "a", shouldUseMultipart: false, signRequest: () => (ready(), new Promise(() => {})) });
      uppy.addFile({ name: file.name, type: file.type, data: file }); uppy.upload();`,
  },
  "Fine Uploader": {
    does: "uploads; the app signs policies",
    packages: ["fine-uploader"],
    code: `import qq from "fine-uploader/lib/core/s3";
      ${FILE} onRequest(ready);
      new qq.s3.FineUploaderBasic({ request: { endpoint: "${S3}", accessKey: "AKIAIOSFODNN7EXAMPLE" }, signature: { endpoint: "/sign", version: 4 }, objectProperties: { region: "us-east-1", key: "uuid" } }).addFiles([file]);`,
  },
  EvaporateJS: {
    does: "uploads in parts; the app signs strings; with the digests that version 4 needs",
    packages: ["evaporate", "js-sha256", "spark-md5"],
    code: `import Evaporate from "evaporate"; import { sha256 } from "js-sha256"; import SparkMD5 from "spark-md5";
      ${FILE} onRequest(ready);
      Evaporate.create({ signerUrl: "/sign", aws_url: "${S3}", aws_key: "AKIAIOSFODNN7EXAMPLE", awsRegion: "us-east-1", bucket: "bucket", logging: false, computeContentMd5: true,
        cryptoMd5Method: (bytes) => btoa(SparkMD5.ArrayBuffer.hash(bytes, true)), cryptoHexEncodedHash256: sha256 })
        .then((evaporate) => evaporate.add({ name: "a", file }));`,
  },
  "client-s3 + lib-storage": {
    does: "uploads; S3's keys are in the page",
    packages: ["@aws-sdk/client-s3", "@aws-sdk/lib-storage"],
    code: `import { S3Client } from "@aws-sdk/client-s3"; import { Upload } from "@aws-sdk/lib-storage";
      ${FILE} onRequest(ready);
      const client = new S3Client({ endpoint: "${S3}", forcePathStyle: true, region: "us-east-1", credentials: ${KEYS} });
      new Upload({ client, params: { Bucket: "bucket", Key: "a", Body: file } }).done().catch(() => {});`,
  },
  aws4fetch: {
    does: "signs requests",
    packages: ["aws4fetch"],
    code: `import { AwsClient } from "aws4fetch";
      new AwsClient(${KEYS}).sign("${S3}/a", { method: "PUT", aws: { service: "s3", region: "us-east-1" } }).then(ready);`,
  },
  "hash-wasm": {
    does: "hashes, on the page's thread; SHA-256",
    packages: ["hash-wasm"],
    code: `import { createSHA256 } from "hash-wasm"; createSHA256().then(ready);`,
  },
};

/** Sealift's own, by what they load. */
export const OWN = {
  "Sealift, uploads": {
    use: USES["uploads (SHA-256 of parts, over https)"],
    code: `import { createUploader } from "./index.js";
      ${FILE} onRequest((url) => url.endsWith("/sealift/uploads") && ready());
      createUploader({ endpoint: "/sealift", guard: false }).add(file);`,
  },
  "Sealift, signRequest": {
    use: USES.signRequest,
    code: `import { signRequest } from "./index.js";
      signRequest({ method: "PUT", url: "${S3}/a" }, ${KEYS}, { region: "us-east-1", service: "s3" }).then(ready);`,
  },
};

/** What a page of Sealift's may fetch, by path. @returns {Promise<Map<string, Buffer>>} */
export async function servedFiles() {
  const served = new Map();
  for (const name of ["keeper", "worker", "worker-all", "chunked-upload"]) served.set(`/js/${name}.js`, await FILES[name]());
  for (const module of ["uploader", "sums", "hash", "signing"]) served.set(`/pkg/${module}/sealift_${module}_bg.wasm`, await FILES[`${module}.wasm`]());
  return served;
}

/** A peer's script as its page loads it. @param {string} name @param {string[]} nodePaths */
export const peerBundle = (name, nodePaths) => bundled(PEERS[name].code, { nodePaths, external: [] });
