// Turns in which pages are drawn.

/** How often pages that are not visible, and so have no frames, hear of progress. */
const HIDDEN_FRAME_MS = 250;

/** @param {() => void} work */
export function inNextFrame(work) {
  if (typeof document === "undefined" || document.hidden) setTimeout(work, HIDDEN_FRAME_MS);
  else requestAnimationFrame(work);
}
