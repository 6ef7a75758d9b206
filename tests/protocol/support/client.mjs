// A client of the protocol, as docs/protocol.md has it, and what it sends to S3.
import { createHash } from "node:crypto";
import { APP, APP_HEADERS, headersOf } from "./backends.mjs";

export const sha256 = (/** @type {Uint8Array | string} */ bytes) => createHash("sha256").update(bytes).digest("hex");

export class Client {
  /** @param {string} url @param {string} user */
  constructor(url, user) {
    this.url = url;
    this.user = user;
  }

  /** A call as it is, and its answer. */
  raw(method, path, { headers = headersOf(this.user), body, ...rest } = {}) {
    return fetch(`${this.url}/sealift${path}`, {
      method,
      headers: { origin: APP, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: typeof body === "object" ? JSON.stringify(body) : body,
      redirect: "manual",
      ...rest,
    });
  }

  /** A call of the user's page: status and body. */
  async call(path, body, headers) {
    const answer = await this.raw("POST", path, { body, ...(headers ? { headers } : {}) });
    return { status: answer.status, body: await answer.json() };
  }

  /** A call of the app. */
  async app(path, body) {
    return this.call(path, body, APP_HEADERS);
  }

  /** One file's grant and requests. */
  async create(file) {
    const { body } = await this.call("/uploads", { files: [file] });
    return body.uploads[0];
  }

  /** Everything that an upload takes; what the finish says of it. */
  async upload(bytes, { name = "a.txt", type = "text/plain", ...more } = {}) {
    const created = await this.create({ name, type, size: bytes.length, sha256: sha256(bytes), ...more });
    if (created.error) return created;
    const etag = await send(created.requests[0], bytes);
    return { ...(await this.finish(created.grant.token, etag)), token: created.grant.token };
  }

  async finish(token, etag) {
    const { body } = await this.call("/uploads/finish", { uploads: [{ token, etag }] });
    return body.results[0];
  }
}

/** Sends what was signed to S3; the ETag. */
export async function send({ method, url, headers = [], fields, body: signedBody }, bytes) {
  let body = signedBody ?? bytes;
  if (fields) {
    body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    body.append("file", new Blob([bytes]));
  }
  const answer = await fetch(url, { method, headers, body, redirect: "manual" });
  if (answer.status >= 400) throw new Error(`S3 refused ${method}: ${answer.status} ${await answer.text()}`);
  return answer.headers.get("etag") ?? undefined;
}
