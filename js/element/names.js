// Names of files as a person reads them.

/**
 * A file's name made safe to look at: control characters, and the marks that turn the direction of writing (which can
 * make `exe.gpj` look like `jpg.exe`), are shown as �.
 * @param {string} name
 * @returns {string}
 */
export function displayName(name) {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

/**
 * The folder, with a slash at its end, and the rest.
 * @param {string} name
 */
export function splitPath(name) {
  const slash = name.lastIndexOf("/") + 1;
  return { folder: displayName(name.slice(0, slash)), base: displayName(name.slice(slash)) };
}

/**
 * Splits a name so that its end stays in sight when the middle is cut: the last few letters of the stem and the
 * extension go into `tail`, which is never shortened.
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

const ARCHIVES = /\.(zip|t?gz|bz2|xz|7z|rar|tar|zst)$/i;
const SOURCES = /\.(m?[jt]sx?|rs|py|go|c|cc|cpp|h|java|rb|sh|json|xml|ya?ml|toml|html?|css|wasm|sql)$/i;
const TEXTS = /\.(txt|md|rtf|docx?|odt|pdf|epub|tex|log)$/i;
const TABLES = /\.(csv|tsv|xlsx?|ods|parquet)$/i;

/**
 * The kind of a file, for its icon and the icon's colour.
 * @param {string} name
 * @param {string} type media type, may be empty
 * @returns {"image" | "video" | "audio" | "archive" | "table" | "code" | "text" | "file"}
 */
export function kindOf(name, type) {
  const family = type.split("/", 1)[0];
  if (family === "image" || family === "video" || family === "audio") return family;
  if (ARCHIVES.test(name)) return "archive";
  if (TABLES.test(name)) return "table";
  if (SOURCES.test(name)) return "code";
  if (TEXTS.test(name) || family === "text") return "text";
  return "file";
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
