// What each state of an upload looks like, and what can be done in it.

/** @typedef {import("../index.js").UploadState} UploadState */
/** @typedef {"retry" | "again" | "open" | "resume" | "pause" | "delete" | "cancel" | "dismiss"} Action */
/**
 * @typedef {object} StateView
 * @property {import("./dom.js").IconName} [icon] the symbol in front of the words; colour alone says nothing
 * @property {"none" | "empty" | "moving" | "measured"} bar
 * @property {Action[]} actions
 */

/** @type {Record<UploadState, StateView>} */
const VIEWS = {
  queued: { bar: "empty", actions: ["pause", "cancel"] },
  hashing: { bar: "moving", actions: ["pause", "cancel"] },
  signing: { bar: "moving", actions: ["pause", "cancel"] },
  uploading: { bar: "measured", actions: ["pause", "cancel"] },
  paused: { icon: "pause", bar: "measured", actions: ["resume", "cancel"] },
  waiting: { icon: "offline", bar: "measured", actions: ["pause", "cancel"] },
  retrying: { icon: "retry", bar: "measured", actions: ["retry", "pause", "cancel"] },
  finishing: { bar: "measured", actions: ["cancel"] },
  done: { icon: "check", bar: "none", actions: ["open", "delete"] },
  failed: { icon: "alert", bar: "none", actions: ["retry", "dismiss"] },
  aborted: { icon: "close", bar: "none", actions: ["again", "dismiss"] },
  deleting: { bar: "none", actions: [] },
  deleted: { icon: "trash", bar: "none", actions: ["again", "dismiss"] },
};

/** @param {UploadState} state */
export const stateView = (state) => VIEWS[state];

/** Nothing more happens by itself. @param {UploadState} state */
export const isSettled = (state) => ["done", "failed", "aborted", "deleted"].includes(state);

/** Still on its way: leaving the page would lose it. @param {UploadState} state */
export const isActive = (state) => !isSettled(state) && state !== "paused";

/** "Clear finished" takes it off the list. What failed stays until somebody has looked at it. @param {UploadState} state */
export const isCleared = (state) => ["done", "aborted", "deleted"].includes(state);
