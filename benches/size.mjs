// What pages load to upload, sign or hash, and how soon they can: Sealift beside others. Brotli 11, JavaScript bundled and
// minified by esbuild.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { ensureBrowser } from "../scripts/lib/browser.mjs";
import { ROOT } from "../scripts/lib/paths.mjs";
import { say, step } from "../scripts/lib/steps.mjs";
import { USES, brotli, bundled, fileSizes, sumOf } from "./size/bundles.mjs";
import { OWN, PEERS, peerBundle, servedFiles } from "./size/contenders.mjs";
import { report } from "./size/docs.mjs";
import { startOnce } from "./size/start.mjs";
import { ensurePeers, peerVersions } from "./upload/bundles.mjs";
import { describe } from "./upload/machine.mjs";

/** What uploading may weigh in all, and how soon the first intent can be made. */
export const GOALS = { bytes: 45_000, milliseconds: 50 };

const LIST = path.join(ROOT, "benches/size/peers");
const FILE = path.join(ROOT, "docs/size.md");
/** Each contender has its turn in each, in a browser of its own. */
const ROUNDS = 9;

/** @param {{ write?: boolean }} [options] */
export async function bench({ write = false } = {}) {
  let peers;
  await step("the peers' packages", async (note) => (peers = await ensurePeers(note, LIST)));
  const { browser } = await ensureBrowser();
  const sizes = await fileSizes();
  const scripts = await pages(path.join(peers, "node_modules"));
  const starts = Object.fromEntries(Object.keys(scripts).map((name) => [name, []]));
  await step("start-up, each in browsers of its own", async (note) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      note(`round ${round + 1} of ${ROUNDS}`);
      for (const [name, files] of Object.entries(scripts)) starts[name].push(await startOnce(browser, files));
    }
  });
  const versions = peerVersions(LIST);
  const contenders = Object.entries(starts).map(([name, times]) => ({
    name: OWN[name] ? name : `${name} ${versions[PEERS[name].packages[0]]}`,
    does: PEERS[name]?.does ?? "",
    bytes: OWN[name] ? sumOf(sizes, OWN[name].use) : brotli(scripts[name].get("/js/main.js")),
    milliseconds: median(times),
  }));
  const place = await describe({ browser, peers: versions });
  const text = report({ place, sizes, uses: USES, contenders, goals: GOALS, rounds: ROUNDS });
  say(text);
  if (write) writeFileSync(FILE, text);
}

/** The files of each contender's page, by path. @param {string} nodePath */
async function pages(nodePath) {
  const served = await servedFiles();
  const made = {};
  for (const [name, { code }] of Object.entries(OWN)) made[name] = new Map([...served, ["/js/main.js", await bundled(code)]]);
  for (const name of Object.keys(PEERS)) made[name] = new Map([["/js/main.js", await peerBundle(name, [nodePath])]]);
  return made;
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
