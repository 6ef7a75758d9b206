// The AWS SDK's managed upload, its keys in the page; six files at once, parts of the common size.
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { pool } from "./by-hand.mjs";

export async function prepare({ s3Url, bucket, region, keys, prefix, partSize }) {
  const client = new S3Client({ endpoint: s3Url, forcePathStyle: true, region, credentials: keys });
  return (files) =>
    pool(files, 6, (file) =>
      new Upload({ client, partSize, params: { Bucket: bucket, Key: prefix + file.name, Body: file } }).done(),
    );
}
