// The languages that are shipped. English is always there; the others are loaded when they are needed.

/** @typedef {import("../words.js").Strings} Strings */

/** @type {Record<string, () => Promise<Strings>>} */
const SHIPPED = {
  de: async () => (await import("./de.js")).de,
  fr: async () => (await import("./fr.js")).fr,
  es: async () => (await import("./es.js")).es,
  pt: async () => (await import("./pt.js")).pt,
  zh: async () => (await import("./zh.js")).zh,
  ja: async () => (await import("./ja.js")).ja,
  ar: async () => (await import("./ar.js")).ar,
};

/** Those that can be had without bringing strings of one's own. */
export const LANGUAGES = ["en", ...Object.keys(SHIPPED)];

/**
 * @param {string} language a BCP 47 tag: `pt-BR` finds `pt`
 * @returns {Promise<Strings> | undefined} undefined where English is all there is
 */
export function stringsFor(language) {
  return SHIPPED[language.toLowerCase().split("-", 1)[0] ?? ""]?.();
}
