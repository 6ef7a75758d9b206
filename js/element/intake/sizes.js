// Sizes as people write them in an attribute.

/** @type {Record<string, number>} */
const FACTORS = { "": 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };

/**
 * `"10 MB"`, `"1.5GiB"`, `"4096"`: bytes, powers of ten or, with an `i`, of two.
 * @param {string | null} text
 * @returns {number | undefined} whole bytes; undefined for what is no size
 */
export function parseSize(text) {
  const [, digits, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text ?? "") ?? [];
  const factor = FACTORS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) return undefined;
  const bytes = Math.floor(Number(digits) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A whole number above 0. @param {string | null} text @returns {number | undefined} */
export function parseCount(text) {
  return text !== null && /^\s*[1-9]\d{0,8}\s*$/.test(text) ? Number(text) : undefined;
}
