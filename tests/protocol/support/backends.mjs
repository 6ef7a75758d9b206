// The two back ends of the protocol, before one S3, with one secret: sealift-server, and the handler of `sealift/server`
// behind Node's HTTP server.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { BUCKET, REGION } from "../../e2e/harness/bucket.mjs";
import { DevS3 } from "../../e2e/harness/dev-s3.mjs";
import { startServer } from "../../e2e/harness/server.mjs";

export const APP = "https://app.example.com";
const SECRETS = { token: randomBytes(24).toString("hex"), app: randomBytes(16).toString("hex"), jwt: randomBytes(24).toString("hex"), hook: randomBytes(24).toString("hex") };

/** What both are configured with, in the words of the handler; `rules` has no name of two words but those here. */
const RULES = { maxSize: 64 * 1024 * 1024, filesPerCall: 5, types: ["text/*", "image/png", "application/octet-stream"] };
const SNAKE = { maxSize: "max_size", filesPerCall: "files_per_call" };
const MAX_BODY = 64 * 1024;

export async function startS3() {
  const s3 = new DevS3();
  await s3.start();
  return s3;
}

/** @param {{ s3: DevS3, pending?: boolean, webhook?: string, filesPerHour?: number }} world */
export const BACKENDS = {
  "sealift-server": async ({ s3, pending = false, webhook, filesPerHour }) => {
    const server = await startServer(
      {
        server: { origins: [APP], secret_file: "token-secret", app_key_file: "app-key", max_body_bytes: MAX_BODY },
        s3: { endpoint: s3.url, region: REGION, bucket: BUCKET, access_key_id: s3.keys.accessKeyId, secret_access_key_file: "s3-secret" },
        auth: { kind: "jwt", algorithm: "HS256", secret_file: "jwt-secret" },
        rules: Object.fromEntries(Object.entries(RULES).map(([name, value]) => [SNAKE[name] ?? name, value])),
        ...(pending ? { "rules.pending": { strategy: "copy" } } : {}),
        ...(filesPerHour ? { limits: { files_per_hour: filesPerHour } } : {}),
        ...(webhook ? { hooks: { url: webhook, secret_file: "hook-secret", on_grant: true, on_finish: true } } : {}),
      },
      { "token-secret": SECRETS.token, "app-key": SECRETS.app, "jwt-secret": SECRETS.jwt, "s3-secret": s3.keys.secretAccessKey, "hook-secret": SECRETS.hook },
    );
    return { url: server.url, stop: () => server.stop() };
  },
  "sealift/server": async ({ s3, pending = false, webhook, filesPerHour }) => {
    const { createHandler, nodeListener } = await import("../../../js/server.js");
    /** @type {(request: Request) => Promise<Response>} */
    let handler;
    const http = createServer(nodeListener((request) => handler(request)));
    await new Promise((resolve) => http.listen(0, "127.0.0.1", () => resolve(undefined)));
    const url = `http://127.0.0.1:${http.address().port}`;
    handler = createHandler({
      s3: { endpoint: s3.url, region: REGION, bucket: BUCKET, credentials: async () => s3.keys },
      secrets: SECRETS.token,
      appKey: SECRETS.app,
      publicUrl: url,
      origins: [APP],
      maxBodyBytes: MAX_BODY,
      rules: { ...RULES, ...(pending ? { pending: { strategy: "copy" } } : {}) },
      ...(webhook ? { hooks: { url: webhook, secret: SECRETS.hook, onGrant: true, onFinish: true } } : {}),
      ...(filesPerHour ? { limit: hourly(filesPerHour) } : {}),
      authenticate: (request) => userOfToken(request.headers.get("authorization") ?? ""),
      log() {},
    });
    return { url, stop: () => new Promise((resolve) => { http.close(resolve); http.closeAllConnections(); }) };
  },
};

const base64url = (/** @type {string | Buffer} */ bytes) => Buffer.from(bytes).toString("base64url");
const mac = (/** @type {string} */ text) => createHmac("sha256", SECRETS.jwt).update(text).digest();

/** A page's calls as a user, and the app's own. @param {string} user */
export function headersOf(user) {
  const claims = { sub: user, exp: Math.floor(Date.now() / 1000) + 600 };
  const text = `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(JSON.stringify(claims))}`;
  return { authorization: `Bearer ${text}.${base64url(mac(text))}` };
}
export const APP_HEADERS = { authorization: `Bearer ${SECRETS.app}` };
export const SECRET = SECRETS.token;
export const HOOK_SECRET = SECRETS.hook;

/** The app's own authentication, of the handler. @param {string} authorization */
function userOfToken(authorization) {
  const [, text, claims, signature] = /^Bearer (\S+\.(\S+))\.(\S+)$/.exec(authorization) ?? [];
  if (text === undefined) return null;
  const [ours, theirs] = [mac(text), Buffer.from(signature, "base64url")];
  if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs)) return null;
  return JSON.parse(Buffer.from(claims, "base64url").toString()).sub;
}

/** A limiter as an app may write it. @param {number} most */
function hourly(most) {
  const files = new Map();
  return (user, cost) => {
    const now = (files.get(user) ?? 0) + cost.files;
    if (now > most) return 3600;
    files.set(user, now);
    return undefined;
  };
}
