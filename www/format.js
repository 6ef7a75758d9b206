// Numbers, times and names as a person reads them. Pure functions: no DOM, no clock.

const THREE_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/**
 * A size in decimal units with three significant digits, as file managers show it: `0 B`, `1.21 MB`.
 * @param {number} count bytes
 * @returns {string}
 */
export function bytes(count) {
  let value = Math.max(0, count);
  let unit = 0;
  // 999.5 would be rounded to "1,000": it already belongs to the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${significant(value)}\u00a0${UNITS[unit]}`;
}

/**
 * @param {number} bytesPerSecond
 * @returns {string} `""` while nothing is known
 */
export function speed(bytesPerSecond) {
  return bytesPerSecond > 0 && Number.isFinite(bytesPerSecond) ? `${bytes(bytesPerSecond)}/s` : "";
}

/**
 * A time left, no finer than it can be known.
 * @param {number | null | undefined} seconds
 * @returns {string} `""` while nothing is known
 */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return "";
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return `${whole}\u00a0s left`;
  const minutes = Math.ceil(whole / 60);
  if (minutes < 60) return `${minutes}\u00a0min left`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}\u00a0h ${minutes % 60}\u00a0min left`;
  return `${Math.round(hours / 24)}\u00a0days left`;
}

/**
 * Whole per cent of what was sent. 100 is kept for what S3 has confirmed.
 * @param {number} fraction 0 to 1
 * @param {boolean} confirmed
 * @returns {number}
 */
export function percent(fraction, confirmed) {
  if (confirmed) return 100;
  return Math.min(99, Math.max(0, Math.floor((Number.isFinite(fraction) ? fraction : 0) * 100)));
}

/**
 * @param {number} count
 * @param {string} [singular]
 * @param {string} [plural]
 * @returns {string} `1 file`, `12 files`
 */
export function counted(count, singular = "file", plural = `${singular}s`) {
  return `${count.toLocaleString("en")}\u00a0${count === 1 ? singular : plural}`;
}

/**
 * A file's name made safe to look at: control characters, and the marks that turn the direction of
 * writing (which can make `exe.gpj` look like `jpg.exe`), are shown as �.
 * @param {string} name
 * @returns {string}
 */
export function displayName(name) {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

/**
 * Splits a name so that its end stays in sight when the middle is cut: the last few letters of the stem
 * and the extension go into `tail`, which is never shortened.
 * @param {string} name
 * @returns {{ head: string, tail: string }}
 */
export function splitName(name) {
  const letters = graphemes(name);
  if (letters.length <= 16) return { head: name, tail: "" };
  const dot = letters.lastIndexOf(".");
  const extension = dot > 0 && letters.length - dot <= 7 ? letters.length - dot : 0;
  const kept = Math.min(extension + 4, 10);
  return { head: letters.slice(0, -kept).join(""), tail: letters.slice(-kept).join("") };
}

/** @param {number} value */
function significant(value) {
  return THREE_DIGITS.format(value);
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function graphemes(text) {
  if (typeof Intl === "object" && "Segmenter" in Intl) {
    return Array.from(new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text), (s) => s.segment);
  }
  return Array.from(text);
}
