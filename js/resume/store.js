// The IndexedDB of unfinished uploads. It may be missing, full, or refuse its service (private windows): then nothing is
// stored, and nothing fails.

import { isMarked, mark } from "./mark.js";

/**
 * @import { PartRecord, UploadRecord } from "./memory.js"
 *
 * @typedef {object} StoredUpload
 * @property {string} id
 * @property {number} version Of this shape; another one's are forgotten.
 * @property {string} place The endpoint, absolute, and the user where there is one.
 * @property {string} name
 * @property {string} type
 * @property {[string, string][]} metadata
 * @property {number} size
 * @property {number} lastModified
 * @property {number} at When it was stored, milliseconds since 1970.
 * @property {UploadRecord} upload
 * @property {FileSystemFileHandle} [handle]
 * @property {FileKey} [kept] Of the file's own bytes.
 *
 * Sorted by age; the sizes are read without the bytes.
 * @typedef {[at: number, size: number, id: string]} FileKey
 * @typedef {{ key: FileKey, file: Blob }} KeptFile
 * @typedef {Record<"uploads" | "parts" | "files", IDBObjectStore>} Stores
 */

const NAME = "sealift";
export const VERSION = 1;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const STORES = /** @type {const} */ (["uploads", "parts", "files"]);

/** @type {Promise<IDBDatabase> | undefined} */
let opened;
/** WebKit's private windows store no files, but their bytes. */
let storesFiles = true;
/** Changes that wait for the transaction before theirs. @type {((stores: Stores) => void)[]} */
let changes = [];
/** @type {Promise<void> | undefined} */
let writing;

/**
 * Every upload that is stored; those of another version or too old are removed on the way.
 * @returns {Promise<StoredUpload[]>} oldest first
 */
export async function storedUploads() {
  /** @type {StoredUpload[]} */
  const all = (await read("uploads", (uploads) => uploads.getAll())) ?? [];
  const oldest = Date.now() - WEEK_MS;
  const known = all.filter(({ version, at }) => version === VERSION && at > oldest);
  const good = new Set(known);
  for (const upload of all) if (!good.has(upload)) remove(upload.id);
  if (all.length === 0 && isMarked()) change(unmarkIfEmpty);
  return known.sort((a, b) => a.at - b.at);
}

/** @param {string} id */
export async function storedUpload(id) {
  /** @type {StoredUpload | undefined} */
  const upload = await read("uploads", (uploads) => uploads.get(id));
  return upload?.version === VERSION ? upload : undefined;
}

/**
 * @param {string} id
 * @returns {Promise<PartRecord[]>}
 */
export async function storedParts(id) {
  return (await read("parts", (parts) => parts.getAll(partsOf(id)))) ?? [];
}

/**
 * @param {FileKey} key
 * @returns {Promise<Blob | undefined>} undefined also when it had to give way
 */
export async function keptFile(key) {
  /** @type {Blob | ArrayBuffer | undefined} */
  const kept = await read("files", (files) => files.get(key));
  return kept instanceof ArrayBuffer ? new Blob([kept]) : kept;
}

/** @returns {Promise<FileKey[]>} */
export async function keptFiles() {
  return (await read("files", (files) => files.getAllKeys())) ?? [];
}

/** @param {StoredUpload} upload */
export function putUpload(upload) {
  // Marked when it is there: what was removed before it may have taken the mark away.
  change(({ uploads }) => (uploads.put(upload).onsuccess = () => mark(true)));
}

/**
 * @param {string} id
 * @param {PartRecord} part
 */
export function putPart(id, part) {
  change(({ parts }) => parts.put(part, [id, part.number]));
}

/** @param {string} id */
export function removeParts(id) {
  change(({ parts }) => parts.delete(partsOf(id)));
}

/** @param {string} id */
export function remove(id) {
  removeParts(id);
  change((stores) => {
    stores.uploads.get(id).onsuccess = ({ target }) => {
      const { kept } = /** @type {IDBRequest<StoredUpload | undefined>} */ (target).result ?? {};
      if (kept) stores.files.delete(kept);
      unmarkIfEmpty(stores);
    };
    // Not later: the same transaction may store it anew.
    stores.uploads.delete(id);
  });
}

/**
 * Keeps files' own bytes; the oldest give way to what is new.
 * @param {KeptFile[]} kept
 * @param {number} limit Bytes of all together.
 * @returns {Promise<void>}
 */
