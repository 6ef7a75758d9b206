// Uppy's S3 plugin, each request signed by the app; parts of the common size, the rest as it comes.
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import { sign } from "./by-hand.mjs";

export async function prepare({ prefix, partSize }) {
  const uppy = new Uppy({ autoProceed: false });
  uppy.use(AwsS3, {
    getChunkSize: () => partSize,
    shouldUseMultipart: (file) => file.size > partSize,
    generateObjectKey: (file) => prefix + file.name,
    async signRequest({ method, key, uploadId, partNumber }) {
      const query = uploadId ? { uploadId } : method === "POST" ? { uploads: "" } : {};
      if (partNumber) query.partNumber = partNumber;
      const [url] = await sign([{ method, key, query }]);
      return { url };
    },
  });
  return async (files) => {
    uppy.addFiles(files.map((file) => ({ name: file.name, type: file.type, data: file })));
    const { failed } = await uppy.upload();
    if (failed.length > 0) throw new Error(failed[0].error);
  };
}
