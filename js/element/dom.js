// Elements made in code: nothing is parsed, so a page that allows no inline markup or style (CSP, Trusted Types) is fine.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean | undefined>} [attributes] `true` is the empty string; `false` and undefined are left out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Lines on a grid of 24. */
const ICONS = {
  file: "M13 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9zM13 3v6h6",
  folder: "M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
  image: "M5 4h14a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8.500 7a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zM4 18l5-5 3.500 3.500L16 13l5 5",
  video: "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM10 9l5 3-5 3z",
  audio: "M9 18V6l10-2v12M6.500 15.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM16.500 13.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  archive: "M5 4h14a2 2 0 0 1 2 2v3H3V6a2 2 0 0 1 2-2zM5 9v9a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9M10 13h4",
  table: "M5 4h14a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM3 10h18M3 15h18M10 10v10",
  code: "M8 7l-5 5 5 5M16 7l5 5-5 5M13.500 5l-3 14",
  text: "M13 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9zM13 3v6h6M8.500 13h7M8.500 16.500h4.500",
  upload: "M12 16V4M7 9l5-5 5 5M4 16v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3",
  pause: "M8.500 5.500v13M15.500 5.500v13",
  play: "M8 5.500L18 12 8 18.500z",
  close: "M6 6l12 12M18 6L6 18",
  retry: "M20 11a8 8 0 1 0-1.500 6M20 5v6h-6",
  trash: "M4 7h16M9.500 7V4h5v3M6 7l1 12a2 2 0 0 0 2 1.500h6A2 2 0 0 0 17 19l1-12M10 11v5.500M14 11v5.500",
  check: "M5 12.500l4.500 4.500L19 7.500",
  alert: "M12 4L2.500 20h19zM12 10v4.500M12 17v.1",
  offline: "M4 4l16 16M2.500 9a14 14 0 0 1 4.500-3M11 5a14 14 0 0 1 10.500 4M6 13a9 9 0 0 1 4-2.500M15 11a9 9 0 0 1 3 2M12 18.500v.1",
};

/** @typedef {keyof typeof ICONS} IconName */

/**
 * A symbol beside words that say the same.
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of [["class", "icon"], ["viewBox", "0 0 24 24"], ["aria-hidden", "true"]]) svg.setAttribute(String(attribute), String(value));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Only what is new: even the same text would be laid out again. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
