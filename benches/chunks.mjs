// Chunk-signed upload bodies, prepared from a file in Chromium: MB/s beside loops by hand on hash-wasm and on WebCrypto.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { randomFillSync } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { ensureBrowser } from "../scripts/lib/browser.mjs";
import { ROOT } from "../scripts/lib/paths.mjs";
import { say, step } from "../scripts/lib/steps.mjs";
import { serve } from "../tests/vectors-wasm/serve.mjs";
import { CONTENDERS } from "./chunks/page.mjs";
import { ensurePeers, peerVersions } from "./upload/bundles.mjs";
import { launch } from "./upload/cdp.mjs";

const LIST = path.join(ROOT, "benches/hash/peers");
const MIB = 1024 * 1024;
const SIZE = 256 * MIB;
/** Each contender has its turn in each, in a browser of its own. */
const ROUNDS = 7;

export async function bench() {
  let peers;
  await step("the peers' packages", async (note) => (peers = await ensurePeers(note, LIST)));
  const { browser, version } = await ensureBrowser();
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-bench-chunks-"));
  const server = await serve(["js", "pkg"]);
  const runs = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
  try {
    const file = path.join(folder, "file.bin");
    writeFile(file);
    const scripts = {
      page: await bundle({ entryPoints: [path.join(ROOT, "benches/chunks/page.mjs")] }, peers, "bench"),
      peers: await bundle({ stdin: { contents: 'export { createSHA256 } from "hash-wasm";', resolveDir: ROOT } }, peers, "hashwasm"),
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let turn = 0; turn < CONTENDERS.length; turn += 1) {
        const name = CONTENDERS[(round + turn) % CONTENDERS.length];
        runs[name].push(await prepareOnce(browser, server.url, scripts, name, file));
      }
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const bodies = new Set(Object.values(runs).flat().map(({ size, end }) => `${size} ${end}`));
  if (bodies.size !== 1) throw new Error(`the contenders do not agree: ${[...bodies].join(" | ")}`);
  print(version, runs);
}

async function prepareOnce(program, url, scripts, name, file) {
  const browser = await launch(program);
  try {
    const page = await browser.openPage(url);
    await page.evaluate(`${scripts.page};globalThis.bench = bench; document.body.innerHTML = "<input type=file>"; 0`);
    await page.evaluate(`bench.prepare(${JSON.stringify(name)}, ${JSON.stringify(scripts.peers)})`);
    await page.setFiles("input", [file]);
    return await page.evaluate("bench.run()");
  } finally {
    await browser.close();
  }
}

function print(version, runs) {
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const rate = Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, SIZE / 1_000 / median(all.map(({ time }) => time))]));
  say(`\nChunk-signed bodies of a file of 256 MiB, ${version ? `Chromium ${version}` : "Chromium"}: hashes of chunks of 896 KiB, signatures, Blob`);
  say(`(medians of ${ROUNDS} interleaved rounds; beside hash-wasm ${peerVersions(LIST)["hash-wasm"]})`);
  for (const [name, all] of Object.entries(runs)) {
    const longest = Math.max(...all.map((run) => run.longest));
    const beside = name === "sealift" ? "" : `   sealift is ${(rate.sealift / rate[name]).toFixed(2)}×`;
    say(`  ${name.padEnd(10)} ${String(Math.round(rate[name])).padStart(6)} MB/s   longest task ${longest ? `${Math.round(longest)} ms` : "none"}${beside}`);
  }
}

async function bundle(input, peers, globalName) {
  const { outputFiles } = await build({
    ...input, nodePaths: [path.join(peers, "node_modules")], bundle: true, minify: true, write: false, target: "es2022", platform: "browser", logLevel: "error", format: "iife", globalName,
  });
  return outputFiles[0].text;
}

/** In the system's cache afterwards. */
function writeFile(file) {
  const block = Buffer.alloc(MIB);
  const descriptor = openSync(file, "w");
  for (let start = 0; start < SIZE; start += MIB) writeSync(descriptor, randomFillSync(block));
  closeSync(descriptor);
}
