// `npm start`: the demo page from a fresh clone, by the shortest way: no npm packages, no wasm-pack, no optimiser.
// Arguments after `--` go to the server; PORT sets where it listens.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { ROOT, TARGET } from "./lib/paths.mjs";
import { Sentence } from "./lib/run.mjs";
import { ensureRust, mustCargo } from "./lib/rust.mjs";
import { bold, elapsed, main, say, step, together } from "./lib/steps.mjs";
import { ensureWasmBindgen } from "./lib/tools.mjs";
import { bindModules, compileModules } from "./lib/wasm.mjs";

const FIRST_PORT = 8080;
const PORTS_TRIED = 20;

await main(async () => {
  const start = Date.now();
  await checkWantedPort();
  await step("Rust toolchain", ensureRust);
  await together(
    () => step("server", (note) => mustCargo(["build", "-p", "sealift-server"], { note })),
    async () => {
      await together(
        () => step("wasm modules: cargo", compileModules),
        () => step("wasm-bindgen", ensureWasmBindgen),
      );
      await step("wasm modules: glue", bindModules);
    },
  );
  say(`  ready after ${elapsed(start)}`);
  await serve(process.argv.slice(2));
});

/** Runs the server in the foreground until it or the person ends it. */
async function serve(args) {
  const listen = args.some((arg) => arg === "--listen" || arg.startsWith("--listen=") || arg.startsWith("--config"))
    ? []
    : ["--listen", `127.0.0.1:${await freePort()}`];
  const program = path.join(TARGET, "debug", process.platform === "win32" ? "sealift-server.exe" : "sealift-server");
  const server = spawn(program, ["serve", ...listen, ...args], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  if (listen.length > 0) say(`\n  ${bold(`http://${listen[1]}/`)}   (Ctrl-C ends it)\n`);
  // A terminal sends Ctrl-C to the server too; it finishes what is in flight, and we wait for it.
  process.removeAllListeners("SIGINT");
  process.removeAllListeners("SIGTERM");
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => server.kill("SIGTERM"));
  const code = await new Promise((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", (status, signal) => resolve(signal ? 0 : status));
  });
  process.exit(code);
}

/** A port that was asked for is looked at before minutes of building, not after. */
async function checkWantedPort() {
  const wanted = process.env.PORT;
  if (wanted === undefined) return;
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Sentence(`PORT is "${wanted}", which is no port (1 to 65535).`);
  if (!(await isFree(port))) throw new Sentence(`Port ${port} (PORT) is taken: stop what listens there or name another.`);
}

async function freePort() {
  if (process.env.PORT !== undefined) return process.env.PORT;
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Sentence(`Ports ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1} are all taken: name another with PORT=… npm start.`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
