// What makes a file the same file.

import { hashFile } from "../hash.js";

/** @import { Facts } from "./memory.js" */

/** Bytes of each place that is looked at. */
const SAMPLE = 64 * 1024;

/**
 * 64 hex digits: the SHA-256 of where the file goes, what it goes by, and its first, middle and last bytes.
 * @param {string} place
 * @param {Omit<Facts, "handle">} facts
 */
export async function identityOf(place, { file, name, type, metadata }) {
  const { size } = file;
  const words = JSON.stringify([place, name, type, metadata, size, modifiedOf(file)]);
  const middle = Math.max(0, Math.floor((size - SAMPLE) / 2));
  const bytes = size <= 3 * SAMPLE ? [file] : [0, middle, size - SAMPLE].map((start) => file.slice(start, start + SAMPLE));
  const { sha256 } = await hashFile(new Blob([words, ...bytes]));
  return sha256;
}

/**
 * What it is known by once it is given up: the file's next upload has its own place.
 * @param {string} id
 * @param {string} key Of the object; each upload has its own.
 */
export function asideOf(id, key) {
  const end = ` ${key}`;
  return id.endsWith(end) ? id : id + end;
}

/** @param {Blob} file */
export function modifiedOf(file) {
  return file instanceof File ? file.lastModified : 0;
}
