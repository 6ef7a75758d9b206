// Values on their way between a test and a page, as text: JSON, but for what JSON forgets. These functions run on both
// sides, so they use nothing of this module.

/** @param {unknown} value @returns {string} */
export function encode(value) {
  const write = (one) => {
    if (one === undefined) return { $: "undefined" };
    if (typeof one === "number" && !Number.isFinite(one)) return { $: "number", text: String(one) };
    if (typeof one === "bigint") return { $: "bigint", text: String(one) };
    if (Array.isArray(one)) return Array.from(one, write);
    if (one instanceof Date) return { $: "date", at: one.getTime() };
    if (one instanceof RegExp) return { $: "regexp", source: one.source, flags: one.flags };
    if (ArrayBuffer.isView(one) && !(one instanceof DataView)) return { $: "bytes", values: Array.from(one) };
    if (one !== null && typeof one === "object") {
      const entries = Object.entries(one).filter(([, field]) => typeof field !== "function");
      return Object.fromEntries(entries.map(([name, field]) => [name, write(field)]));
    }
    return one;
  };
  return JSON.stringify(write(value));
}

/** @param {string} text @param {(steps: unknown) => unknown} [element] what stands for an element of a page */
export function decode(text, element = (steps) => steps) {
  const read = (one) => {
    if (one === null || typeof one !== "object") return one;
    if (Array.isArray(one)) return one.map(read);
    if (one.$ === "undefined") return undefined;
    if (one.$ === "number") return Number(one.text);
    if (one.$ === "bigint") return BigInt(one.text);
    if (one.$ === "date") return new Date(one.at);
    if (one.$ === "regexp") return new RegExp(one.source, one.flags);
    if (one.$ === "bytes") return Uint8Array.from(one.values);
    if (one.$ === "element") return element(read(one.steps));
    return Object.fromEntries(Object.entries(one).map(([name, field]) => [name, read(field)]));
  };
  return read(JSON.parse(text));
}
