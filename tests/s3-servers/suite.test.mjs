// Sealift against one real S3 server, the one that SEALIFT_S3_SERVER names: the page in Chromium, cross-origin, through
// sealift-server. With SEALIFT_S3_RECORD what was found is written down, else it must be what is written.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GROUPS } from "./cases/index.mjs";
import { PROBES } from "./probes.mjs";
import { readResult, writeResult } from "./results.mjs";
import { serverOf } from "./servers/index.mjs";
import { World } from "./world.mjs";

const server = serverOf(process.env.SEALIFT_S3_SERVER ?? "dev-s3");
const isRecorded = process.env.SEALIFT_S3_RECORD === "1";
const known = isRecorded ? undefined : readResult(server.id);

const PROBES_AND_CASES = Object.keys(PROBES).length + GROUPS.reduce((sum, { cases }) => sum + cases.length, 0);

let world;
const cells = {};
before(async () => (world = await World.open(server)));
after(async () => {
  await world?.close();
  // Only whole: a case that failed leaves what was written before.
  if (isRecorded && Object.keys(cells).length === PROBES_AND_CASES) writeResult({ id: server.id, title: server.title, cors: server.cors, cells });
});

/** Notes what was found, and compares it with what is written. */
function found(t, id, cell) {
  cells[id] = cell;
  if (!cell.works) t.diagnostic(`${cell.tried === false ? "not tried" : "no"}: ${cell.note}`);
  if (known) assert.deepEqual(cell, known.cells[id], "docs/servers.md says something else: look why, or run npm run test:s3 to write it anew");
}

test(`${server.title}: what the server can do`, (t) => {
  for (const id of Object.keys(PROBES)) {
    const against = world.lacks.get(id);
    found(t, id, against ? { works: false, note: against } : { works: true });
  }
});

for (const { cases } of GROUPS) {
  for (const { id, title, run } of cases) {
    test(`${server.title}: ${title}`, { timeout: 180_000 }, async (t) => {
      const { works, tried, note } = await run(world);
      found(t, id, { works, ...(tried === false && { tried }), ...(note && { note }) });
    });
  }
}
