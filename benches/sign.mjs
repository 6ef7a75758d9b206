// Requests signed per second through the package, beside aws4fetch and @smithy/signature-v4, in Node and Chromium.
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, ensureBrowser } from "../scripts/lib/browser.mjs";
import { ROOT } from "../scripts/lib/paths.mjs";
import { serve } from "../tests/vectors-wasm/serve.mjs";

const GOALS = { aws4fetch: 3, smithy: 1.2 };

export async function bench() {
  print(`Node ${process.versions.node}`, await inNode());
  const { version, results } = await inChromium();
  print(`Chromium ${version}`, results);
}

async function inNode() {
  const [signing, { contest }] = await Promise.all([import("../js/signing.js"), import("./sign/contest.mjs")]);
  return contest(signing);
}

async function inChromium() {
  const { browser: executablePath } = await ensureBrowser();
  const server = await serve(["js", "pkg"]);
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    // The peers' packages are written for bundlers.
    await page.addScriptTag({ content: await bundle("benches/sign/contest.mjs") });
    const results = await page.evaluate(async () => globalThis.bench.contest(await import("/js/signing.js")));
    return { version: browser.version(), results };
  } finally {
    await browser.close();
    await server.close();
  }
}

async function bundle(entry) {
  const options = { bundle: true, minify: true, write: false, format: "iife", globalName: "bench", target: "es2022" };
  const result = await build({ ...options, entryPoints: [entry], absWorkingDir: ROOT, platform: "browser", logLevel: "error" });
  return result.outputFiles[0].text;
}

function print(where, results) {
  console.log(`\nSignatures per second, ${where} (medians of interleaved rounds)`);
  for (const [workload, { sealift, ...peers }] of Object.entries(results)) {
    console.log(`  ${workload.padEnd(12)} ${"sealift".padEnd(10)} ${String(Math.round(sealift)).padStart(8)}`);
    for (const [peer, rate] of Object.entries(peers)) {
      const ratio = sealift / rate;
      const verdict = ratio >= GOALS[peer] ? "met" : "NOT MET";
      const line = `${peer.padEnd(10)} ${String(Math.round(rate)).padStart(8)}   sealift is ${ratio.toFixed(2)}× (goal ${GOALS[peer]}×: ${verdict})`;
      console.log(`  ${"".padEnd(12)} ${line}`);
    }
  }
}
