// The contests in Firefox, which is driven by Marionette, as the tests drive it.
import { setTimeout as sleep } from "node:timers/promises";
import { launchEngine } from "../../tests/e2e/harness/webdriver/launch.mjs";

/** How seldom the page is asked whether it is done, in ms. */
const PATIENCE = 2_000;

/** Rates of bytes in memory. */
export async function inFirefox(url, script) {
  const browser = await launchEngine("firefox");
  try {
    const page = await openPage(browser, url, script);
    return await page.evaluate(async () => {
      const { chunkHasher } = await import("/js/chunk-hasher.js");
      const [simd, scalar] = await Promise.all(["", "_scalar"].map(async (build) => {
        const module = await import("/pkg/hash/sealift_hash.js?build=" + build);
        await module.default({ module_or_path: "/pkg/hash/sealift_hash" + build + "_bg.wasm" });
        return module;
      }));
      return globalThis.bench.contest({ simd, scalar, chunkHasher });
    });
  } finally {
    await browser.close();
  }
}

/** One file by one contender, in a browser of its own. It does not tell its memory, nor its long tasks. */
export async function hashInFirefox(url, scripts, name, file) {
  const browser = await launchEngine("firefox");
  try {
    const page = await openPage(browser, url, scripts.page);
    await page.evaluate(([contender, peers]) => {
      document.body.innerHTML = "<input type=file>";
      return globalThis.bench.prepare(contender, peers);
    }, [name, scripts.peers]);
    await page.setInputFiles("input", [file]);
    await sleep(400);
    const { time, digest } = await page.evaluate(() => globalThis.bench.run());
    return { time, digest };
  } finally {
    await browser.close();
  }
}

async function openPage(browser, url, script) {
  const page = await (await browser.newContext()).newPage();
  page.patience = PATIENCE;
  await page.goto(url);
  await page.evaluate((source) => void (0, eval)(`${source};globalThis.bench = bench;`), script);
  return page;
}

/** What it calls itself. */
export async function nameOfFirefox() {
  const browser = await launchEngine("firefox");
  await browser.close();
  return browser.version();
}
