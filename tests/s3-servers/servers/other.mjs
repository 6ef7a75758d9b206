// Any other S3, as the environment describes it.
const NEEDED = ["S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

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
    missing() {
      const unset = NEEDED.filter((name) => !process.env[name]);
      return unset.length > 0 ? `${unset.join(" and ")} ${unset.length > 1 ? "are" : "is"} not set in the environment (docs/servers.md)` : undefined;
    },
    async install() {},
    async start() {
      const { S3_BUCKET: bucket, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
      return {
        endpoint,
        bucket,
        region: process.env.S3_REGION || "us-east-1",
        addressing: process.env.S3_ADDRESSING || "path",
        keys: { accessKeyId, secretAccessKey, sessionToken: process.env.AWS_SESSION_TOKEN || undefined },
        stop: async () => {},
      };
    },
  };
}
