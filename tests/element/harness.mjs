// A page with one element in a form, served by a real server under a strict policy.
import { after, before, beforeEach, afterEach } from "node:test";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, openPage } from "../e2e/harness/browser.mjs";
import { Folder } from "../e2e/harness/files.mjs";
import { startServer } from "../e2e/harness/server.mjs";

const PAGES = fileURLToPath(new URL("pages", import.meta.url));

export let server, browser, folder, page;

/** Starts what every test of a file needs, and a fresh page for each. @param {object} [config] of the server */
export function useElement(config = {}) {
  before(async () => {
    [server, browser] = await Promise.all([startServer({ ...config, server: { www: PAGES, ...config.server } }), launch()]);
    folder = new Folder();
  });
  after(async () => {
    await Promise.all([browser?.close(), server?.stop()]);
    folder?.remove();
  });
  beforeEach(async () => {
    page = await openPage(browser);
    await open();
  });
  afterEach(() => page.context().close());
}

/** Goes to the page, anew. */
export async function open(to = page) {
  await to.goto(`${server.url}/`);
  await to.waitForFunction(() => globalThis.ready);
}

/** @param {Record<string, string>} [attributes] */
export const put = (attributes) => page.evaluate((given) => globalThis.put(given), attributes ?? {});

/** Chooses files with the element's button, as a person does. @param {string[]} paths */
export async function choose(...paths) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.locator("sealift-upload .zone-buttons .primary").click()]);
  await chooser.setFiles(paths);
}

/** @param {string} name of the file */
export function row(name) {
  return page.locator("sealift-upload .manifest .row").filter({ has: page.locator('[data-part="full"]').getByText(name, { exact: true }) });
}

/** @param {string} name @param {string} state */
export async function reaches(name, state) {
  await page.locator(`sealift-upload .manifest .row[data-state="${state}"]`).filter({ hasText: name }).waitFor();
}
