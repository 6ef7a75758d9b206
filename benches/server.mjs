// The server under load: intents signed per second, and how long a single one takes meanwhile.
import path from "node:path";
import { ROOT } from "../scripts/lib/paths.mjs";
import { must } from "../scripts/lib/run.mjs";
import { mustCargo } from "../scripts/lib/rust.mjs";

const GOALS = { rate: 20_000, p99: 10 };

export async function bench() {
  await mustCargo(["build", "--release", "-p", "sealift-server", "--bin", "sealift-server", "--example", "load"]);
  const release = path.join(ROOT, "target", "release");
  const lines = [];
  await must(path.join(release, "examples", "load"), [path.join(release, "sealift-server")], { onLine: (line) => lines.push(line) });
  const text = lines.join("\n");
  console.log(`\nsealift-server under load, both on this machine\n${text.replace(/^/gm, "  ")}`);
  const rate = Number(/^(\d+) intents/m.exec(text)?.[1]);
  const p99 = Number(/p99 ([\d.]+) ms/.exec(text)?.[1]);
  console.log(`  goals: ${GOALS.rate} per second ${rate >= GOALS.rate ? "met" : "NOT MET"}, p99 ${GOALS.p99} ms ${p99 <= GOALS.p99 ? "met" : "NOT MET"}`);
}
