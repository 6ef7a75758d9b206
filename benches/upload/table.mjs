// The figures as text: on the terminal, and in Markdown.
import { green, red, say } from "../../scripts/lib/steps.mjs";
import { judge } from "./goals.mjs";
import { CONTENDERS, SCENARIOS } from "./scenarios.mjs";

const MIB = 1024 * 1024;

/** "1 GiB", "100 KB": as people say it. */
export function sizeOf(bytes) {
  if (bytes % (1024 * MIB) === 0) return `${bytes / 1024 / MIB} GiB`;
  return bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${bytes / 1000} KB`;
}

export const headingOf = ({ title, size }) => title.replace(/^(\d+) files?/, (_, count) => (count === "1" ? sizeOf(size) : `${count} files of ${sizeOf(size)}`));

/** A heading and rows of cells, all of them text. */
export function rowsOf({ contenders, files }) {
  const limit = contenders.forms ? "forms" : "parts";
  const head = ["", "seconds", "× PUT", `× ${limit}`, "CPU s", "memory MB", "long tasks", "signing calls"];
  const rows = Object.entries(contenders).map(([id, figures]) => {
    const { time, times, cpu, memory, longTasks, longestTask, signing, failures } = figures;
    const { title, script, signs, limit: isLimit } = CONTENDERS[id];
    if (time === undefined) return [title, "failed", ...Array(6).fill("–")];
    const ratio = (other) => (times[other] === undefined ? "–" : times[other].toFixed(2));
    return [
      failures.length > 0 ? `${title} (${failures.length} failed)` : title,
      (time / 1_000).toFixed(files > 1 || time < 100_000 ? 2 : 1),
      ratio("put"),
      ratio(limit),
      cpu.toFixed(1),
      memory === undefined ? "–" : String(Math.round(memory / MIB)),
      longTasks === 0 && longestTask === 0 ? "0" : `${longTasks} (${Math.round(longestTask)} ms)`,
      signs || isLimit ? String(signing) : `– (${script === "lib-storage" ? "keys in the page" : ""})`,
    ];
  });
  return { head, rows };
}

export function printScenario(scenario) {
  const { head, rows } = rowsOf(scenario);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  say(`\n${headingOf(scenario)} (${scenario.how}; medians of ${scenario.rounds})`);
  for (const row of [head, ...rows]) say(`  ${row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join("  ")}`);
}

export function printGoals(results) {
  say("\nGoals");
  for (const { scenario, goal, reached, met } of judge(results)) {
    say(`  ${met ? green("met    ") : red("NOT MET")} ${headingOf(results.scenarios[scenario])}: ${goal}: ${reached}`);
  }
}

/** A table in Markdown; all columns but the first are numbers unless `alignment` is "left". */
export function markdown({ head, rows }, alignment = "right") {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column > 0 && alignment === "right" ? "--:" : "---"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
