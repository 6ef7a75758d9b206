// One contender uploads once, in a browser of its own, and is measured.
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { launch } from "./cdp.mjs";

/** What a page does after it was loaded is over by then (ms). */
const SETTLING = 400;

/**
 * @param {ReturnType<import("./place.mjs").createPlace>} place
 * @param {{ script: string, setup: object, files: string[], bytes: number, patience: number }} job
 * @returns {Promise<{ time: number, longTasks: number[], cpu: number, memory?: number, signing: number, calls: object }>}
 *   time in ms, cpu in seconds of all of the browser's processes, memory: peak bytes of the renderer above idle
 */
export async function runOne(place, { script, setup, files, bytes, patience }) {
  const browser = await launch(place.browser, { args: place.browserArgs, through: place.through });
  try {
    const page = await browser.openPage(`${place.origin}/pages/${script}`);
    await page.evaluate(`bench.prepare(${JSON.stringify(setup)})`);
    await page.setFiles("input", files);
    await sleep(SETTLING);
    place.app.takeCalls();
    const before = await processes(browser);
    const memory = watchMemory([...before].filter(([, { type }]) => type === "renderer").map(([pid]) => pid));
    const { time, longTasks } = await withPatience(page.evaluate("bench.run()"), patience);
    const after = await processes(browser);
    const spent = (pid) => after.get(pid).cpu - (before.get(pid)?.cpu ?? 0);
    const cpu = [...after.keys()].reduce((sum, pid) => sum + spent(pid), 0);
    // There may be a second renderer, kept ready for the next page.
    const renderer = [...after.keys()].filter((pid) => after.get(pid).type === "renderer").sort((a, b) => spent(b) - spent(a))[0];
    const { signing, byPath } = place.app.takeCalls();
    await checkStored(place.bucket, files.length, bytes);
    return { time, longTasks, cpu, memory: memory(renderer), signing, calls: byPath };
  } finally {
    await browser.close();
    await empty(place.bucket);
  }
}

/** CPU seconds and type by process. */
export async function processes(browser) {
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  return new Map(processInfo.map(({ id, type, cpuTime }) => [id, { type, cpu: cpuTime }]));
}

/** Returns what tells a process's peak of resident memory since now, in bytes above that of now; undefined off Linux. */
export function watchMemory(pids) {
  const idle = new Map();
  for (const pid of pids) {
    try {
      // 5 resets the kernel's peak.
      writeFileSync(`/proc/${pid}/clear_refs`, "5");
      idle.set(pid, resident(pid, "VmRSS"));
    } catch {
      // Not Linux, or not permitted.
    }
  }
  return (pid) => (idle.has(pid) ? resident(pid, "VmHWM") - idle.get(pid) : undefined);
}

function resident(pid, field) {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"));
  return Number(kilobytes) * 1024;
}

function withPatience(promise, seconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${seconds} s`)), seconds * 1_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Nobody is measured who did not upload everything. */
async function checkStored(bucket, count, bytes) {
  const objects = await bucket.list();
  const stored = objects.reduce((sum, { size }) => sum + size, 0);
  if (objects.length !== count || stored !== bytes) {
    throw new Error(`${objects.length} objects of ${stored} bytes in all are stored: expected ${count} of ${bytes}`);
  }
}

async function empty(bucket) {
  const objects = await bucket.list();
  await Promise.all(objects.map(({ key }) => bucket.remove(key)));
}
