// The page of the element: an editor of its theme and rules, and the source that comes of it.

import { SealiftUpload } from "/js/element.js";

const LANGUAGES = ["en", "de", "fr", "es", "pt", "zh", "ja", "ar"];

const widget = /** @type {InstanceType<typeof SealiftUpload>} */ (element("widget"));
const editor = /** @type {HTMLFormElement} */ (element("editor"));
const ticket = /** @type {HTMLFormElement} */ (element("ticket"));

for (const language of LANGUAGES) {
  const name = new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language;
  element("lang").append(new Option(name, language));
}
editor.addEventListener("submit", (event) => event.preventDefault());
editor.addEventListener("input", apply);
apply();

ticket.addEventListener("submit", (event) => {
  event.preventDefault();
  const receipts = new FormData(ticket).getAll("attachments");
  element("sent").textContent = `Sent, with ${receipts.length} ${receipts.length === 1 ? "receipt" : "receipts"} as “attachments”.`;
});
ticket.addEventListener("reset", () => (element("sent").textContent = ""));

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  button.addEventListener("click", async () => {
    const text = element(button.getAttribute("data-copy") ?? "").textContent ?? "";
    const copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    button.textContent = copied ? "Copied" : "Copying is not allowed here";
    setTimeout(() => (button.textContent = words), 2000);
  });
}

/** Brings the element, and the source that is shown, to what the editor says. */
function apply() {
  const chosen = Object.fromEntries(new FormData(editor));
  const checked = (/** @type {string} */ name) => (chosen[name] === undefined ? undefined : "");
  /** @type {Record<string, string | undefined>} */
  const attributes = {
    multiple: checked("multiple"),
    directory: checked("multiple") && checked("directory"),
    required: checked("required"),
    "drop-target": chosen.page === undefined ? undefined : "page",
    "max-size": String(chosen["max-size"]) || undefined,
    accept: String(chosen.accept) || undefined,
    theme: String(chosen.theme) || undefined,
    lang: chosen.lang === "en" ? undefined : String(chosen.lang),
    dir: chosen.lang === "ar" ? "rtl" : undefined,
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) widget.removeAttribute(name);
    else if (widget.getAttribute(name) !== value) widget.setAttribute(name, value);
  }
  const properties = theme(String(chosen.accent), Number(chosen.radius));
  for (const [name, value] of Object.entries(properties)) widget.style.setProperty(name, value);
  /** @type {HTMLOutputElement} */ (editor.querySelector("output")).value = `${chosen.radius} px`;
  element("html").textContent = html(attributes);
  element("css").textContent = `sealift-upload {\n${Object.entries(properties).map(([name, value]) => `  ${name}: ${value};`).join("\n")}\n}`;
}

/**
 * One colour makes all that are kin to it, in light and in dark.
 * @param {string} accent `#rrggbb`
 * @param {number} radius pixels
 * @returns {Record<string, string>}
 */
function theme(accent, radius) {
  const dark = `color-mix(in oklab, ${accent} 45%, white)`;
  return {
    "--sealift-accent": `light-dark(${accent}, ${dark})`,
    "--sealift-accent-strong": `light-dark(color-mix(in oklab, ${accent} 80%, black), color-mix(in oklab, ${accent} 25%, white))`,
    "--sealift-accent-soft": `light-dark(color-mix(in oklab, ${accent} 12%, white), color-mix(in oklab, ${accent} 30%, black))`,
    "--sealift-on-accent": `light-dark(${isPale(accent) ? "black" : "white"}, black)`,
    "--sealift-radius": `${radius}px`,
  };
}

/** Whether black is easier to read on it than white (WCAG 2.2, relative luminance). @param {string} colour */
function isPale(colour) {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
}

/** @param {Record<string, string | undefined>} attributes */
function html(attributes) {
  const given = { endpoint: "/sealift", name: "attachments", ...attributes };
  const written = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [value === "" ? name : `${name}="${value}"`]));
  return `<script type="module">import 'sealift/element';</script>\n\n<sealift-upload ${written.join(" ")}></sealift-upload>`;
}

/** @param {string} id @returns {HTMLElement} */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element "${id}"`);
  return found;
}
