// `npm run test:s3 -- SERVER…`: the page against real S3 servers, each installed, started, used and removed. Writes what
// was found into docs/servers.md; with `--check` it must be what stands there. Exit status: 1 when Sealift failed or
// something else was found, 2 when a server could not be had.
import { existsSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { Sentence } from "./lib/run.mjs";
import { ensureBrowser } from "./lib/browser.mjs";
import { ensureNpm } from "./lib/npm.mjs";
import { ensureRust, mustCargo } from "./lib/rust.mjs";
import { runServer } from "./lib/s3-servers.mjs";
import { bold, main, say, step, together } from "./lib/steps.mjs";
import { ensureWasmPack } from "./lib/tools.mjs";
import { buildModules } from "./lib/wasm.mjs";
import { serverOf, SERVERS } from "../tests/s3-servers/servers/index.mjs";

/** Whether something was found there before. */
const isKnown = (id) => existsSync(path.join(ROOT, "tests/s3-servers/results", `${id}.json`));

await main(async () => {
  const names = process.argv.slice(2).filter((word) => word !== "--check");
  const isRecorded = names.length === process.argv.length - 2;
  if (names.length === 0) throw new Sentence(`Name a server: npm run test:s3 -- ${SERVERS.map(({ id }) => id).join(" | ")} | https://… (docs/servers.md)`);
  const servers = names.map(serverOf);
  const unknown = servers.filter(({ id }) => !isRecorded && !isKnown(id)).map(({ title }) => title);
  if (unknown.length > 0) throw new Sentence(`Nothing is written of ${unknown.join(", ")} that could be checked: leave out --check to write it.`);
  const missing = servers.map((server) => server.missing()).filter(Boolean);
  if (missing.length > 0) {
    console.error(missing.map((sentence) => `error: ${sentence}.`).join("\n"));
    process.exit(2);
  }
  await step("npm packages", ensureNpm);
  await step("Rust toolchain", ensureRust);
  await together(
    async () => {
      await step("server", (note) => mustCargo(["build", "-p", "sealift-server", "-p", "sealift-dev-s3"], { note }));
      await step("wasm-bindgen and wasm-pack", ensureWasmPack);
      await step("wasm modules: wasm-pack and wasm-opt", buildModules);
    },
    () => step("browser", async (note) => (process.env.CHROME = (await ensureBrowser(note)).browser)),
    ...servers.map((server) => () => step(`install ${server.id}`, server.install).catch((error) => {
      console.error(`error: ${error instanceof Sentence ? error.message : error.stack}`);
      process.exit(2);
    })),
  );
  let failed = 0;
  for (const [index, server] of servers.entries()) {
    const { code, output, passed, failed: failures } = await step(`${server.title}`, (note) => runServer(names[index], { note, isRecorded }));
    say(output.trimEnd());
    say(bold(`${server.title}: ${passed} passed, ${failures} failed`));
    if (code !== 0) failed += 1;
  }
  if (isRecorded) {
    // It knows the cases, which use npm's packages.
    const { writePage } = await import("../tests/s3-servers/results.mjs");
    writePage();
  }
  process.exit(failed > 0 ? 1 : 0);
});
