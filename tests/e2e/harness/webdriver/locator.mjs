// Elements by what finds them, looked for anew each time: the locators of Playwright that tests use.
import { idOf } from "./commands.mjs";
import { encode } from "./values.mjs";

const TIMEOUT = 60_000;

export class Locator {
  constructor(page, steps) {
    this.page = page;
    this.steps = steps;
  }

  step(step) {
    return new Locator(this.page, [...this.steps, step]);
  }

  locator(selector) {
    return this.step({ by: "css", selector });
  }

  getByRole(role, options = {}) {
    return this.step({ by: "role", role, ...options });
  }

  getByText(text, options = {}) {
    return this.step({ by: "text", text, ...options });
  }

  filter({ has, hasNot, hasText }) {
    return this.step({ by: "filter", has: has?.steps, hasNot: hasNot?.steps, hasText });
  }

  nth(index) {
    return this.step({ by: "nth", index });
  }

  first() {
    return this.nth(0);
  }

  last() {
    return this.nth(-1);
  }

  count() {
    return this.page.evaluate((steps) => window.__witness.resolve(steps).length, this.steps);
  }

  async all() {
    return Array.from({ length: await this.count() }, (_, index) => this.nth(index));
  }

  isVisible() {
    return this.page.evaluate((steps) => window.__witness.resolve(steps).slice(0, 1).some(window.__witness.isShown), this.steps);
  }

  async waitFor({ state = "visible", timeout = TIMEOUT } = {}) {
    const look = { visible: () => this.isVisible(), hidden: async () => !(await this.isVisible()), attached: async () => (await this.count()) > 0, detached: async () => (await this.count()) === 0 }[state];
    await this.page.poll(look, timeout, () => `never ${state}: ${this}`);
  }

  /** The element as the driver names it. */
  async element({ shown = true, timeout = TIMEOUT } = {}) {
    await this.page.hasWitness();
    const script = `const { __witness } = window;
      return __witness.resolve(__witness.given(arguments[0])).find((element) => !arguments[1] || (__witness.isShown(element) && !element.disabled)) ?? null;`;
    return this.page.poll(() => this.page.elementBy(script, [encode(this.steps), shown]), timeout, () => `never there: ${this}`);
  }

  /** For `evaluate` and `waitForFunction`, which find the element where they run; once it is there. */
  async elementHandle() {
    await this.waitFor({ state: "attached" });
    return { $: "element", steps: this.steps };
  }

  async click({ timeout = TIMEOUT } = {}) {
    const click = async () => {
      try {
        await this.page.send("click", { id: idOf(await this.element({ timeout })) });
        return true;
      } catch (error) {
        if (/intercepted|stale|not interactable/.test(error.code)) return false;
        throw error;
      }
    };
    await this.page.poll(click, timeout, () => `cannot be clicked: ${this}`);
  }

  async press(keys) {
    await this.evaluate((element) => element.focus());
    await this.page.press(keys);
  }

  focus() {
    return this.evaluate((element) => element.focus());
  }

  async fill(text) {
    const element = await this.element();
    await this.page.send("read", { script: "arguments[0].value = ''; arguments[0].focus();", args: [element] });
    if (text) await this.page.send("type", { id: idOf(element), text });
    else await this.evaluate((one) => one.dispatchEvent(new Event("input", { bubbles: true })));
  }

  async setInputFiles(files) {
    await this.page.setFilesOf(await this.element({ shown: false }), files);
  }

  /** `work(element, given)` in the page, once the element is there. */
  async evaluate(work, given) {
    return this.page.evaluate(wrapped(work), [await this.elementHandle(), given]);
  }

  innerText() {
    return this.evaluate((element) => element.innerText);
  }

  textContent() {
    return this.evaluate((element) => element.textContent);
  }

  inputValue() {
    return this.evaluate((element) => element.value);
  }

  getAttribute(name) {
    return this.evaluate((element, attribute) => element.getAttribute(attribute), name);
  }

  toString() {
    return JSON.stringify(this.steps, (_, value) => (value instanceof RegExp ? String(value) : value));
  }
}

/** A function that takes one argument, as those do that run in a page. */
function wrapped(work) {
  return { toString: () => `([element, given]) => (${work})(element, given)` };
}
