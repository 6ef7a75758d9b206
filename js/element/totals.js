// All files together: how many, how much, how fast.

import { isWorthAnotherTry } from "./errors.js";
import { isActive, isCleared } from "./states.js";

/** @typedef {import("../index.js").Upload} Upload */

/** States in which some of the file may have been sent; only there is it worth asking. @type {ReadonlySet<string>} */
const SENDING = new Set(["uploading", "paused", "waiting", "retrying", "finishing"]);

const NOTHING = { loaded: 0, speed: 0 };

/** Whether "try failed again" takes it. @param {Upload} upload */
export function isRetried({ state, error }) {
  return state === "failed" && (!error || isWorthAnotherTry(error));
}

/**
 * @typedef {object} Sums
 * @property {number} files without those that were cancelled or deleted
 * @property {number} stored
 * @property {number} failed
 * @property {number} retried how many "try failed again" would take
 * @property {number} paused
 * @property {number} active
 * @property {number} cleared how many "clear finished" would take
 * @property {number} total bytes
 * @property {number} sent bytes
 * @property {number} speed bytes a second
 * @property {number} remaining seconds, NaN while unknown
 */

/** @param {Iterable<Upload>} uploads @returns {Sums} */
export function sum(uploads) {
  const sums = { files: 0, stored: 0, failed: 0, retried: 0, paused: 0, active: 0, cleared: 0, total: 0, sent: 0, speed: 0, remaining: NaN };
  let ahead = 0;
  for (const upload of uploads) {
    const { state, size } = upload;
    if (isRetried(upload)) sums.retried += 1;
    if (isCleared(state)) sums.cleared += 1;
    if (state === "aborted" || state === "deleting" || state === "deleted") continue;
    sums.files += 1;
    sums.total += size;
    const progress = SENDING.has(state) ? upload.progress : NOTHING;
    const sent = state === "done" ? size : Math.min(progress.loaded, size);
    sums.sent += sent;
    if (state === "done") sums.stored += 1;
    else if (state === "failed") sums.failed += 1;
    else if (state === "paused") sums.paused += 1;
    else if (isActive(state)) {
      sums.active += 1;
      ahead += size - sent;
      if (state === "uploading") sums.speed += progress.speed || 0;
    }
  }
  if (sums.active > 0 && sums.speed > 0) sums.remaining = ahead / sums.speed;
  return sums;
}
