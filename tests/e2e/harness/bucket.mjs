// The bucket, read by clients that nobody here wrote: aws4fetch in Node, boto3 in Python.
import { AwsClient } from "aws4fetch";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { corsDocument } from "./cors.mjs";

export const BUCKET = "sealift-dev";
export const REGION = "us-east-1";

/** The bucket of a server of these tests. */
export class Bucket {
  constructor(server, { url = server.s3Url, keys = keysOf(server) } = {}) {
    this.url = `${url}/${BUCKET}`;
    this.keys = keys;
    this.client = new AwsClient({ ...this.keys, service: "s3", region: REGION });
  }

  /** Every key, in the bucket's order. */
  async list(prefix = "") {
    const keys = [];
    let after = "";
    do {
      const answer = await this.client.fetch(`${this.url}?list-type=2&prefix=${encodeURIComponent(prefix)}${after}`);
      const xml = await answer.text();
      if (!answer.ok) throw new Error(`the bucket was not listed: ${answer.status} ${xml}`);
      keys.push(...[...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => unescapeXml(key)));
      const [, next] = xml.match(/<NextContinuationToken>([^<]*)</) ?? [];
      after = next ? `&continuation-token=${encodeURIComponent(unescapeXml(next))}` : "";
    } while (after);
    return keys;
  }

  /** Multipart uploads that are open. */
  async uploads() {
    const answer = await this.client.fetch(`${this.url}?uploads=`);
    const xml = await answer.text();
    if (!answer.ok) throw new Error(`the uploads were not listed: ${answer.status} ${xml}`);
    return [...xml.matchAll(/<UploadId>([^<]*)<\/UploadId>/g)].map(([, id]) => id);
  }

  /** Replaces the bucket's CORS rules. */
  async allow(...rules) {
    const answer = await this.client.fetch(`${this.url}?cors`, { method: "PUT", body: corsDocument(rules) });
    if (!answer.ok) throw new Error(`the rules were not taken: ${answer.status} ${await answer.text()}`);
  }

  /** What stands under a key: status, headers, SHA-256 of the bytes. */
  async read(key) {
    return digest(await this.client.fetch(`${this.url}/${key.split("/").map(encode).join("/")}`));
  }
}

/** What a link shows to somebody without any key. */
export async function readLink(url) {
  return digest(await fetch(url));
}

/** All objects as boto3 lists and reads them: `[{ key, size, sha256, type }]`. */
export function readWithBoto3(server, python) {
  const script = path.join(path.dirname(fileURLToPath(import.meta.url)), "read_bucket.py");
  const { accessKeyId, secretAccessKey } = keysOf(server);
  const output = execFileSync(python, [script, server.s3Url, BUCKET, REGION], {
    encoding: "utf8",
    env: { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_EC2_METADATA_DISABLED: "true" },
  });
  return JSON.parse(output);
}

/** The keys that the server made for its dev-s3 at its first start. */
export function keysOf(server) {
  const read = (name) => readFileSync(path.join(server.folder, "data", name), "utf8").trim();
  return { accessKeyId: read("dev-s3-access-key-id"), secretAccessKey: read("dev-s3-secret-access-key") };
}

async function digest(answer) {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { status: answer.status, size, sha256: hash.digest("hex"), headers: answer.headers };
}

const encode = (segment) => encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const unescapeXml = (text) =>
  text.replace(/&(lt|gt|amp|quot|apos|#(\d+)|#x([0-9a-f]+));/gi, (all, name, decimal, hex) => {
    if (decimal || hex) return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
    return { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }[name.toLowerCase()];
  });
