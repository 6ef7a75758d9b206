// Properties that are attributes seen from a script.

/**
 * @param {object} prototype
 * @param {{ strings: Record<string, string>, booleans: Record<string, string> }} names property → attribute
 */
export function reflect(prototype, { strings, booleans }) {
  for (const [property, attribute] of Object.entries(strings)) {
    Object.defineProperty(prototype, property, {
      configurable: true,
      enumerable: true,
      /** @this {Element} */
      get() {
        return this.getAttribute(attribute) ?? "";
      },
      /** @this {Element} @param {unknown} value */
      set(value) {
        if (value === null || value === undefined) this.removeAttribute(attribute);
        else this.setAttribute(attribute, String(value));
      },
    });
  }
  for (const [property, attribute] of Object.entries(booleans)) {
    Object.defineProperty(prototype, property, {
      configurable: true,
      enumerable: true,
      /** @this {Element} */
      get() {
        return this.hasAttribute(attribute);
      },
      /** @this {Element} @param {unknown} value */
      set(value) {
        this.toggleAttribute(attribute, Boolean(value));
      },
    });
  }
}
