// What was dropped, pasted or picked, as a list of files.

import { SealiftError } from "./error.js";

/**
 * @import { DroppedFile } from "./uploader.js"
 *
 * @typedef {DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> }} Item
 */

/** Files that systems leave in folders and no person means to upload. */
const JUNK = /^(\.DS_Store|\._.*|\.localized|Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;
/** Folders of the same kind. */
const JUNK_FOLDER = /^(__MACOSX|\.Spotlight-V100|\.Trashes|\.fseventsd|\$RECYCLE\.BIN)$/i;

/** Bytes up to which a file in a folder is sooner sent again than asked for. */
const WORTH_A_HANDLE = 1024 * 1024;

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
  const dropped = Array.from(dataTransfer.items, (/** @type {Item} */ item) => {
    if (item.kind !== "file") return [];
    // Refused for some folders, and missing in most browsers: then a file has to be chosen again to go on after a reload.
    const handle = item.getAsFileSystemHandle?.().catch(() => undefined);
    const entry = item.webkitGetAsEntry?.();
    const file = entry ? null : item.getAsFile();
    return entry ? walk(entry, () => handle) : file ? [{ file, name: file.name }] : [];
  });
  const files = await Promise.all(dropped);
  return files.flat().filter(({ name }) => !isJunk(name));
}

/**
 * @param {FileSystemEntry} entry
 * @param {() => Promise<FileSystemHandle | null | undefined> | undefined} handle Of the same file or folder, where browsers have them.
 * @returns {Promise<DroppedFile[]>}
 */
async function walk(entry, handle) {
  const name = entry.fullPath.replace(/^\//, "");
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => {
        /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
      });
      const kept = file.size > WORTH_A_HANDLE ? await handle() : undefined;
      return [kept?.kind === "file" ? { file, name, handle: /** @type {FileSystemFileHandle} */ (kept) } : { file, name }];
    }
    const entries = await readAll(/** @type {FileSystemDirectoryEntry} */ (entry));
    const found = [];
    const folder = await handle();
    // One after the other: a folder of folders would otherwise open all of them at once.
    for (const inner of entries) found.push(...(await walk(inner, () => handleIn(folder, inner))));
    return found;
  } catch (cause) {
    if (cause instanceof SealiftError) throw cause;
    throw new SealiftError(`“${name}” cannot be read.`, { code: "unreadable_file", cause });
  }
}

/**
 * @param {FileSystemHandle | null | undefined} folder
 * @param {FileSystemEntry} inner
 * @returns {Promise<FileSystemHandle | undefined> | undefined}
 */
function handleIn(folder, { name, isFile }) {
  if (folder?.kind !== "directory") return undefined;
  const directory = /** @type {FileSystemDirectoryHandle} */ (folder);
  return (isFile ? directory.getFileHandle(name) : directory.getDirectoryHandle(name)).catch(() => undefined);
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

/**
 * @param {FileList | Iterable<Blob | DroppedFile>} files
 * @returns {{ file: Blob, name?: string | undefined, handle?: FileSystemFileHandle | undefined }[]}
 */
export function listOf(files) {
  const wrong = () => new SealiftError("add() takes a File, a Blob or a list of them.", { code: "invalid_option" });
  if (typeof files !== "object" || files === null || !(Symbol.iterator in files)) throw wrong();
  return Array.from(files, (item) => {
    if (item instanceof Blob) return { file: item };
    const { file, name, handle } = item ?? {};
    if (!(file instanceof Blob) || (name !== undefined && typeof name !== "string")) throw wrong();
    return { file, ...(name !== undefined && { name }), ...(handle && { handle }) };
  });
}
