// Icons are symbols at the end of index.html; here they are only referred to.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} symbol id of a `<symbol>`
 * @returns {SVGSVGElement}
 */
export function icon(symbol) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${symbol}`);
  svg.append(use);
  return svg;
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
