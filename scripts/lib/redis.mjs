// A Redis for the tests of shared limits: one that is installed, else Debian's.
import { aptInstall } from "./apt.mjs";
import { which } from "./run.mjs";

const find = () => which("redis-server") ?? which("valkey-server");

/** Installs one where that is possible; without one those tests say that they are left out. */
export async function ensureRedis(note = () => {}) {
  if (find() || (await aptInstall(["redis-server"], note))) return;
  note("no redis-server or valkey-server: the tests of limits that replicas share are left out");
}
