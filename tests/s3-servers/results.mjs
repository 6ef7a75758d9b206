// What was found at each server: kept as JSON, one file a server, and written as tables into docs/servers.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { GROUPS } from "./cases/index.mjs";
import { PROBES } from "./probes.mjs";
import { SERVERS } from "./servers/index.mjs";

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), "results");
const PAGE = path.join(ROOT, "docs/servers.md");
const [BEGIN, END] = ["<!-- written by `npm run test:s3` -->", "<!-- end -->"];

/** @typedef {{ works: boolean, tried?: false, note?: string }} Cell */
/** @typedef {{ id: string, title: string, cors?: string, cells: Record<string, Cell> }} Result cells by the ids of probes and cases */

const fileOf = (id) => path.join(FOLDER, `${id}.json`);

/** @returns {Result | undefined} what was found last time */
export const readResult = (id) => (existsSync(fileOf(id)) ? JSON.parse(readFileSync(fileOf(id), "utf8")) : undefined);

/** Keeps a result; the page shows the servers that have a name of their own. */
export function writeResult(result) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(result.id), `${JSON.stringify(result, null, 2)}\n`);
}

/** The tables of all results there are. */
export function tables() {
  const known = SERVERS.map(({ id }) => id);
  const ids = readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => path.basename(name, ".json"));
  const results = ids.sort((a, b) => rank(known, a) - rank(known, b) || a.localeCompare(b)).map(readResult);
  const notes = new Notes();
  const rows = (title, entries) => [
    `| ${title} | ${results.map((result) => result.title).join(" | ")} |`,
    `| --- |${" --- |".repeat(results.length)}`,
    ...entries.map(([id, name]) => `| ${name} | ${results.map(({ cells }) => cellOf(cells[id], notes)).join(" | ")} |`),
  ];
  const all = [
    rows("The server by itself", Object.entries(PROBES).map(([id, { title }]) => [id, title])),
    ...GROUPS.map(({ title, cases }) => rows(title, cases.map((one) => [one.id, one.title]))),
  ];
  const cors = results.filter((result) => result.cors).map((result) => `- ${result.title}: CORS is set by ${result.cors}.`);
  return [...all.map((lines) => lines.join("\n")), notes.list(), cors.join("\n")].filter(Boolean).join("\n\n");
}

/** Puts the tables into the page. */
export function writePage() {
  const page = readFileSync(PAGE, "utf8");
  writeFileSync(PAGE, pageWith(page, tables()));
}

/** Whether the page shows the results there are. */
export function isPageTrue() {
  const page = readFileSync(PAGE, "utf8");
  return page === pageWith(page, tables());
}

function pageWith(page, text) {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`${PAGE} has no place for the tables`);
  return `${page.slice(0, before + BEGIN.length)}\n\n${text}\n\n${page.slice(after)}`;
}

const rank = (known, id) => (known.includes(id) ? known.indexOf(id) : known.length);

function cellOf(cell, notes) {
  if (!cell) return "";
  const word = cell.works ? "yes" : cell.tried === false ? "not tried" : "**no**";
  return cell.note ? `${word} ${notes.number(cell.note)}` : word;
}

/** Reasons stand below the tables, each once. */
class Notes {
  #all = [];

  number(note) {
    if (!this.#all.includes(note)) this.#all.push(note);
    return `(${this.#all.indexOf(note) + 1})`;
  }

  list() {
    return this.#all.map((note, index) => `${index + 1}. ${note}`).join("\n");
  }
}
