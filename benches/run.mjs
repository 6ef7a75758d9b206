// `npm run bench [-- sign|size|hash|chunks|upload|server [options]]`: the benches; when none is named, those that take seconds.
import { Sentence } from "../scripts/lib/run.mjs";
import { ensureNpm } from "../scripts/lib/npm.mjs";
import { ensureRust } from "../scripts/lib/rust.mjs";
import { main, say, step, together } from "../scripts/lib/steps.mjs";
import { ensureWasmPack } from "../scripts/lib/tools.mjs";
import { buildModules } from "../scripts/lib/wasm.mjs";
import * as hash from "./hash/options.mjs";
import { parseOptions, USAGE } from "./upload/options.mjs";

const QUICK = ["size", "sign"];
const BENCHES = [...QUICK, "hash", "chunks", "upload", "server"];

await main(async () => {
  const { wanted, options } = parse(process.argv.slice(2));
  if (options?.help) return say(wanted.includes("upload") ? USAGE : hash.USAGE);
  await step("Rust toolchain", ensureRust);
  await together(
    () => step("npm packages", ensureNpm),
    () => step("wasm-bindgen and wasm-pack", ensureWasmPack),
  );
  await step("wasm modules: wasm-pack and wasm-opt", buildModules);
  for (const name of wanted) {
    const { bench } = await import(`./${name}.mjs`);
    await bench(options);
  }
});

/** What is wrong is said before anything is built. Only `upload`, `hash` and `size` have options. */
function parse(args) {
  const named = args.findIndex((arg) => arg.startsWith("-"));
  const [wanted, rest] = named < 0 ? [args, []] : [args.slice(0, named), args.slice(named)];
  const unknown = wanted.filter((name) => !BENCHES.includes(name));
  if (unknown.length > 0) throw new Sentence(`No bench is called ${unknown.join(", ")}: there are ${BENCHES.join(", ")}.`);
  if (wanted.includes("upload")) return { wanted, options: parseOptions(rest) };
  if (wanted.includes("hash")) return { wanted, options: hash.parseOptions(rest) };
  if (wanted.includes("size") && rest.every((option) => option === "--write")) return { wanted, options: { write: rest.length > 0 } };
  if (rest.length > 0) throw new Sentence(`\`${rest[0]}\` is not understood: only the benches \`upload\`, \`hash\` and \`size\` (--write) have options.`);
  return { wanted: wanted.length > 0 ? wanted : QUICK };
}
