// What the element says, in one language: sentences, and numbers, sizes and times as that language writes them.

import { en } from "./strings/en.js";

/** @typedef {import("./strings/en.js").Text} Text */
/** @typedef {keyof typeof en} Key */
/** @typedef {Partial<Record<Key, Text>>} Strings */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"];

export class Words {
  /**
   * @param {string} [language] a BCP 47 tag
   * @param {Strings} [strings] what is missing in it is said in English
   */
  constructor(language = "en", strings = {}) {
    this.language = language;
    this.strings = { ...en, ...strings };
    this.plurals = new Intl.PluralRules(language);
    this.integers = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    /** @type {Map<string, Intl.NumberFormat>} */
    this.units = new Map();
  }

  /**
   * @param {Key} key
   * @param {Record<string, string | number>} [values] `count` chooses the plural
   * @returns {string}
   */
  say(key, values = {}) {
    /** @type {Text} */
    const text = this.strings[key];
    const form = typeof text === "string" ? text : (text[this.plurals.select(Number(values.count ?? 0))] ?? text.other);
    return form.replace(/\{(\w+)\}/g, (place, name) => {
      const value = values[name];
      return value === undefined ? place : typeof value === "number" ? this.integers.format(value) : value;
    });
  }

  /** @param {Key} key of a button @param {string} name of the file that it is for */
  action(key, name) {
    return this.say("action", { action: this.say(key), name });
  }

  /**
   * In decimal units with three significant digits, as file managers show it.
   * @param {number} count
   */
  bytes(count) {
    return this.sized(count, "");
  }

  /** @param {number} bytesPerSecond @returns {string} `""` while nothing is known */
  speed(bytesPerSecond) {
    return bytesPerSecond > 0 && Number.isFinite(bytesPerSecond) ? this.sized(bytesPerSecond, "-per-second") : "";
  }

  /** @param {number} seconds @returns {string} no finer than it can be known; `""` while nothing is known */
  timeLeft(seconds) {
    const time = this.duration(seconds);
    return time && this.say("time.left", { time });
  }

  /** @param {number} seconds @returns {string} */
  duration(seconds) {
    if (!Number.isFinite(seconds) || seconds < 0) return "";
    const whole = Math.max(1, Math.ceil(seconds));
    if (whole < 60) return this.unit("second", whole);
    const minutes = Math.ceil(whole / 60);
    if (minutes < 60) return this.unit("minute", minutes);
    const hours = Math.floor(minutes / 60);
    if (hours >= 48) return this.unit("day", Math.round(hours / 24));
    return minutes % 60 === 0 ? this.unit("hour", hours) : `${this.unit("hour", hours)} ${this.unit("minute", minutes % 60)}`;
  }

  /** @param {number} whole 0 to 100 */
  percent(whole) {
    return this.unit("percent", whole);
  }

  /** @param {number} count @param {string} suffix */
  sized(count, suffix) {
    let value = Math.max(0, count);
    let unit = 0;
    // 999.5 would be rounded to "1,000": it already belongs to the next unit.
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit += 1;
    }
    return this.unit(`${UNITS[unit]}${suffix}`, unit === 0 ? Math.round(value) : value);
  }

  /** @param {string} unit @param {number} value */
  unit(unit, value) {
    let format = this.units.get(unit);
    if (!format) {
      format = new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumSignificantDigits: 3 });
      this.units.set(unit, format);
    }
    return format.format(value);
  }
}

/**
 * Whole per cent of what was sent. 100 is kept for what is confirmed.
 * @param {number} fraction 0 to 1
 * @param {boolean} confirmed
 */
export function percentOf(fraction, confirmed) {
  if (confirmed) return 100;
  return Math.min(99, Math.max(0, Math.floor((Number.isFinite(fraction) ? fraction : 0) * 100)));
}
