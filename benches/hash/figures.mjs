// What the bench found, as docs/hashing.md shows it.
import { readFileSync, writeFileSync, existsSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../scripts/lib/paths.mjs";

export const RESULTS = path.join(ROOT, "docs/benchmarks/hashing.json");
export const PAGE = path.join(ROOT, "docs/hashing.md");

/**
 * @typedef {{ title: string, when: string, head?: string[], rows: string[][], goals: { goal: string, reached: string, met: boolean }[] }} Section
 * @typedef {{ machine: string, beside: Record<string, string>, sections: Record<string, Section> }} Results
 */

/** @returns {Results | undefined} */
export const readResults = () => (existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : undefined);

/** Keeps what was found; of what was not measured this time, what was found before stays, with its date. */
export function keep(results) {
  const kept = { ...results, sections: { ...readResults()?.sections, ...results.sections } };
  writeFileSync(RESULTS, `${JSON.stringify(kept, null, 2)}\n`);
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, "utf8"), kept));
}

/** The page with its figures made anew. */
export function withFigures(page, results) {
  return page.replace(/(<!-- figures -->\n)[\s\S]*?(<!-- end -->)/, (_, start, end) => `${start}${figures(results)}\n${end}`);
}

/** @param {Results} results */
export function figures({ machine, beside, sections }) {
  const peers = Object.entries(beside).map(([name, version]) => `${name} ${version}`).join(", ");
  return [`On ${machine}, beside ${peers}.`, ...Object.values(sections).map(markdown)].join("\n\n");
}

/** @param {Section} section */
function markdown({ title, when, head = [], rows, goals }) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const table = rows.length > 0 ? [line(head), line(head.map((_, index) => (index < 2 ? "---" : "---:"))), ...rows.map(line), ""] : [];
  return [`### ${title}`, "", `${when}.`, "", ...table, ...goals.map(({ goal, reached, met }) => `- ${goal}: ${reached}, ${met ? "met" : "NOT MET"}`)].join("\n");
}
