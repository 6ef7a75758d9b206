// Takes out of the glue what this package never uses, which no bundler can know: half a kilobyte of each module.

/** What goes, and what comes in its place; `always`: of every module. wasm-bindgen's version is pinned, so its words are. */
const CUTS = [
  { what: "starting without waiting", always: true, from: /\nfunction initSync\(module\) \{\n[^]*?\n\}\n/, to: "" },
  { what: "its export", always: true, from: "export { initSync, __wbg_init as default };", to: "export { __wbg_init as default };" },
  {
    what: "the old parameters of starting",
    always: true,
    from: /if \(module_or_path !== undefined\) \{\n\s+if \(Object\.getPrototypeOf[^]*?\n {4}\}\n/,
    to: "if (module_or_path !== undefined) ({ module_or_path } = module_or_path);\n",
  },
  {
    what: "advice on a wrong MIME type",
    always: true,
    from: /const validResponse = [^]*?else \{ throw e; \}/,
    to: "if (module.headers.get('Content-Type') === 'application/wasm') throw e;",
  },
  { what: "what the advice asked", always: true, from: /\n\s+function expectedResponseType\(type\) \{\n[^]*?\n {4}\}\n/, to: "" },
  {
    what: "the quicker way to pass long texts: there are none",
    from: /(function passStringToWasm0\(arg, malloc, realloc\) \{\n)\s+if \(realloc === undefined\) \{\n([^]*?)\n {4}\}\n[^]*?\n\}\n/,
    to: "$1$2\n}\n",
  },
  { what: "a browser without encodeInto", from: /if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?\n\}\n/, to: "" },
];

/**
 * @param {string} glue the text that wasm-bindgen writes for `--target web`
 * @returns {string} shorter, of the same use to this package
 * @throws {Error} where something is not there that always was
 */
export function trimGlue(glue) {
  let trimmed = glue;
  for (const { what, always, from, to } of CUTS) {
    const next = trimmed.replace(from, to);
    if (always && next === trimmed) throw new Error(`the glue has no place for ${what}: has wasm-bindgen changed?`);
    trimmed = next;
  }
  return trimmed;
}
