// Takes the words of Rust's panics out of a wasm module.
//
// On wasm32-unknown-unknown there is nowhere to print them: std writes the message of a panic, with all of `core::fmt`,
// to an output that drops it, and then traps. Here what begins a panic traps at once, and what only formats for it
// goes. A page sees the same `RuntimeError: unreachable` as before.

/** Where panics begin; none of these returns. Names that wasm-bindgen did not write out are as rustc mangles them. */
const PANICS = /^(core::panicking::|std::panicking::|<std::panicking::|core::slice::index::slice_index_fail)|^_R.*(_4core|_3std)9panicking|^_R.*16slice_index_fail/;

/** What formats: taken out too, once nothing else than panics is found to use it. */
const FORMATTING = / as core::fmt::\w+>::|^<?core::fmt::|^alloc::fmt::format|^_R.*(_4core|_5alloc|B[0-9a-zA-Z]*_)3fmt\d/;

/**
 * @param {Uint8Array} bytes a module with the names of its functions
 * @returns {Promise<Uint8Array>}
 * @throws {Error} where something formats that is no panic: then it would trap
 */
export async function silencePanics(bytes) {
  const { default: binaryen } = await import("binaryen");
  const wasm = binaryen.readBinary(bytes);
  try {
    const functions = definedFunctions(binaryen, wasm);
    const trap = (chosen) => chosen.forEach(({ ref }) => binaryen.Function.setBody(ref, wasm.unreachable()));
    const panics = functions.filter(({ path }) => PANICS.test(path));
    const formatting = functions.filter(({ path }) => FORMATTING.test(path));
    if (panics.length === 0 || formatting.length === 0) throw new Error("no panics found: does the module have names?");
    trap(panics);
    const users = callersOf(wasm, functions, formatting);
    if (users.length > 0) throw new Error(`a module whose panics are silent must not format: ${users.join(", ")}`);
    trap(formatting);
    return wasm.emitBinary();
  } finally {
    wasm.dispose();
  }
}

/** `path`: as in Rust, without the hashes of crates. */
function definedFunctions(binaryen, wasm) {
  const all = Array.from({ length: wasm.getNumFunctions() }, (_, index) => wasm.getFunctionByIndex(index));
  return all
    .map((ref) => ({ ref, ...binaryen.getFunctionInfo(ref) }))
    .filter(({ module }) => !module)
    .map(({ ref, name }) => ({ ref, name, path: name.replace(/\[[0-9a-f]{16}\]/g, "") }));
}

/** The paths of functions outside of `callees` that call one of them. */
function callersOf(wasm, functions, callees) {
  const names = new Set(callees.map(({ name }) => name));
  const callers = new Set();
  let caller;
  for (const line of wasm.emitText().split("\n")) {
    const [, defined] = line.match(/^ \(func \$("(?:[^"\\]|\\.)*"|[^\s()]+)/) ?? [];
    if (defined) caller = unquoted(defined);
    const [, called] = line.match(/\(call \$("(?:[^"\\]|\\.)*"|[^\s()]+)/) ?? [];
    if (called && names.has(unquoted(called)) && !names.has(caller)) callers.add(caller);
  }
  return functions.filter(({ name }) => callers.has(name)).map(({ path }) => path);
}

const unquoted = (name) => (name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, "$1") : name);
