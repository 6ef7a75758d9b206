// Uploads from a page, beside other uploaders and beside what is possible: see docs/benchmarks.md.
import { randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureBrowser } from "../scripts/lib/browser.mjs";
import { ensureMinio } from "../scripts/lib/minio.mjs";
import { STATE } from "../scripts/lib/paths.mjs";
import { mustCargo } from "../scripts/lib/rust.mjs";
import { say, step } from "../scripts/lib/steps.mjs";
import { bundle, ensurePeers } from "./upload/bundles.mjs";
import { createPlace } from "./upload/place.mjs";
import { runOne } from "./upload/run-one.mjs";
import { CONTENDERS, PART_SIZE, SCENARIOS } from "./upload/scenarios.mjs";
import { describe } from "./upload/machine.mjs";
import { printScenario, printGoals } from "./upload/table.mjs";
import { summarise } from "./upload/summary.mjs";
import { writeDocs } from "./upload/docs.mjs";

/** @param {ReturnType<import("./upload/options.mjs").parseOptions>} options */
export async function bench(options) {
  const { browser } = await ensureBrowser();
  const minio = await step("MinIO", ensureMinio);
  await step("servers", (note) => mustCargo(["build", "--release", "-p", "sealift-server", "-p", "sealift-dev-s3"], { note }));
  const peers = await step("peers", ensurePeers);
  const scripts = await bundle([...new Set(Object.values(CONTENDERS).map(({ script }) => script))], peers);
  const place = await createPlace({ browser, minio, scripts });
  const results = { ...(await describe(place)), scenarios: {} };
  try {
    for (const id of options.scenarios) {
      const scenario = options.adapt(SCENARIOS[id]);
      results.scenarios[id] = summarise(scenario, await measure(place, scenario));
      results.scenarios[id].how = place.how;
      printScenario(results.scenarios[id]);
    }
  } finally {
    await place.stop();
  }
  printGoals(results);
  mkdirSync(STATE, { recursive: true });
  writeFileSync(path.join(STATE, "bench-upload.json"), JSON.stringify(results, null, 1));
  if (options.write) writeDocs(results);
}

/** Rounds in which each contender has its turn, each time another one first. Returns the runs of each. */
async function measure(place, scenario) {
  const runs = Object.fromEntries(scenario.contenders.map((id) => [id, []]));
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-bench-files-"));
  const disconnect = await place.connect(scenario);
  try {
    const files = makeFiles(folder, scenario);
    for (let round = 0; round < scenario.rounds; round += 1) {
      for (let turn = 0; turn < scenario.contenders.length; turn += 1) {
        const id = scenario.contenders[(turn + round) % scenario.contenders.length];
        if (round > 0 && scenario.once?.includes(id)) continue;
        const { script, integrity } = CONTENDERS[id];
        const setup = { ...place.setup, partSize: PART_SIZE, integrity };
        const job = { script, files, bytes: scenario.size * scenario.files, patience: scenario.patience };
        const title = `${scenario.title}, round ${round + 1}: ${CONTENDERS[id].title}`;
        runs[id].push(
          await step(title, () => runOne(place, { ...job, setup })).catch((error) => {
            say(`    ${error.message}`);
            return { failure: error.message };
          }),
        );
      }
    }
  } finally {
    await disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
  return runs;
}

/** Random bytes, for some servers compress; written now, so they lie in the system's cache for everybody. */
function makeFiles(folder, { size, files }) {
  const block = Buffer.alloc(Math.min(size, 8 * 1024 * 1024));
  return Array.from({ length: files }, (_, index) => {
    const file = path.join(folder, `file-${index + 1}.bin`);
    const descriptor = openSync(file, "w");
    for (let written = 0; written < size; ) {
      randomFillSync(block);
      written += writeSync(descriptor, block, 0, Math.min(block.length, size - written));
    }
    closeSync(descriptor);
    return file;
  });
}
