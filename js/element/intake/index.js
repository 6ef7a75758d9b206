// Which of some files are taken, and why the others are not.

import { accepts } from "./accept.js";

/**
 * @typedef {object} Rules
 * @property {string} accept
 * @property {number} [maxSize] bytes
 * @property {number} [minSize] bytes
 * @property {number} [maxFiles] with those that are there
 * @property {number} [maxTotalSize] bytes, with those that are there
 * @property {boolean} duplicates whether the same file may be there twice
 *
 * @typedef {{ file: File, name: string, handle?: FileSystemFileHandle }} Found `name`: with its path
 * @typedef {{ name: string, size: number, lastModified: number }} Known
 * @typedef {"type" | "too_large" | "too_small" | "too_many" | "total" | "duplicate"} Reason
 * @typedef {{ file: File, name: string, code: Reason, limit?: number }} Refusal `limit`: bytes, or files of `too_many`
 */

/**
 * @param {Found[]} files
 * @param {Rules} rules
 * @param {Iterable<Known>} before what is there already
 * @returns {{ accepted: Found[], refused: Refusal[] }} each in the order given
 */
export function takeIn(files, rules, before) {
  /** @type {Found[]} */
  const accepted = [];
  /** @type {Refusal[]} */
  const refused = [];
  const there = [...before];
  const marks = new Set(there.map(mark));
  let total = there.reduce((sum, { size }) => sum + size, 0);
  for (const found of files) {
    const { file, name } = found;
    const { size, lastModified } = file;
    /** @param {Reason} code @param {number} [limit] */
    const refuse = (code, limit) => refused.push({ file, name, code, ...(limit !== undefined && { limit }) });
    const { maxSize = Infinity, minSize = 0, maxFiles = Infinity, maxTotalSize = Infinity } = rules;
    if (!accepts(rules.accept, file)) refuse("type");
    else if (size > maxSize) refuse("too_large", maxSize);
    else if (size < minSize) refuse("too_small", minSize);
    else if (!rules.duplicates && marks.has(mark({ name, size, lastModified }))) refuse("duplicate");
    else if (there.length + accepted.length >= maxFiles) refuse("too_many", maxFiles);
    else if (total + size > maxTotalSize) refuse("total", maxTotalSize);
    else {
      accepted.push(found);
      marks.add(mark({ name, size, lastModified }));
      total += size;
    }
  }
  return { accepted, refused };
}

/** @param {Known} file */
const mark = ({ name, size, lastModified }) => `${size} ${lastModified} ${name}`;
