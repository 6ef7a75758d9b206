// What a visitor may change: how files are sent, how many at once, and light or dark. Kept in this browser only.

const KEY = "sealift-demo";

/**
 * @typedef {object} Settings
 * @property {"auto" | "put" | "post" | "multipart"} transport
 * @property {"sha256" | "crc64nvme" | "both" | "chunks" | "none"} integrity
 * @property {number} concurrency 1 to 16
 * @property {"system" | "light" | "dark"} theme
 */

/** @type {Settings} */
const DEFAULTS = { transport: "auto", integrity: "sha256", concurrency: 6, theme: "system" };

/** What may be chosen of each, beside what is typed in. */
const CHOICES = {
  transport: /** @type {const} */ (["auto", "put", "post", "multipart"]),
  integrity: /** @type {const} */ (["sha256", "crc64nvme", "both", "chunks", "none"]),
  theme: /** @type {const} */ (["system", "light", "dark"]),
};

/**
 * Reads the stored settings into the form and keeps both in step.
 * @param {HTMLFormElement} form
 * @param {(settings: Settings) => void} changed called when files are to be sent in another way
 * @returns {Settings}
 */
export function openSettings(form, changed) {
  let settings = load();
  show(form, settings);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const next = parse(Object.fromEntries(new FormData(form)));
    const sending = next.theme === settings.theme;
    settings = next;
    show(form, settings);
    save(settings);
    if (sending) changed(settings);
  });
  return settings;
}

/** @param {HTMLFormElement} form @param {Settings} settings */
function show(form, settings) {
  for (const [name, value] of Object.entries(settings)) {
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field instanceof HTMLInputElement) field.value = String(value);
  }
  const output = form.querySelector("output");
  if (output) output.value = String(settings.concurrency);
  if (settings.theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = settings.theme;
}

/**
 * @param {Record<string, unknown>} raw anything: it may come from an older page
 * @returns {Settings}
 */
function parse(raw) {
  const concurrency = Number(raw.concurrency);
  return {
    transport: CHOICES.transport.find((choice) => choice === raw.transport) ?? DEFAULTS.transport,
    integrity: CHOICES.integrity.find((choice) => choice === raw.integrity) ?? DEFAULTS.integrity,
    concurrency: Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 16 ? concurrency : DEFAULTS.concurrency,
    theme: CHOICES.theme.find((choice) => choice === raw.theme) ?? DEFAULTS.theme,
  };
}

/** Storage can be switched off: then the settings last as long as the page. @returns {Settings} */
function load() {
  try {
    return parse(JSON.parse(localStorage.getItem(KEY) ?? "{}"));
  } catch {
    return DEFAULTS;
  }
}

/** @param {Settings} settings */
function save(settings) {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // as said above
  }
}
