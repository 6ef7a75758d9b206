// The `accept` attribute as HTML defines it (https://html.spec.whatwg.org/multipage/input.html#attr-input-accept).

/**
 * Whether a file is of one of the kinds: `.ext`, `type/*` or `type/subtype`, case ignored. A list without any valid kind
 * takes everything, as `<input>` does.
 * @param {string} accept
 * @param {{ name: string, type: string }} file
 */
export function accepts(accept, { name, type }) {
  const kinds = accept.split(",").map((kind) => kind.trim().toLowerCase()).filter((kind) => /^\.[^/*]+$|^[\w.+-]+\/(\*|[\w.+-]+)$/.test(kind));
  if (kinds.length === 0) return true;
  const [media = ""] = type.toLowerCase().split(";", 1);
  return kinds.some((kind) => {
    if (kind.startsWith(".")) return name.toLowerCase().endsWith(kind);
    return kind.endsWith("/*") ? media.startsWith(kind.slice(0, -1)) : media.trim() === kind;
  });
}
