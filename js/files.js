// What was dropped, pasted or picked, as a list of files.

import { SealiftError } from "./error.js";

/** @import { DroppedFile } from "./uploader.js" */

/** Files that systems leave in folders and no person means to upload. */
const JUNK = /^(\.DS_Store|\._.*|\.localized|Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;
/** Folders of the same kind. */
const JUNK_FOLDER = /^(__MACOSX|\.Spotlight-V100|\.Trashes|\.fseventsd|\$RECYCLE\.BIN)$/i;

/** @param {string} path with `/` between its segments */
export function isJunk(path) {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  return JUNK.test(name) || folders.some((folder) => JUNK_FOLDER.test(folder));
}

/**
 * @param {DataTransfer} dataTransfer
 * @returns {Promise<DroppedFile[]>}
 */
export async function filesFromDataTransfer(dataTransfer) {
  if (!dataTransfer?.items) {
    throw new SealiftError("filesFromDataTransfer needs the dataTransfer of a drop or paste event.", { code: "invalid_option" });
  }
  // Everything is taken out before the first await: the browser empties the list after the event's handler.
  const dropped = Array.from(dataTransfer.items).flatMap((item) => {
    if (item.kind !== "file") return [];
    return item.webkitGetAsEntry?.() ?? item.getAsFile() ?? [];
  });
  const files = await Promise.all(dropped.map((item) => (item instanceof File ? plainFile(item) : walk(item))));
  return files.flat().filter(({ name }) => !isJunk(name));
}

/** @param {File} file */
function plainFile(file) {
  return [{ file, name: file.name }];
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<DroppedFile[]>}
 */
async function walk(entry) {
  const name = entry.fullPath.replace(/^\//, "");
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => {
        /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
      });
      return [{ file, name }];
    }
    const entries = await readAll(/** @type {FileSystemDirectoryEntry} */ (entry));
    const found = [];
    // One after the other: a folder of folders would otherwise open all of them at once.
    for (const inner of entries) found.push(...(await walk(inner)));
    return found;
  } catch (cause) {
    if (cause instanceof SealiftError) throw cause;
    throw new SealiftError(`“${name}” cannot be read.`, { code: "unreadable_file", cause });
  }
}

/**
 * Every entry of a folder; the browser hands them out in batches of a hundred or so, until an empty one.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>}
 */
async function readAll(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const entries = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    entries.push(...batch);
  }
}

/**
 * The name a file goes by when it is given no other: its path below the folder that was picked, or its own name.
 * @param {Blob} file
 */
export function nameOf(file) {
  if (!(file instanceof File)) return "blob";
  return file.webkitRelativePath || file.name;
}
