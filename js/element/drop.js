// Files that are dropped on the element, or anywhere on its page.

import { filesFromDataTransfer } from "../files.js";

/** @typedef {import("../index.js").DroppedFile} DroppedFile */
/**
 * @typedef {object} DropParts
 * @property {EventTarget} target the zone, or the window
 * @property {(over: boolean) => void} hover files hang over it, or no longer do
 * @property {(files: Promise<DroppedFile[]>) => void} take
 * @property {AbortSignal} signal ends it
 */

/** @param {DropParts} parts */
export function watchDrops({ target, hover, take, signal }) {
  // Entering a child comes before leaving its parent.
  let depth = 0;
  /** @param {string} type @param {(event: DragEvent) => void} handle */
  const on = (type, handle) => {
    target.addEventListener(type, (event) => {
      if (event instanceof DragEvent && event.dataTransfer?.types.includes("Files")) handle(event);
    }, { signal });
  };
  const out = () => {
    depth = 0;
    hover(false);
  };
  on("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    if (depth === 1) hover(true);
  });
  on("dragover", (event) => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  on("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) hover(false);
  });
  on("drop", (event) => {
    out();
    // One place takes it, where the page and an element in it both listen.
    if (event.defaultPrevented || !event.dataTransfer) return;
    event.preventDefault();
    take(filesFromDataTransfer(event.dataTransfer));
  });
  // A drag that ends outside says nothing to the page; the pointer's return does.
  window.addEventListener("pointermove", () => depth > 0 && out(), { passive: true, signal });
}
