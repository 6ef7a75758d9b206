// What a tab holds in memory: JavaScript's, its workers', and WebAssembly's, which browsers do not count among them.

/** Chromium answers at once instead of when it next collects garbage. */
export const MEASURABLE = ["--enable-blink-features=ForceEagerMeasureMemory"];

const WATCH = `
globalThis.wasmMemories = [];
const note = (exported) => globalThis.wasmMemories.push(...Object.values(exported).filter((one) => one instanceof WebAssembly.Memory));
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await original.apply(WebAssembly, given);
    note((made.instance ?? made).exports);
    return made;
  };
}
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    note(this.exports);
  }
};
`;

/** Makes pages of the app measurable; before they are opened. `workers`: the scripts of theirs that use wasm. */
export function watchMemory(app, page, workers) {
  app.isIsolated = true;
  for (const path of workers) app.preludes[path] = WATCH;
  return page.addInitScript(WATCH);
}

/** Bytes that a tab holds: `{ script, wasm, memories }`, `memories` being how many of WebAssembly were found. */
export async function measureMemory(page) {
  const script = await page.evaluate(async () => (await performance.measureUserAgentSpecificMemory()).bytes);
  const sizes = () => globalThis.wasmMemories?.map((memory) => memory.buffer.byteLength) ?? [];
  const found = await Promise.all([page, ...page.workers()].map((one) => one.evaluate(sizes).catch(() => [])));
  const memories = found.flat();
  return { script, wasm: memories.reduce((sum, size) => sum + size, 0), memories: memories.length };
}
