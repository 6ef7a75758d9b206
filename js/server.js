// `sealift/server`: the signing endpoint's rules in any JavaScript runtime that has `Request`, `Response` and `fetch`.
// What a call may do is decided in wasm (src/endpoint); here a request becomes a call, and an answer a response.

import { fromWasm, SealiftError } from "./error.js";
import { readBody } from "./server/body.js";
import { parseConfig, secretsOf } from "./server/config.js";
import { keptFresh } from "./server/credentials.js";
import { bearerOf, preflight, requestIdOf, responseOf } from "./server/http.js";
import { loadServer } from "./server/wasm.js";
import { worldOf } from "./server/world.js";

export { nodeListener } from "./server/node.js";
export { SealiftError };

/** @import { Handler, ServerConfig, VerifiedReceipt, VerifierOptions } from "./server.js" */

/**
 * @param {ServerConfig} config
 * @returns {Handler}
 */
export function createHandler(config) {
  const { core: raw, credentials, authenticate, path, maxBodyBytes, wasm, log, ...reached } = parseConfig(config);
  const fresh = keptFresh(credentials);
  /** @type {Promise<any> | undefined} */
  let starting;

  /** The rules, once they are loaded. What failed may succeed with the next request. */
  function ready() {
    starting ??= start().catch((error) => {
      starting = undefined;
      throw error;
    });
    return starting;
  }

  async function start() {
    const { Handler } = await loadServer(wasm);
    const keys = await fresh.current();
    const s3 = { ...raw.s3, access_key_id: keys.accessKeyId, secret_access_key: keys.secretAccessKey, session_token: keys.sessionToken };
    const core = typed(() => new Handler({ ...raw, s3 }, worldOf({ log, ...reached })));
    fresh.onChange((keys) => typed(() => core.replaceCredentials(keys.accessKeyId, keys.secretAccessKey, keys.sessionToken)));
    return core;
  }

  /** @param {Request} request */
  async function handle(request) {
    const requestId = requestIdOf(request.headers);
    const origin = request.headers.get("origin");
    let allowed = false;
    try {
      const core = await ready();
      allowed = origin !== null && core.allows(origin);
      if (request.method === "OPTIONS" && origin !== null) return preflight(request, allowed, requestId);
      return responseOf(await answer(core, request, requestId), requestId, allowed ? origin : null);
    } catch (error) {
      log({ level: "error", message: error instanceof Error ? error.message : String(error), requestId });
      return responseOf(internal(requestId), requestId, allowed ? origin : null);
    }
  }

  /**
   * @param {any} core
   * @param {Request} request
   * @param {string} requestId
   */
  async function answer(core, request, requestId) {
    const { method, headers } = request;
    const header = (/** @type {string} */ name) => headers.get(name) ?? undefined;
    const { pathname } = new URL(request.url);
    // Another path than the endpoint's own is none of its calls.
    const own = pathname.startsWith(`${path}/`) ? pathname.slice(path.length) : "";
    /** @type {any} */
    let call;
    try {
      call = core.find(method, own, requestId);
      core.checkPage(call, method, header("origin"), header("sec-fetch-site"), header("content-type"), requestId);
      const user = call.access === "user" ? userOf(await authenticate(request)) : undefined;
      if (call.access === "app" && !core.isApp(bearerOf(headers))) {
        return core.refusal("unauthenticated", "this call takes the app's own key as its bearer token", requestId);
      }
      if (call.access === "user" && user === undefined) return core.refusal("unauthenticated", "nobody is logged in", requestId);
      const body = await readBody(request, maxBodyBytes);
      if (body === undefined) {
        const message = "the body is larger than this server takes in one call; send fewer files at once";
        return core.refuse(413, "body_too_large", message, false, requestId);
      }
      await fresh.current();
      return await core.answer(call, user, body, requestId);
    } catch (refused) {
      if (!isAnswer(refused)) throw refused;
      if (/** @type {any} */ (refused).status !== 405) return refused;
      return Object.assign(/** @type {object} */ (refused), { methods: ["GET", "POST"].filter((other) => finds(core, other, own, requestId)) });
    } finally {
      call?.free();
    }
  }

  return Object.assign(handle, { ready: () => ready().then(() => undefined) });
}

/**
 * @param {VerifierOptions} options
 */
export async function createReceiptVerifier({ secrets, environment = "default", wasm }) {
  const list = secretsOf(secrets);
  const { ReceiptVerifier } = await loadServer(wasm);
  const verifier = typed(() => new ReceiptVerifier(list, environment));
  return {
    /**
     * @param {string} receipt
     * @param {{ user: string, now?: Date }} of
     * @returns {VerifiedReceipt}
     */
    verify(receipt, { user, now = new Date() }) {
      if (typeof receipt !== "string" || typeof user !== "string") {
        throw new SealiftError("A receipt and its user are texts.", { code: "invalid_option" });
      }
      return typed(() => verifier.verify(now.getTime() / 1000, user, receipt));
    },
  };
}

/** Whether there is such a call. @param {any} core @param {string} method @param {string} path @param {string} requestId */
function finds(core, method, path, requestId) {
  try {
    core.find(method, path, requestId).free();
    return true;
  } catch {
    return false;
  }
}

/** @param {unknown} known what the app's authentication answered */
function userOf(known) {
  if (typeof known === "object" && known !== null && "id" in known) return userOf(known.id);
  if (known === undefined || known === null || known === false) return undefined;
  if (typeof known !== "string") throw new TypeError("`authenticate` answered neither a user's id nor null");
  return known;
}

/** @param {unknown} thrown */
function isAnswer(thrown) {
  return typeof thrown === "object" && thrown !== null && !(thrown instanceof Error) && "status" in thrown && "body" in thrown;
}

/** The fault is the server's; what it was stands in the log, not here. @param {string} requestId */
function internal(requestId) {
  const message = "the server failed; its log says why under this request id";
  const body = JSON.stringify({ error: { code: "internal", message, retryable: true, requestId } });
  return { status: 500, type: "application/json", body };
}

/**
 * @template T
 * @param {() => T} work
 */
function typed(work) {
  try {
    return work();
  } catch (thrown) {
    throw fromWasm(thrown);
  }
}