export async function keepFiles(kept, limit) {
  // Apart from everything else: a browser that has no room, or stores no files, must not lose the rest too.
  await written();
  if (storesFiles && !(await storeFiles(kept, limit))) storesFiles = false;
  if (storesFiles) return;
  const copies = kept.map(async ({ key, file }) => ({ key, file: await file.arrayBuffer() }));
  await storeFiles(await Promise.all(copies).catch(() => []), limit);
}

/**
 * @param {{ key: FileKey, file: Blob | ArrayBuffer }[]} kept
 * @param {number} limit
 * @returns {Promise<boolean>} Whether all went well.
 */
async function storeFiles(kept, limit) {
  let refused = false;
  const isDone = await transact((stores) => {
    stores.files.getAllKeys().onsuccess = ({ target }) => {
      const keys = /** @type {IDBRequest<FileKey[]>} */ (/** @type {unknown} */ (target)).result.concat(kept.map(({ key }) => key));
      let total = keys.reduce((sum, [, size]) => sum + size, 0);
      const gone = new Set();
      for (const key of keys) {
        if (total <= limit) break;
        total -= key[1];
        gone.add(key);
        stores.files.delete(key);
      }
      for (const { key, file } of kept) {
        if (gone.has(key)) continue;
        // Unless it is over meanwhile.
        stores.uploads.getKey(key[2]).onsuccess = ({ target }) => {
          if (/** @type {IDBRequest} */ (target).result === undefined) return;
          try {
            stores.files.put(file, key);
          } catch {
            refused = true;
          }
        };
      }
    };
  });
  return isDone && !refused;
}

/** Until all that was to be written is. */
export async function written() {
  while (writing) await writing;
}

/** @param {(stores: Stores) => void} work */
function change(work) {
  changes.push(work);
  writing ??= write();
}

/** One transaction after the other, each with all that came up during the one before. */
async function write() {
  // What the same turn brings comes along.
  await null;
  while (changes.length > 0) {
    const works = changes;
    changes = [];
    await transact((stores) => {
      for (const work of works) attempt(() => work(stores));
    });
  }
  // In the same turn as the last look: a change that came after it would wait for the next one.
  writing = undefined;
}

/**
 * What cannot be stored (a file in some private windows, say) keeps nothing else from being.
 * @param {() => void} work
 */
function attempt(work) {
  try {
    work();
  } catch {
    // as said
  }
}

/** @param {Stores} stores */
function unmarkIfEmpty({ uploads, files }) {
  uploads.count().onsuccess = ({ target }) => {
    if (/** @type {IDBRequest<number>} */ (target).result > 0) return;
    mark(false);
    files.clear();
  };
}

/** @param {string} id */
const partsOf = (id) => IDBKeyRange.bound([id], [id, []]);

/**
 * @template T
 * @param {typeof STORES[number]} store
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<T | undefined>}
 */
async function read(store, ask) {
  /** @type {IDBRequest<T> | undefined} */
  let request;
  await transact((stores) => (request = ask(stores[store])), "readonly", [store]);
  return request?.readyState === "done" && !request.error ? request.result : undefined;
}

/**
 * @param {(stores: Stores) => void} work
 * @param {IDBTransactionMode} [mode]
 * @param {readonly string[]} [names]
 * @returns {Promise<boolean>} Whether it was done; it never rejects.
 */
async function transact(work, mode = "readwrite", names = STORES) {
  try {
    const db = await (opened ??= open());
    await new Promise((resolve, reject) => {
      const transaction = db.transaction(names, mode);
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
      work(/** @type {Stores} */ (Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]))));
    });
    return true;
  } catch {
    // as said at the top
    return false;
  }
}

/** @returns {Promise<IDBDatabase>} */
async function open() {
  try {
    return await new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        const db = request.result;
        // Of another version: what is in them would be forgotten one by one.
        for (const name of Array.from(db.objectStoreNames)) db.deleteObjectStore(name);
        db.createObjectStore("uploads", { keyPath: "id" });
        db.createObjectStore("parts");
        db.createObjectStore("files");
      };
      request.onsuccess = () => {
        const db = request.result;
        // Somebody clears the site's data, or the browser closed it: opened anew when it is needed again.
        db.onclose = () => (opened = undefined);
        db.onversionchange = () => {
          db.close();
          opened = undefined;
        };
        resolve(db);
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
  } catch (error) {
    opened = undefined;
    throw error;
  }
}
