// Every way a file gets onto the page: dropped anywhere, chosen, a whole folder, or pasted.

import { filesFromDataTransfer } from "/js/index.js";

/** @typedef {import("/js/index.js").DroppedFile} DroppedFile */
/** @typedef {(files: (File | DroppedFile)[]) => void} Take */

/**
 * @typedef {object} DropzoneParts
 * @property {HTMLElement} overlay shown while files hang over the window
 * @property {HTMLInputElement} files
 * @property {HTMLInputElement} folder
 * @property {HTMLElement} chooseFiles
 * @property {HTMLElement} chooseFolder
 */

/**
 * @param {DropzoneParts} parts
 * @param {Take} take
 * @param {(error: unknown) => void} refused what was dropped could not be read
 * @param {() => void} soon files are likely to come
 */
export function openDropzone(parts, take, refused, soon) {
  drops(parts.overlay, take, refused, soon);
  pastes(take);
  parts.chooseFiles.addEventListener("pointerenter", soon);
  parts.chooseFiles.addEventListener("click", soon);
  chooser(parts.chooseFiles, parts.files, take);
  chooser(parts.chooseFolder, parts.folder, take);
  // Phones choose no folders: a button that does nothing is worse than none.
  parts.chooseFolder.hidden = !("webkitdirectory" in parts.folder) || matchMedia("(hover: none) and (pointer: coarse)").matches;
}

/** @param {HTMLElement} button @param {HTMLInputElement} input @param {Take} take */
function chooser(button, input, take) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const files = Array.from(input.files ?? []);
    input.value = ""; // so that the same file can be chosen again
    if (files.length > 0) take(files);
  });
}

/** @param {HTMLElement} overlay @param {Take} take @param {(error: unknown) => void} refused @param {() => void} soon */
function drops(overlay, take, refused, soon) {
  /** @param {boolean} shown */
  const show = (shown) => {
    overlay.hidden = !shown;
  };
  for (const type of ["dragenter", "dragover"]) {
    window.addEventListener(type, (event) => {
      if (!(event instanceof DragEvent) || !hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      if (overlay.hidden) soon();
      show(true);
    });
  }
  window.addEventListener("dragleave", (event) => {
    // Only leaving the window has nothing to go to.
    if (event.relatedTarget === null) show(false);
  });
  window.addEventListener("drop", (event) => {
    show(false);
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    filesFromDataTransfer(event.dataTransfer).then(take, refused);
  });
  // A drag that ends outside says nothing to the page; the pointer's return does.
  window.addEventListener("pointermove", () => show(false), { passive: true });
}

/** @param {Take} take */
function pastes(take) {
  window.addEventListener("paste", (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
}

/** @param {DragEvent} event */
function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
