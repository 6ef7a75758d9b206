// One writer at a time in the folder of tools, among all clones and runs on this machine.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Does `work` while holding the lock `file`; a lock whose owner died is taken over. */
export async function withLock(file, work, { onWait = () => {} } = {}) {
  mkdirSync(path.dirname(file), { recursive: true });
  while (!take(file)) {
    const owner = ownerOf(file);
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    onWait(owner);
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  // A signal ends the process without `finally`: leave no lock behind.
  process.once("exit", () => {
    if (ownerOf(file) === process.pid) rmSync(file, { force: true });
  });
  return true;
}

function ownerOf(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
