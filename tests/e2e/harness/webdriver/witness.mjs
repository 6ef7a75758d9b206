// What stands in a page for the events that a WebDriver of the classic kind has not: complaints, requests, file choosers;
// and what finds elements as Playwright's locators do. The servers of the tests put it before all other scripts of a page.
import { decode, encode } from "./values.mjs";

export const WITNESS_PATH = "/_witness.js";

/** The script; it does nothing where it already is. */
export const witness = () => `(() => { if (window.__witness) return; const encode = ${encode}; const decode = ${decode}; (${inPage})(encode, decode); })();`;

/** Adds the script to a page, as its first. */
export function witnessed(html) {
  const tag = `<script src="${WITNESS_PATH}"></script>`;
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + tag) : html.replace(/^(\s*<!doctype[^>]*>)?/i, (start) => start + tag);
}

function inPage(encode, decode) {
  const events = [];
  const running = new Map();
  const self = { chooser: undefined };
  const tell = (event) => void events.push(event);
  Object.defineProperty(window, "__witness", { value: self });

  for (const level of ["error", "warn"]) {
    const original = console[level];
    console[level] = (...given) => {
      tell({ kind: "complaint", text: `${level === "warn" ? "warning" : level}: ${given.map(String).join(" ")}` });
      original.apply(console, given);
    };
  }
  addEventListener("error", (event) => event.message && tell({ kind: "complaint", text: `uncaught: ${event.message}` }));
  addEventListener("unhandledrejection", ({ reason }) => tell({ kind: "complaint", text: `uncaught: ${reason?.message ?? reason}` }));

  let requests = 0;
  const sent = new WeakMap();
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...more) {
    sent.set(this, { id: (requests += 1), method, url: new URL(url, location.href).href });
    return open.call(this, method, url, ...more);
  };
  XMLHttpRequest.prototype.send = function (...given) {
    const request = sent.get(this);
    tell({ kind: "request", ...request });
    this.addEventListener("loadend", () => tell({ kind: "response", ...request, status: this.status, body: /^(text)?$/.test(this.responseType) ? this.responseText : undefined }));
    return send.apply(this, given);
  };
  const originalFetch = window.fetch;
  window.fetch = function (...given) {
    const [input, init] = given;
    const request = { id: (requests += 1), method: init?.method ?? input.method ?? "GET", url: new URL(input.url ?? input, location.href).href };
    tell({ kind: "request", ...request });
    const answer = originalFetch.apply(window, given);
    answer.then(
      async (response) => {
        const isText = response.headers.get("content-type")?.includes("json");
        const body = isText ? await response.clone().text().catch(() => undefined) : undefined;
        tell({ kind: "response", ...request, status: response.status, body });
      },
      () => tell({ kind: "response", ...request, status: 0 }),
    );
    return answer;
  };

  // A dialog of the system is what no driver can answer.
  const choosing = (input) => input instanceof HTMLInputElement && input.type === "file" && !input.disabled;
  addEventListener(
    "click",
    (event) => {
      const [target] = event.composedPath();
      if (!choosing(target)) return;
      event.preventDefault();
      self.chooser = target;
    },
    true,
  );
  const { click } = HTMLElement.prototype;
  HTMLInputElement.prototype.click = function () {
    if (!choosing(this)) return click.call(this);
    // The one of a shadow tree is not seen from above, and one that is nowhere tells nobody.
    self.chooser = this;
    if (!this.isConnected) document.head.append(this);
  };
  HTMLInputElement.prototype.showPicker = HTMLInputElement.prototype.click;

  /** Starts work whose end is asked for later, by its number. */
  self.start = (number, work) => {
    const entry = {};
    running.set(number, entry);
    entry.ended = Promise.resolve()
      .then(work)
      .then(
        (value) => (entry.outcome = { value: encode(value) }),
        (error) => (entry.outcome = { error: { name: error?.name, message: error?.message ?? String(error), stack: error?.stack } }),
      );
  };
  /** In the page's own realm, where it may be; the driver's has no `import`. */
  self.fromSource = (source) => (0, eval)(`(${source})`);
  self.given = (text) => decode(text, (steps) => self.resolve(steps)[0]);
  /** What happened since, and the end of some work; waits a moment for it. */
  self.ask = async (number, patience) => {
    const entry = running.get(number);
    if (entry && !entry.outcome) await Promise.race([entry.ended, new Promise((resolve) => setTimeout(resolve, patience))]);
    if (entry?.outcome) running.delete(number);
    return JSON.stringify({ known: number === 0 || Boolean(entry), outcome: entry?.outcome, events: events.splice(0) });
  };

  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  self.isShown = isShown;
  const within = (root, selector) => {
    const found = [...root.querySelectorAll(selector)];
    // Locators look into open shadow trees.
    for (const host of root.querySelectorAll("*")) if (host.shadowRoot) found.push(...within(host.shadowRoot, selector));
    if (root.shadowRoot) found.push(...within(root.shadowRoot, selector));
    return found;
  };
  const ROLES = {
    button: "button, summary, input[type=button], input[type=submit], input[type=reset]", link: "a[href]", checkbox: "input[type=checkbox]", radio: "input[type=radio]",
    textbox: "textarea, input:not([type]), input[type=text], input[type=email], input[type=url]", combobox: "select", progressbar: "progress", list: "ul, ol", listitem: "li",
    img: "img", heading: "h1, h2, h3, h4, h5, h6", dialog: "dialog", status: "output", group: "fieldset, details", searchbox: "input[type=search]", spinbutton: "input[type=number]",
  };
  const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const nameOf = (element) => {
    const labels = element.getAttribute("aria-labelledby");
    if (labels) return plain(labels.split(/\s+/).map((id) => element.getRootNode().getElementById?.(id)?.textContent ?? "").join(" "));
    return plain(element.getAttribute("aria-label") ?? (element.labels?.length ? element.labels[0].innerText : element.innerText || element.value || element.title));
  };
  const matches = (text, wanted, exact) =>
    wanted === undefined || (wanted instanceof RegExp ? wanted.test(text) : exact ? text === plain(wanted) : text.toLowerCase().includes(plain(wanted).toLowerCase()));
  const STEPS = {
    css: (roots, { selector }) => roots.flatMap((root) => within(root, selector)),
    role: (roots, { role, name, exact }) =>
      roots.flatMap((root) => within(root, ROLES[role] ? `[role="${role}"], ${ROLES[role]}` : `[role="${role}"]`))
        .filter((element) => (element.getAttribute("role") ?? role) === role && isShown(element) && matches(nameOf(element), name, exact)),
    text: (roots, { text, exact }) => {
      const having = roots.flatMap((root) => [...(root instanceof Element ? [root] : []), ...within(root, "*")]).filter((element) => !/^(SCRIPT|STYLE|HEAD)$/.test(element.tagName) && matches(plain(element.textContent), text, exact));
      return having.filter((element) => ![...element.children].some((child) => having.includes(child)));
    },
    label: (roots, { text, exact }) => roots.flatMap((root) => within(root, "input, textarea, select, button")).filter((element) => matches(nameOf(element), text, exact)),
    filter: (roots, { has, hasText, hasNot }) =>
      roots.filter((root) => (!has || self.resolve(has, [root]).length > 0) && (!hasNot || self.resolve(hasNot, [root]).length === 0) && matches(plain(root.textContent), hasText, false)),
    nth: (roots, { index }) => roots.slice(index).slice(0, index === -1 ? undefined : 1),
  };
  self.resolve = (steps, roots = [document]) => steps.reduce((found, step) => [...new Set(STEPS[step.by](found, step))], roots);
}
