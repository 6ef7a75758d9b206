// Runs the suite of real S3 servers for one of them, in a place that leaves nothing behind.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";
import { nodeTotals } from "./totals.mjs";

const FILES = ["tests/s3-servers/suite.test.mjs", "tests/s3-servers/doctor.test.mjs"];

/**
 * @param {string} name of the server, or its address
 * @param {{ note?: (text: string) => void, isRecorded?: boolean }} [options] isRecorded: what is found is written down, not
 *   compared with what is written
 */
export async function runServer(name, { note, isRecorded = false } = {}) {
  // All that the run leaves in temporary folders goes with this one, also when it is ended in the middle.
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-test-s3-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.once("exit", remove);
  try {
    const { code, output } = await run(process.execPath, ["--test", "--test-reporter=spec", "--test-concurrency=1", ...FILES], {
      cwd: ROOT,
      onLine: note,
      group: true,
      env: { TMPDIR: folder, SEALIFT_S3_SERVER: name, SEALIFT_S3_RECORD: isRecorded ? "1" : undefined },
    });
    return { code, output, ...nodeTotals(output) };
  } finally {
    process.off("exit", remove);
    remove();
  }
}
