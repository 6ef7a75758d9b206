// What was chosen, where something else is uploaded for it: the rules and the form go by what people chose.

/** @typedef {import("../index.js").Upload} Upload */
/** @typedef {import("./intake/index.js").Found} Found */
/** @typedef {import("./intake/index.js").Known} Known */

export class Originals {
  /** Chosen, and not uploads yet. @type {Set<Set<Found>>} */
  #waiting = new Set();
  /** `undefined`: a copy beside its original, which counts already. @type {WeakMap<Upload, Found | undefined>} */
  #originals = new WeakMap();
  /** @type {(() => void)[]} */
  #heard = [];

  /** Whether something is still being made of what was chosen. */
  get making() {
    return [...this.#waiting].some((files) => files.size > 0);
  }

  /** @param {Found[]} files @returns {Set<Found>} what is left of them; a file that is gone from it is no longer wanted */
  await(files) {
    const waiting = new Set(files);
    this.#waiting.add(waiting);
    return waiting;
  }

  /** @param {Set<Found>} waiting nothing more comes of it */
  end(waiting) {
    waiting.clear();
    this.#waiting.delete(waiting);
    for (const heard of this.#heard.splice(0)) heard();
  }

  /** What is being made is wanted no longer. */
  drop() {
    for (const files of this.#waiting) files.clear();
  }

  /** Resolves when the making of some files ended; never where nothing is made. @returns {Promise<void>} */
  ended() {
    return new Promise((resolve) => (this.making ? this.#heard.push(resolve) : undefined));
  }

  /** @param {Upload} upload @param {Found} [found] what it was made of; a copy beside that has none */
  note(upload, found) {
    this.#originals.set(upload, found);
  }

  /** @param {Upload} upload @param {Upload} next the same once more */
  pass(upload, next) {
    if (this.#originals.has(upload)) this.#originals.set(next, this.#originals.get(upload));
  }

  /**
   * What is there by the rules.
   * @param {readonly Upload[]} uploads
   * @param {boolean} alone a new file takes the place of all
   * @returns {Known[]}
   */
  known(uploads, alone) {
    if (alone) return [];
    const noted = uploads.flatMap((upload) => {
      const found = this.#originals.get(upload);
      if (found) return [known(found)];
      if (this.#originals.has(upload)) return [];
      const { name, size, file } = upload;
      return [{ name, size, lastModified: file instanceof File ? file.lastModified : 0 }];
    });
    const uploaded = new Set(uploads.map((upload) => this.#originals.get(upload)));
    const making = [...this.#waiting].flatMap((files) => [...files]).filter((found) => !uploaded.has(found));
    return [...noted, ...making.map(known)];
  }
}

/** @param {Found} found @returns {Known} */
const known = ({ file, name }) => ({ name, size: file.size, lastModified: file.lastModified });
