// A client of any S3 that nobody of this project wrote: aws4fetch, and just enough XML. What it sees is the truth that
// the page's uploads are compared with.
import { AwsClient } from "aws4fetch";
import { createHash, createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** What S3 answered: status, headers, body as text. */
export class Answer {
  constructor(status, headers, text) {
    Object.assign(this, { status, headers, text });
    this.ok = status >= 200 && status < 300;
    this.code = tag(text, "Code");
  }

  /** One line for a table: `501 NotImplemented`. */
  get short() {
    return [this.status, this.code].filter(Boolean).join(" ");
  }
}

export class S3Client {
  /** @param {{ endpoint: string, region: string, addressing?: string, keys: object }} server */
  constructor(server, bucket) {
    const { endpoint, region, addressing = "path", keys } = server;
    const { protocol, host } = new URL(endpoint);
    Object.assign(this, { server, bucket, region, keys });
    this.url = addressing === "virtual-hosted" ? `${protocol}//${bucket}.${host}` : `${endpoint}/${bucket}`;
    this.aws = new AwsClient({ ...keys, service: "s3", region, retries: 0 });
  }

  /** The same without the right secret: everything that it asks is refused. */
  withWrongKey() {
    return new S3Client({ ...this.server, keys: { ...this.keys, secretAccessKey: "0".repeat(40) } }, this.bucket);
  }

  /** A signed request. `key` undefined: of the bucket. */
  async send(method, key, { query = "", headers = {}, body } = {}) {
    const path = key === undefined ? "" : `/${key.split("/").map(encode).join("/")}`;
    const answer = await this.aws.fetch(`${this.url}${path}${query && `?${query}`}`, { method, headers, body });
    return new Answer(answer.status, answer.headers, await answer.text());
  }

  put(key, body, headers) {
    return this.send("PUT", key, { body, headers });
  }

  /** `body` in signed chunks; with `sent`, those bytes instead of what is signed for. */
  async putChunks(key, body, chunkSize, sent = body) {
    const headers = { "content-encoding": "aws-chunked", "x-amz-content-sha256": STREAMING, "x-amz-decoded-content-length": String(body.length) };
    const signed = await this.aws.sign(`${this.url}/${key.split("/").map(encode).join("/")}`, { method: "PUT", headers });
    const [, scope, seed] = signed.headers.get("authorization").match(/Credential=[^/]+\/([^,]+),.*Signature=([0-9a-f]{64})$/);
    const signingKey = scope.split("/").reduce((secret, part) => hmac(secret, part), `AWS4${this.keys.secretAccessKey}`);
    const before = ["AWS4-HMAC-SHA256-PAYLOAD", signed.headers.get("x-amz-date"), scope];
    const pieces = [];
    let signature = seed;
    for (let start = 0; ; start += chunkSize) {
      const chunk = body.subarray(start, start + chunkSize);
      signature = hmac(signingKey, [...before, signature, sha256(""), sha256(chunk)].join("\n")).toString("hex");
      pieces.push(`${chunk.length.toString(16)};chunk-signature=${signature}\r\n`, sent.subarray(start, start + chunkSize), "\r\n");
      if (chunk.length === 0) break;
    }
    const answer = await fetch(signed.url, { method: "PUT", headers: signed.headers, body: Buffer.concat(pieces.map((piece) => Buffer.from(piece))) });
    return new Answer(answer.status, answer.headers, await answer.text());
  }

  head(key) {
    return this.send("HEAD", key, { headers: { "x-amz-checksum-mode": "ENABLED" } });
  }

  /** Status, size and SHA-256 of the bytes that stand under a key. */
  async digest(key) {
    const address = `${this.url}/${key.split("/").map(encode).join("/")}`;
    let answer = await this.aws.fetch(address);
    // Busy servers say so; that is no word on the object.
    for (let again = 0; answer.status >= 500 && again < 5; again += 1) {
      await answer.arrayBuffer();
      await sleep(1_000);
      answer = await this.aws.fetch(address);
    }
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of answer.body ?? []) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { status: answer.status, size, sha256: hash.digest("hex") };
  }

  /** Every key below a prefix. */
  async list(prefix = "") {
    const keys = [];
    let after = "";
    for (;;) {
      const answer = await this.send("GET", undefined, { query: `list-type=2&prefix=${encode(prefix)}${after}` });
      if (!answer.ok) throw new Error(`the bucket was not listed: ${answer.short}`);
      keys.push(...tags(answer.text, "Key"));
      if (tag(answer.text, "IsTruncated") !== "true") return keys;
      after = `&continuation-token=${encode(tag(answer.text, "NextContinuationToken"))}`;
    }
  }

  /** Multipart uploads that are open below a prefix, which some servers want to be the whole key: `[{ key, uploadId }]`. */
  async uploads(prefix = "") {
    const answer = await this.send("GET", undefined, { query: `uploads=&prefix=${encode(prefix)}` });
    if (!answer.ok) throw new Error(`the uploads were not listed: ${answer.short}`);
    return tags(answer.text, "Upload").map((text) => ({ key: tag(text, "Key"), uploadId: tag(text, "UploadId") }));
  }

  /** The parts of an upload, all pages: `[{ number, size }]`. */
  async parts(key, uploadId) {
    const parts = [];
    let after = "";
    for (;;) {
      const answer = await this.send("GET", key, { query: `uploadId=${encode(uploadId)}${after}` });
      if (!answer.ok) throw new Error(`the parts were not listed: ${answer.short}`);
      parts.push(...tags(answer.text, "Part").map((text) => ({ number: Number(tag(text, "PartNumber")), size: Number(tag(text, "Size")) })));
      if (tag(answer.text, "IsTruncated") !== "true") return parts;
      after = `&part-number-marker=${tag(answer.text, "NextPartNumberMarker")}`;
    }
  }

  async create(key, headers) {
    const answer = await this.send("POST", key, { query: "uploads=", headers });
    return Object.assign(answer, { uploadId: tag(answer.text, "UploadId") });
  }

  part(key, uploadId, number, body, headers) {
    return this.send("PUT", key, { query: `partNumber=${number}&uploadId=${encode(uploadId)}`, body, headers });
  }

  /** @param {{ etag: string, checksum?: [name: string, value: string] }[]} parts */
  complete(key, uploadId, parts, headers) {
    const one = ({ etag, checksum }, index) =>
      `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag>${checksum ? `<${checksum[0]}>${checksum[1]}</${checksum[0]}>` : ""}</Part>`;
    const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.map(one).join("")}</CompleteMultipartUpload>`;
    return this.send("POST", key, { query: `uploadId=${encode(uploadId)}`, body, headers });
  }

  abort(key, uploadId) {
    return this.send("DELETE", key, { query: `uploadId=${encode(uploadId)}` });
  }

  /** A POST form of `fields` for a body; its policy names each field, and the length exactly. */
  async post(fields, body) {
    const date = `${new Date().toISOString().replaceAll(/[:-]|\.\d+/g, "")}`;
    const { accessKeyId, secretAccessKey, sessionToken } = this.keys;
    const scope = `${date.slice(0, 8)}/${this.region}/s3/aws4_request`;
    const all = {
      ...fields,
      "x-amz-algorithm": "AWS4-HMAC-SHA256",
      "x-amz-credential": `${accessKeyId}/${scope}`,
      "x-amz-date": date,
      ...(sessionToken ? { "x-amz-security-token": sessionToken } : {}),
    };
    const conditions = [{ bucket: this.bucket }, ...Object.entries(all).map(([name, value]) => ({ [name]: value })), ["content-length-range", body.length, body.length]];
    const policy = Buffer.from(JSON.stringify({ expiration: new Date(Date.now() + 300_000).toISOString(), conditions })).toString("base64");
    const key = scope.split("/").reduce((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...all, policy, "x-amz-signature": hmac(key, policy).toString("hex") })) form.append(name, value);
    form.append("file", new Blob([body]), "file");
    const answer = await fetch(this.url, { method: "POST", body: form });
    return new Answer(answer.status, answer.headers, await answer.text());
  }

  /** Removes everything below a prefix: objects, and multipart uploads that are open. */
  async clear(prefix) {
    for (const { key, uploadId } of await this.uploads(prefix).catch(() => [])) await this.abort(key, uploadId);
    // MinIO lists what lies below an object's own key only once that object is gone.
    for (let keys = await this.list(prefix); keys.length > 0; keys = await this.list(prefix)) {
      for (const key of keys) await this.send("DELETE", key);
    }
  }
}

const STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The texts of all elements of a name, entities resolved where they hold no elements. */
export function tags(xml, name) {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, "g"))].map(([, text]) => (text.includes("<") ? text : unescapeXml(text)));
}

export const tag = (xml, name) => tags(xml, name)[0];

const unescapeXml = (text) =>
  text.replace(/&(lt|gt|amp|quot|apos|#(\d+)|#x([0-9a-f]+));/gi, (_all, name, decimal, hex) => {
    if (decimal || hex) return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
    return { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }[name.toLowerCase()];
  });
