// EvaporateJS with the digests that its signature version 4 asks for; parts of the common size, the rest as it comes.
import Evaporate from "evaporate";
import { sha256 } from "js-sha256";
import SparkMD5 from "spark-md5";

export async function prepare({ s3Url, bucket, region, keys, prefix, partSize }) {
  const evaporate = await Evaporate.create({
    signerUrl: "/evaporate",
    aws_url: s3Url,
    aws_key: keys.accessKeyId,
    awsRegion: region,
    bucket,
    partSize,
    logging: false,
    computeContentMd5: true,
    cryptoMd5Method: (bytes) => btoa(SparkMD5.ArrayBuffer.hash(bytes, true)),
    cryptoHexEncodedHash256: sha256,
  });
  return (files) => Promise.all(files.map((file) => evaporate.add({ name: prefix + file.name, file })));
}
