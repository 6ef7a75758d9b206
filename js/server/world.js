// The world that the rules reach through: S3 by `fetch`, the runtime's randomness, the log.

/** @import { LogEntry } from "../server.js" */

/** Those that `fetch` writes itself, from the URL and the body. */
const NOT_OURS = new Set(["host", "content-length"]);

/** Each question to the app. */
const ASK_MS = 10_000;

/** @param {{ log: (entry: LogEntry) => void, fetch: typeof globalThis.fetch, webhookUrl?: string | undefined, limit?: import("../server.js").Limit | undefined }} of */
export function worldOf({ log, fetch, webhookUrl, limit }) {
  return {
    /**
     * @param {string} method
     * @param {string} url
     * @param {[string, string][]} headers
     * @param {Uint8Array<ArrayBuffer>} body
     * @param {number} patience in milliseconds
     */
    async send(method, url, headers, body, patience) {
      const answer = await fetch(url, {
        method,
        headers: headers.filter(([name]) => !NOT_OURS.has(name.toLowerCase())),
        ...(body.length > 0 ? { body } : {}),
        redirect: "manual",
        signal: AbortSignal.timeout(patience),
      });
      return {
        status: answer.status,
        headers: [...answer.headers].flat(),
        body: new Uint8Array(await answer.arrayBuffer()),
      };
    },
    /**
     * @param {[string, string][]} headers
     * @param {string} body
     */
    async callApp(headers, body) {
      if (webhookUrl === undefined) throw new TypeError("there is no way to the app");
      const answer = await fetch(webhookUrl, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(ASK_MS) });
      return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
    },
    /** @param {number} milliseconds */
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    /**
     * @param {string} user
     * @param {number} calls
     * @param {number} intents
     * @param {number} files
     * @param {number} bytes
     */
    async admit(user, calls, intents, files, bytes) {
      try {
        return await limit?.(user, { calls, intents, files, bytes });
      } catch (error) {
        log({ level: "error", message: `the limiter failed: ${error instanceof Error ? error.message : String(error)}` });
        throw error;
      }
    },
    /** @param {Uint8Array<ArrayBuffer>} bytes */
    random(bytes) {
      crypto.getRandomValues(bytes);
      return true;
    },
    /**
     * @param {boolean} isError
     * @param {string} message
     * @param {number} [status]
     * @param {string} [code]
     * @param {string} [s3RequestId]
     */
    note(isError, message, status, code, s3RequestId) {
      log({ level: isError ? "error" : "warn", message, status, code, s3RequestId });
    },
  };
}
