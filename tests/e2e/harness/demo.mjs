// The demo page as a person uses it: by what is written on it.
import assert from "node:assert/strict";
import { openPage } from "./browser.mjs";

/** Opens the demo of a server in a fresh browser context. */
export async function openDemo(browser, server, options) {
  const page = await openPage(browser, options);
  await page.goto(`${server.url}/`);
  await page.locator("#choose-files").waitFor();
  return new Demo(page);
}

export class Demo {
  constructor(page) {
    this.page = page;
  }

  /** Chooses files with the button, as a person does. `files`: paths, or `{ name, mimeType, buffer }`. */
  async choose(files) {
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), this.page.click("#choose-files")]);
    await chooser.setFiles(files);
  }

  /** The row of a file, by its whole name. */
  row(name) {
    return new Row(this.page, this.page.locator("#files li.row").filter({ has: this.page.locator('[data-part="full"]').getByText(name, { exact: true }) }), name);
  }

  rows() {
    return this.page.locator("#files li.row");
  }

  /** Waits until `count` rows have a state. */
  async waitForRows(count, state, timeout = 120_000) {
    await this.page.waitForFunction(
      ([wanted, stateName]) => document.querySelectorAll(`li.row[data-state="${stateName}"]`).length === wanted,
      [count, state],
      { timeout },
    );
  }

  /** Nothing was complained about on the console, but for what `expected` matches. */
  assertQuiet(expected = /^$/) {
    assert.deepEqual(this.page.complaints.filter((text) => !expected.test(text)), []);
  }

  close() {
    return this.page.context().close();
  }
}

class Row {
  constructor(page, element, name) {
    this.page = page;
    this.element = element;
    this.name = name;
  }

  async state() {
    return this.element.getAttribute("data-state");
  }

  /** Waits for a state; a failure shows what the page says instead. */
  async reaches(state, timeout = 60_000) {
    await this.element.waitFor({ timeout });
    const handle = await this.element.elementHandle();
    try {
      await this.page.waitForFunction(([row, wanted]) => row.dataset.state === wanted, [handle, state], { timeout });
    } catch (error) {
      throw new Error(`${this.name} is "${await this.state()}", not "${state}": ${await this.element.innerText()}`, { cause: error });
    }
  }

  /** Waits until the bar shows that bytes are on their way. */
  async isUnderWay(percent = 5) {
    const handle = await this.element.elementHandle();
    await this.page.waitForFunction(
      ([row, least]) => row.dataset.state === "uploading" && Number(row.querySelector('[role="progressbar"]').getAttribute("aria-valuenow")) >= least,
      [handle, percent],
    );
  }

  button(action) {
    return this.element.locator(`[data-action="${action}"]`);
  }

  press(action) {
    return this.button(action).click();
  }

  /** Waits until it is stored and returns the link and the key that the page shows. */
  async stored(timeout) {
    await this.reaches("done", timeout);
    const link = this.button("open");
    await this.page.waitForFunction((anchor) => Boolean(anchor.href), await link.elementHandle());
    const [url, shown] = await Promise.all([link.getAttribute("href"), this.element.locator('[data-part="stored"]').getAttribute("title")]);
    return { url, key: shown.slice(shown.indexOf("/") + 1) };
  }

  /** The honest line about what went wrong. */
  async trouble() {
    await this.reaches("failed");
    const [sentence, code] = await Promise.all([
      this.element.locator('[data-part="sentence"]').innerText(),
      this.element.locator('[data-part="code"]').innerText(),
    ]);
    return { sentence, code };
  }
}
