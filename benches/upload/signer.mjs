// What the contenders other than Sealift have signed, and the bench's own calls of the bucket.
import { AwsClient } from "aws4fetch";
import { createHmac } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

export const BUCKET = "sealift-bench";
export const REGION = "us-east-1";
const LIFETIME = 3_600;

/**
 * @param {{ accessKeyId: string, secretAccessKey: string }} keys
 * @param {string} publicUrl the bucket's server as browsers reach it
 */
export function createSigner(keys, publicUrl) {
  const client = new AwsClient({ ...keys, service: "s3", region: REGION });

  /** A URL that does what it says: `{ method, key, query }`. */
  async function presign({ method, key, query = {} }) {
    const url = new URL(`${publicUrl}/${BUCKET}/${key.split("/").map(encodeURIComponent).join("/")}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    url.searchParams.set("X-Amz-Expires", String(LIFETIME));
    return (await client.sign(url.href, { method, aws: { signQuery: true } })).url;
  }

  /** The fields of a form that stores one object of an exact length. */
  function form(key, size) {
    const now = new Date();
    const date = compact(now);
    const fixed = {
      key,
      "x-amz-algorithm": "AWS4-HMAC-SHA256",
      "x-amz-credential": `${keys.accessKeyId}/${scope(date)}`,
      "x-amz-date": date,
    };
    const conditions = [{ bucket: BUCKET }, ["content-length-range", size, size], ...Object.entries(fixed).map(([name, value]) => ({ [name]: value }))];
    const expiration = new Date(now.getTime() + LIFETIME * 1_000).toISOString();
    const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString("base64");
    return { ...fixed, policy, "x-amz-signature": signature(policy, date) };
  }

  /** The signature of a string to sign, in hex. */
  function signature(text, date) {
    const key = scope(date).split("/").reduce((last, word) => hmac(last, word), `AWS4${keys.secretAccessKey}`);
    return hmac(key, text).toString("hex");
  }

  return { presign, form, signature };
}

/** Calls the bucket from here: past the link, so that nothing of it counts. */
export function createBucket(keys, localUrl, ca) {
  const client = new AwsClient({ ...keys, service: "s3", region: REGION });

  async function call(method, key = "", query = "") {
    const { url, headers } = await client.sign(`${localUrl}/${BUCKET}${key && `/${key}`}${query}`, { method });
    const options = { method, ca, headers: Object.fromEntries(headers) };
    return new Promise((resolve, reject) => {
      const request = (url.startsWith("https:") ? https : http).request(url, options, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text) => (body += text));
        response.on("end", () => resolve({ status: response.statusCode, body }));
      });
      request.on("error", reject).end();
    });
  }

  async function must(method, key, query) {
    const answer = await call(method, key, query);
    if (answer.status >= 300) throw new Error(`${method} ${key ?? BUCKET} was answered ${answer.status}: ${answer.body}`);
    return answer.body;
  }

  return {
    /** MinIO says that it is ready a moment before it takes a bucket. */
    async create() {
      for (let tries = 100; (await call("PUT")).status === 503 && tries > 0; tries -= 1) await sleep(100);
      await must("HEAD");
    },
    /** Every object: `[{ key, size }]`. The bench never has more than one page of them. */
    async list() {
      const xml = await must("GET", "", "?list-type=2");
      return [...xml.matchAll(/<Contents>.*?<\/Contents>/gs)].map(([entry]) => ({
        key: entry.match(/<Key>(.*?)<\/Key>/)[1],
        size: Number(entry.match(/<Size>(\d+)<\/Size>/)[1]),
      }));
    },
    remove: (key) => must("DELETE", key),
  };
}

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const compact = (date) => date.toISOString().replace(/[-:]|\.\d+/g, "");
const scope = (date) => `${date.slice(0, 8)}/${REGION}/s3/aws4_request`;
