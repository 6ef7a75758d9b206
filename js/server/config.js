// The configuration of a handler, checked where it is given, and in the words of the rules.

import { SealiftError } from "../error.js";

/** @import { ServerConfig, Secret } from "../server.js" */

const LEAST_SECRET = 32;

/** @param {string} message */
const invalid = (message) => new SealiftError(message, { code: "invalid_option" });

/** @param {ServerConfig} config */
export function parseConfig(config) {
  if (typeof config !== "object" || config === null) throw invalid("createHandler needs an object of options.");
  const {
    s3, secrets, appKey, publicUrl, authenticate, rules = {}, origins = [], environment = "default", path = "/sealift",
    maxBodyBytes = 4 * 1024 * 1024, hooks, limit, wasm, log = logLine, fetch = globalThis.fetch, ...unknown
  } = config;
  refuseUnknown("", unknown);
  if (typeof authenticate !== "function") {
    throw invalid("`authenticate` must be a function: it answers the id of the user who makes a request, or null.");
  }
  if (limit !== undefined && typeof limit !== "function") throw invalid("`limit` must be a function.");
  if (typeof path !== "string" || !/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) {
    throw invalid("`path` looks like /sealift: it begins with a slash and ends without one.");
  }
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 1024) throw invalid("`maxBodyBytes` must be a whole number, 1,024 at least.");
  if (typeof s3 !== "object" || s3 === null) throw invalid("`s3` is missing: { endpoint, region, bucket, credentials }.");
  const { endpoint, publicEndpoint, addressing, region, bucket, credentials, ...unknownS3 } = s3;
  refuseUnknown("s3.", unknownS3);
  for (const [name, value] of Object.entries({ "s3.endpoint": endpoint, "s3.region": region, "s3.bucket": bucket, publicUrl })) {
    if (typeof value !== "string" || value === "") throw invalid(`\`${name}\` is missing, or no text.`);
  }
  return {
    credentials,
    authenticate,
    path,
    maxBodyBytes,
    wasm,
    log,
    fetch,
    limit,
    webhookUrl: hooks?.url,
    /** Names as the rules have them. */
    core: {
      environment,
      s3: { endpoint, public_endpoint: publicEndpoint, addressing, region, bucket },
      secrets: secretsOf(secrets),
      app_key: appKey,
      public_url: publicUrl,
      path,
      origins,
      hooks: hooks && hooksOf(hooks),
      rules: inSnakeCase({
        ...rules,
        store: inSnakeCase(rules.store ?? {}),
        pending: rules.pending && inSnakeCase(rules.pending),
      }),
    },
  };
}

/** @param {import("../server.js").Hooks} hooks */
function hooksOf({ url, secret, onGrant = false, onFinish = false, ...unknown }) {
  refuseUnknown("hooks.", unknown);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw invalid("`hooks.url` must be an address that begins with https:// or http://.");
  return { secret, on_grant: onGrant, on_finish: onFinish };
}

/** @param {Secret | Secret[]} secrets */
export function secretsOf(secrets) {
  const list = Array.isArray(secrets) ? secrets : [secrets];
  const isOne = (/** @type {unknown} */ secret) => {
    if (typeof secret === "string") return new TextEncoder().encode(secret).length >= LEAST_SECRET;
    return secret instanceof Uint8Array && secret.length >= LEAST_SECRET;
  };
  if (list.length === 0 || !list.every(isOne)) {
    throw invalid(`\`secrets\` must be texts or bytes of ${LEAST_SECRET} bytes at least: what grants and receipts are signed with.`);
  }
  return list;
}

/** @param {object} members */
function inSnakeCase(members) {
  const name = (/** @type {string} */ camel) => camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined).map(([key, value]) => [name(key), value]));
}

/**
 * An option that is silently ignored is a rule that is silently not kept.
 * @param {string} where
 * @param {object} unknown
 */
function refuseUnknown(where, unknown) {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw invalid(`\`${where}${name}\` is no option of createHandler.`);
}

/** @param {import("../server.js").LogEntry} entry */
function logLine({ level, ...entry }) {
  console[level](JSON.stringify({ level, ...entry }));
}
