// Any other S3, as the environment describes it.
import { Sentence } from "../../../scripts/lib/run.mjs";

const wanted = (name) => {
  const value = process.env[name];
  if (!value) throw new Sentence(`${name} is not set: an S3 of your own needs S3_BUCKET, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and may have S3_REGION, S3_ADDRESSING, S3_NAME and AWS_SESSION_TOKEN.`);
  return value;
};

/**
 * A server that is there already, with a bucket that is there already: everything in it whose key begins with
 * `sealift-test/` is removed afterwards.
 * @param {string} endpoint `https://…`, without the bucket
 */
export function otherServer(endpoint) {
  const { hostname } = new URL(endpoint);
  return {
    id: hostname.replaceAll(/[^a-z0-9.-]/gi, "-"),
    title: process.env.S3_NAME || hostname,
    missing: () => undefined,
    async install() {
      // Said before anything is built.
      ["S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].forEach(wanted);
    },
    async start() {
      return {
        endpoint,
        bucket: wanted("S3_BUCKET"),
        region: process.env.S3_REGION || "us-east-1",
        addressing: process.env.S3_ADDRESSING || "path",
        keys: { accessKeyId: wanted("AWS_ACCESS_KEY_ID"), secretAccessKey: wanted("AWS_SECRET_ACCESS_KEY"), sessionToken: process.env.AWS_SESSION_TOKEN || undefined },
        stop: async () => {},
      };
    },
  };
}
