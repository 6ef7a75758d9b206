// One polite live region. Many things happen at once here and a screen reader says them one after another,
// so they are gathered and said together, at most every few seconds.

const PAUSE_MS = 2500;
const NAMES_SAID = 2;

export class Announcer {
  /** @param {HTMLElement} region an element with role="status" */
  constructor(region) {
    this.region = region;
    /** @type {Map<string, string[]>} what happened → to which files */
    this.pending = new Map();
    /** @type {string[]} */
    this.sentences = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.spoke = 0;
  }

  /**
   * A sentence of its own.
   * @param {string} sentence
   */
  say(sentence) {
    this.sentences.push(sentence);
    this.schedule();
  }

  /**
   * Something that happened to a file: the same thing in a row becomes "5 files stored".
   * @param {string} what such as "stored"
   * @param {string} name
   */
  note(what, name) {
    const names = this.pending.get(what);
    if (names) names.push(name);
    else this.pending.set(what, [name]);
    this.schedule();
  }

  schedule() {
    if (this.timer !== undefined) return;
    const wait = Math.max(150, this.spoke + PAUSE_MS - performance.now());
    this.timer = setTimeout(() => this.flush(), wait);
  }

  flush() {
    this.timer = undefined;
    const parts = [];
    for (const [what, names] of this.pending) {
      parts.push(names.length <= NAMES_SAID ? `${names.join(" and ")} ${what}.` : `${names.length} files ${what}.`);
    }
    parts.push(...this.sentences);
    this.pending.clear();
    this.sentences = [];
    this.spoke = performance.now();
    this.region.textContent = parts.join(" ");
  }
}
