// Digests: MB/s beside four peers and the platform's own, in Node, Chromium and Firefox, of bytes in memory and of a file on disk.
import { build } from "esbuild";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureBrowser } from "../scripts/lib/browser.mjs";
import { ensureEngine } from "../scripts/lib/browsers.mjs";
import { PKG, ROOT, STATE } from "../scripts/lib/paths.mjs";
import { green, red, say, step } from "../scripts/lib/steps.mjs";
import { serve } from "../tests/vectors-wasm/serve.mjs";
import { figures, keep } from "./hash/figures.mjs";
import { FILE_CONTESTS } from "./hash/file.mjs";
import { hashInFirefox, inFirefox, nameOfFirefox } from "./hash/firefox.mjs";
import { judgeFiles, judgeRates, judgeSize } from "./hash/goals.mjs";
import { parseOptions } from "./hash/options.mjs";
import { brotli, bundled } from "./size/bundles.mjs";
import { ensurePeers, peerVersions } from "./upload/bundles.mjs";
import { launch } from "./upload/cdp.mjs";
import { describe } from "./upload/machine.mjs";
import { processes, watchMemory } from "./upload/run-one.mjs";

const LIST = path.join(ROOT, "benches/hash/peers");
const BLOCK = 1024 * 1024;

export async function bench({ parts, rounds, size, write } = parseOptions([])) {
  let peers;
  await step("the peers' packages", async (note) => (peers = await ensurePeers(note, LIST)));
  const { browser } = await ensureBrowser();
  const machine = await describe({ browser, peers: peerVersions(LIST) });
  const firefox = (await ensureEngine("firefox")) ? undefined : await nameOfFirefox();
  const sections = {};
  const measure = async (part, make) => {
    if (parts.includes(part) && (firefox || !part.startsWith("firefox"))) sections[part] = await make();
  };
  await measure("node", async () => section(`Node ${machine.node}, MB/s`, await inNode(peers), judgeRates));
  await measure("chromium", async () => section(`${machine.browser}, MB/s`, await inChromium(browser, peers), judgeRates));
  await measure("firefox", async () => section(`${firefox}, MB/s`, await withPage(peers, inFirefox), judgeRates));
  const ofFiles = async (name, hash) => fileSection(name, size, rounds, await ofFile(hash, peers, size * BLOCK, rounds));
  await measure("file", () => ofFiles(machine.browser, (...given) => hashInChromium(browser, ...given)));
  await measure("firefox-file", () => ofFiles(firefox, hashInFirefox));
  sections.size = { title: "What it weighs", rows: [], goals: judgeSize(await sizeOfModule()) };
  const when = `${machine.date}, commit ${machine.commit}, load before ${machine.load}`;
  for (const one of Object.values(sections)) one.when = when;
  const results = { machine: machine.machine, beside: machine.peers, sections };
  for (const line of figures(results).split("\n")) say(line);
  if (!firefox) say("Firefox was left out: there is none here.");
  const goals = Object.values(sections).flatMap((one) => one.goals);
  const met = goals.filter((goal) => goal.met).length;
  say(met === goals.length ? green(`all ${met} goals met`) : red(`${met} of ${goals.length} goals met`));
  if (write) keep(results);
}

/** The hash module after brotli, with SIMD, and its glue. */
async function sizeOfModule() {
  const folder = path.join(PKG, "hash");
  return {
    wasm: brotli(readFileSync(path.join(folder, "sealift_hash_bg.wasm"))),
    glue: brotli(await bundled('export { default, Digests, Sha256Chunks } from "./sealift_hash.js";', { folder })),
  };
}

/** Something done with the page's server and the contest's script. */
async function withPage(peers, work) {
  const [server, script] = await Promise.all([serve(["js", "pkg"]), bundle("contest.mjs", peers, { format: "iife", globalName: "bench" })]);
  try {
    return await work(server.url, script);
  } finally {
    await server.close();
  }
}

/** Rates of contests, with ratios to hash-wasm's. */
function section(title, rates, judge) {
  const rows = Object.entries(rates).flatMap(([contest, contenders]) =>
    Object.entries(contenders).map(([name, rate], index) => {
      const base = contenders["hash-wasm"] ?? contenders["SHA-256 alone"];
      return [index === 0 ? contest : "", name, String(Math.round(rate)), (rate / base).toFixed(2)];
    }),
  );
  return { title, head: ["", "", "MB/s", "× hash-wasm"], rows, goals: judge(rates) };
}

function fileSection(browser, size, rounds, contests) {
  const rows = Object.entries(contests).flatMap(([contest, contenders]) =>
    Object.entries(contenders).map(([name, { time, memory, longest }], index) => [
      index === 0 ? contest : "", name, String(Math.round((size * BLOCK) / 1_000 / time)), memory === undefined ? "–" : String(Math.round(memory / BLOCK)), longest === undefined ? "–" : longest ? `${Math.round(longest)} ms` : "none",
    ]),
  );
  const title = `A file of ${size} MiB from disk, ${browser}, ${rounds} ${rounds === 1 ? "round" : "rounds"}`;
  return { title, head: ["", "", "MB/s", "renderer above idle, MiB", "longest task"], rows, goals: judgeFiles(contests) };
}

