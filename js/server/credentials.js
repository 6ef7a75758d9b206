// S3's keys, of which temporary ones are asked for again before they expire.

import { SealiftError } from "../error.js";

/** @import { S3Credentials } from "../server.js" */

/** How long before their end new ones are asked for. */
const AHEAD_MS = 5 * 60 * 1000;

/** @param {S3Credentials | (() => S3Credentials | Promise<S3Credentials>)} source */
export function keptFresh(source) {
  /** @type {S3Credentials | undefined} */
  let known;
  /** @type {Promise<S3Credentials> | undefined} */
  let asking;
  /** @type {((keys: S3Credentials) => void) | undefined} */
  let changed;

  async function ask() {
    try {
      const keys = checked(typeof source === "function" ? await source() : source);
      if (known !== undefined) changed?.(keys);
      known = keys;
      return keys;
    } finally {
      asking = undefined;
    }
  }

  return {
    /** Those of the moment. Ones that still last are used when no others can be had. */
    async current() {
      const left = known === undefined ? -1 : (known.expiration?.getTime() ?? Infinity) - Date.now();
      if (known !== undefined && left > AHEAD_MS) return known;
      asking ??= ask();
      try {
        return await asking;
      } catch (error) {
        if (known !== undefined && left > 0) return known;
        throw error;
      }
    },
    /** @param {(keys: S3Credentials) => void} call */
    onChange(call) {
      changed = call;
    },
  };
}

/** @param {unknown} keys @returns {S3Credentials} */
function checked(keys) {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = /** @type {Record<string, unknown>} */ (keys ?? {});
  const isText = (/** @type {unknown} */ text) => typeof text === "string" && text !== "";
  if (!isText(accessKeyId) || !isText(secretAccessKey) || (sessionToken !== undefined && !isText(sessionToken))) {
    throw new SealiftError("`s3.credentials` must be { accessKeyId, secretAccessKey, sessionToken? }, or a function that answers them.", {
      code: "invalid_credentials",
    });
  }
  if (expiration !== undefined && !(expiration instanceof Date && !Number.isNaN(expiration.getTime()))) {
    throw new SealiftError("`expiration` of `s3.credentials` must be a Date.", { code: "invalid_credentials" });
  }
  return /** @type {S3Credentials} */ (keys);
}
