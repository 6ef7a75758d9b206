// What a script is doing and for how long: a live line per running step on a terminal, plain lines elsewhere.
import { Sentence } from "./run.mjs";

const live = Boolean(process.stdout.isTTY) && !process.env.CI;
const colour = live && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const dim = (text) => paint(2, text);
export const green = (text) => paint(32, text);
export const red = (text) => paint(31, text);
export const bold = (text) => paint(1, text);

/** Plain output says that a long step is alive this often (ms). */
const REMINDER = 30_000;

const running = new Set();
let drawn = 0;
let ticker;

/**
 * Does one step and shows it. `work` gets `note(text)`: a few words on where it is.
 * @template T
 * @param {string} title
 * @param {(note: (text: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const entry = { title, start: Date.now(), note: "", reminded: Date.now() };
  running.add(entry);
  if (!live) console.log(`  … ${title}`);
  ticker ??= setInterval(tick, live ? 200 : 1000);
  let mark = green("✓");
  try {
    return await work((text) => (entry.note = text.trim()));
  } catch (error) {
    mark = red("✗");
    throw error;
  } finally {
    running.delete(entry);
    say(`  ${mark} ${title} ${dim(`(${elapsed(entry.start)})`)}`);
    if (running.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
    }
  }
}

/** Steps side by side: waits for all of them, then fails with the first failure, if any. */
export async function together(...works) {
  const results = await Promise.allSettled(works.map((work) => (typeof work === "function" ? work() : work)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return results.map((result) => result.value);
}

/** A line that stays, above the live ones. */
export function say(text) {
  erase();
  console.log(text);
  draw();
}

export function elapsed(start, now = Date.now()) {
  const seconds = (now - start) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Runs a script's main function: a sentence for what is known, a stack for what is not. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    erase();
    console.error(`\n${red("error:")} ${error instanceof Sentence ? error.message : error?.stack ?? error}`);
    process.exit(1);
  }
}

function tick() {
  if (live) {
    erase();
    draw();
    return;
  }
  for (const entry of running) {
    if (Date.now() - entry.reminded < REMINDER) continue;
    entry.reminded = Date.now();
    console.log(`  … ${entry.title}: ${elapsed(entry.start)}${entry.note ? `, ${entry.note}` : ""}`);
  }
}

function draw() {
  if (!live) return;
  const width = (process.stdout.columns || 80) - 1;
  for (const entry of running) {
    const line = `  … ${entry.title} (${elapsed(entry.start)}) ${entry.note}`.slice(0, width);
    process.stdout.write(`${dim(line)}\n`);
  }
  drawn = running.size;
}

function erase() {
  if (!live || drawn === 0) return;
  process.stdout.write(`\x1b[${drawn}A\x1b[J`);
  drawn = 0;
}