/** @param {string} entry of this folder, or a text */
async function bundle(entry, peers, options) {
  const input = entry.endsWith(".mjs") ? { entryPoints: [path.join(ROOT, "benches/hash", entry)] } : { stdin: { contents: entry, resolveDir: ROOT } };
  const { outputFiles } = await build({
    ...input, nodePaths: [path.join(peers, "node_modules")], bundle: true, minify: true, write: false, target: "es2022", platform: "browser", logLevel: "error", ...options,
  });
  return outputFiles[0].text;
}

async function inNode(peers) {
  mkdirSync(STATE, { recursive: true });
  const file = path.join(STATE, "bench-hash.mjs");
  writeFileSync(file, await bundle("contest.mjs", peers, { format: "esm" }));
  const { contest } = await import(pathToFileURL(file));
  const { chunkHasher } = await import("../js/chunk-hasher.js");
  const [simd, scalar] = await Promise.all(["", "_scalar"].map(async (build) => {
    const module = await import(`../pkg/hash/sealift_hash.js?build=${build}`);
    await module.default({ module_or_path: readFileSync(path.join(PKG, "hash", `sealift_hash${build}_bg.wasm`)) });
    return module;
  }));
  return contest({ simd, scalar, chunkHasher });
}

function inChromium(program, peers) {
  return withPage(peers, async (url, script) => {
    const browser = await launch(program);
    try {
      const page = await browser.openPage(url);
      await page.evaluate(`${script};globalThis.bench = bench; 0`);
      return await page.evaluate(`(async () => {
        const { chunkHasher } = await import("/js/chunk-hasher.js");
        const [simd, scalar] = await Promise.all(["", "_scalar"].map(async (build) => {
          const module = await import("/pkg/hash/sealift_hash.js?build=" + build);
          await module.default({ module_or_path: "/pkg/hash/sealift_hash" + build + "_bg.wasm" });
          return module;
        }));
        return bench.contest({ simd, scalar, chunkHasher });
      })()`);
    } finally {
      await browser.close();
    }
  });
}

/** Each contender in a browser of its own, in turns. */
async function ofFile(hash, peers, size, rounds) {
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-bench-hash-"));
  const server = await serve(["js", "pkg"]);
  try {
    const file = path.join(folder, "file.bin");
    writeFile(file, size);
    const scripts = {
      page: await bundle("file.mjs", peers, { format: "iife", globalName: "bench" }),
      peers: await bundle('export { createSHA256 } from "hash-wasm";', peers, { format: "iife", globalName: "hashwasm" }),
    };
    const runs = Object.fromEntries(Object.values(FILE_CONTESTS).flat().map((name) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const name of Object.keys(runs)) runs[name].push(await hash(server.url, scripts, name, file));
    }
    return Object.fromEntries(Object.entries(FILE_CONTESTS).map(([contest, names]) => {
      if (new Set(names.flatMap((name) => runs[name].map(({ digest }) => digest))).size !== 1) throw new Error(`${contest}: the contenders do not agree`);
      return [contest, Object.fromEntries(names.map((name) => [name, medians(runs[name])]))];
    }));
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function hashInChromium(program, url, scripts, name, file) {
  const browser = await launch(program);
  try {
    const page = await browser.openPage(url);
    await page.evaluate(`${scripts.page};globalThis.bench = bench; document.body.innerHTML = "<input type=file>"; 0`);
    await page.evaluate(`bench.prepare(${JSON.stringify(name)}, ${JSON.stringify(scripts.peers)})`);
    await page.setFiles("input", [file]);
    await sleep(400);
    const before = await processes(browser);
    const memory = watchMemory([...before].filter(([, { type }]) => type === "renderer").map(([pid]) => pid));
    const figures = await page.evaluate("bench.run()");
    const after = await processes(browser);
    const spent = (pid) => after.get(pid).cpu - (before.get(pid)?.cpu ?? 0);
    const [renderer] = [...after.keys()].filter((pid) => after.get(pid).type === "renderer").sort((a, b) => spent(b) - spent(a));
    return { ...figures, memory: memory(renderer) };
  } finally {
    await browser.close();
  }
}

function medians(runs) {
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const [{ memory, longest }] = runs;
  return {
    time: median(runs.map(({ time }) => time)),
    longest: longest === undefined ? undefined : Math.max(...runs.map((run) => run.longest)),
    memory: memory === undefined ? undefined : median(runs.map((run) => run.memory)),
  };
}

/** Blocks that differ, on disk and in the system's cache. */
function writeFile(file, size) {
  const block = Buffer.alloc(BLOCK);
  for (let index = 0; index < BLOCK; index += 1) block[index] = (index * 31 + (index >> 9)) & 255;
  const descriptor = openSync(file, "w");
  for (let start = 0; start < size; start += BLOCK) {
    block.writeUInt32LE(start / BLOCK);
    writeSync(descriptor, block);
  }
  closeSync(descriptor);
}
