// One polite live region. Many things happen at once here and a screen reader says them one after another, so they are
// gathered and said together, at most every few seconds.

const PAUSE_MS = 2500;
const NAMES_SAID = 2;

/** @typedef {import("./words.js").Words} Words */

export class Announcer {
  /** @param {HTMLElement} region an element with role="status" @param {() => Words} words */
  constructor(region, words) {
    this.region = region;
    this.words = words;
    /** Names of files that were stored. @type {string[]} */
    this.stored = [];
    /** @type {string[]} */
    this.sentences = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.spoke = -PAUSE_MS;
  }

  /** @param {import("./words.js").Key} key @param {Record<string, string | number>} [values] */
  say(key, values) {
    this.sentences.push(this.words().say(key, values));
    this.schedule();
  }

  /** Of many, only how many. @param {string} name */
  noteStored(name) {
    this.stored.push(name);
    this.schedule();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  schedule() {
    if (this.timer !== undefined) return;
    const wait = Math.max(150, this.spoke + PAUSE_MS - performance.now());
    this.timer = setTimeout(() => this.flush(), wait);
  }

  flush() {
    this.timer = undefined;
    const words = this.words();
    const stored = this.stored.splice(0);
    const done = stored.length > NAMES_SAID ? [words.say("said.done_many", { count: stored.length })] : stored.map((name) => words.say("said.done", { name }));
    this.spoke = performance.now();
    this.region.textContent = [...done, ...this.sentences.splice(0)].join(" ");
  }
}
