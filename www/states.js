// What each state of an upload is called on the page, and what can be done in it.

/** @typedef {import("/js/index.js").UploadState} UploadState */
/** @typedef {"pause" | "resume" | "cancel" | "retry" | "again" | "open" | "delete" | "dismiss"} Action */
/**
 * @typedef {object} StateView
 * @property {string} words in plain words
 * @property {string} [icon] the symbol in front of the words; colour alone says nothing
 * @property {"none" | "empty" | "moving" | "measured"} bar
 * @property {Action[]} actions in the order they stand; the first safe one takes over a lost focus
 */

/** @type {Record<UploadState, StateView>} */
const VIEWS = {
  queued: { words: "Waiting its turn", bar: "empty", actions: ["pause", "cancel"] },
  hashing: { words: "Fingerprinting", bar: "moving", actions: ["pause", "cancel"] },
  signing: { words: "Getting it signed", bar: "moving", actions: ["pause", "cancel"] },
  uploading: { words: "Uploading", bar: "measured", actions: ["pause", "cancel"] },
  paused: { words: "Paused", icon: "i-pause", bar: "measured", actions: ["resume", "cancel"] },
  waiting: { words: "No network: goes on by itself", icon: "i-offline", bar: "measured", actions: ["pause", "cancel"] },
  retrying: { words: "Trying again", icon: "i-retry", bar: "measured", actions: ["retry", "pause", "cancel"] },
  finishing: { words: "Sent; S3 is confirming", bar: "measured", actions: ["cancel"] },
  done: { words: "Stored", icon: "i-check", bar: "none", actions: ["open", "delete"] },
  failed: { words: "Not stored", icon: "i-alert", bar: "none", actions: ["retry", "dismiss"] },
  aborted: { words: "Cancelled", icon: "i-close", bar: "none", actions: ["again", "dismiss"] },
  deleting: { words: "Deleting", bar: "none", actions: [] },
  deleted: { words: "Deleted from the bucket", icon: "i-trash", bar: "none", actions: ["again", "dismiss"] },
};

/**
 * @param {UploadState} state
 * @returns {StateView}
 */
export function stateView(state) {
  return VIEWS[state];
}

/**
 * Still on its way: leaving the page would lose it.
 * @param {UploadState} state
 */
export function isActive(state) {
  return !isSettled(state) && state !== "paused";
}

/**
 * Nothing more happens by itself.
 * @param {UploadState} state
 */
export function isSettled(state) {
  return ["done", "failed", "aborted", "deleted"].includes(state);
}

/**
 * "Clear finished" takes it off the list. What failed stays until somebody has looked at it.
 * @param {UploadState} state
 */
export function isCleared(state) {
  return ["done", "aborted", "deleted"].includes(state);
}
