// docs/benchmarks.md and its pictures, from the results of one run.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { barChart } from "./chart.mjs";
import { MANY_CALLS, judge } from "./goals.mjs";
import { CONTENDERS, PART_SIZE } from "./scenarios.mjs";
import { headingOf, markdown, rowsOf, sizeOf } from "./table.mjs";

const FILE = path.join(ROOT, "docs/benchmarks.md");
const PICTURES = path.join(ROOT, "docs/benchmarks");

/** @param {object} results as upload.mjs gathers them */
export function writeDocs(results) {
  mkdirSync(PICTURES, { recursive: true });
  const sections = Object.entries(results.scenarios).map(([id, scenario]) => {
    const pictures = [picture(`${id}-time`, `${headingOf(scenario)}: seconds, shorter is better`, scenario, ({ time }) => time / 1_000, seconds)];
    if (id === "loopback") {
      pictures.push(
        picture(`${id}-cpu`, `${headingOf(scenario)}: CPU seconds of the browser`, scenario, ({ cpu }) => cpu, seconds),
        picture(`${id}-memory`, `${headingOf(scenario)}: MB of the renderer above idle`, scenario, ({ memory }) => (memory ?? 0) / 2 ** 20, whole),
      );
    }
    const rounds = scenario.rounds === 1 ? "One round" : `Medians of ${scenario.rounds} interleaved rounds`;
    const once = scenario.once?.filter((one) => scenario.contenders[one]).map((one) => `, ${CONTENDERS[one].title} once`) ?? [];
    return [`## ${headingOf(scenario)}`, `${rounds}${once.join("")}; ${scenario.how}.`, markdown(rowsOf(scenario)), ...pictures].join("\n\n");
  });
  writeFileSync(FILE, `${[introduction(results), ...sections, goals(results), reading()].join("\n\n")}\n`);
}

/** Writes a chart and returns the Markdown that shows it. */
function picture(name, title, { contenders }, valueOf, textOf) {
  const bars = Object.entries(contenders)
    .filter(([, figures]) => figures.time !== undefined)
    .map(([id, figures]) => ({
      label: CONTENDERS[id].title,
      value: valueOf(figures),
      text: textOf(valueOf(figures)),
      kind: id.startsWith("sealift") ? "sealift" : CONTENDERS[id].limit ? "limit" : "peer",
    }));
  writeFileSync(path.join(PICTURES, `${name}.svg`), barChart(title, bars));
  return `![${title}](benchmarks/${name}.svg)`;
}

const seconds = (value) => `${value.toFixed(value < 100 ? 2 : 1)} s`;
const whole = (value) => `${Math.round(value)} MB`;

function introduction({ date, machine, load, browser, server, commit, peers }) {
  const versions = ["@uppy/core", "@uppy/aws-s3", "@aws-sdk/lib-storage", "evaporate"].map((name) => `${name} ${peers[name]}`);
  return `# Benchmarks

Uploads from a page to S3: Sealift beside other uploaders, and beside what is possible at all. Written by
\`npm run bench -- upload --write\`; \`npm run bench -- upload --help\` names the options.

| | |
| --- | --- |
| Date | ${date} |
| Machine | ${machine}; its load before: ${load} |
| Browser | ${browser}, headless |
| S3 | ${server}, on the same machine |
| Sealift | ${commit ?? "not from a clone"} |
| Peers | ${versions.join(", ")} |

The page is on one origin, the bucket on another. The file is a \`File\` on disk, parts are ${sizeOf(PART_SIZE)} for everybody, everything
else is as each uploader comes. A fresh browser for every run, contenders in turn within each round. Browser, S3 and
app share the machine's processors, so what a server does with a digest is part of the time too.

- *plain XHR PUT*: the whole \`File\` to one presigned URL, which is the limit: Chromium reads it past the page.
- *parts by hand*: four at once, signed in one call, nothing checked: the limit for parts.
- *Sealift*: \`none\` checks nothing, \`crc64nvme\` has S3 verify a checksum of each part and of the object, \`sha256\` signs the
  digest of each part, \`both\` does both, \`chunks\` signs every 896 KiB. All end with the endpoint's own look at the stored
  object. Everybody's code is loaded before the file is chosen; Sealift has also connected to the bucket by then (\`uploader.prepare()\`, as its demo page
  does when the pointer comes near the button): the peers have no such thing.
- *Uppy*: parts one after the other, nothing checked. *EvaporateJS*: MD5 of each part. *lib-storage*: CRC32 of each part,
  and S3's keys are in the page.`;
}

function goals(results) {
  const rows = judge(results).map(({ scenario, goal, reached, met }) => [headingOf(results.scenarios[scenario]), goal, reached, met ? "met" : "**not met**"]);
  return ["## Goals", markdown({ head: ["", "goal", "reached", ""], rows }, "left")].join("\n\n");
}

function reading() {
  return `## How it is measured

- Time: from handing over the file to the last word that it is stored. Ratios are medians of ratios within a round:
  above 1 is faster.
- CPU: of all processes of the browser, by \`SystemInfo.getProcessInfo\`.
- Memory: the most that the renderer had resident, above what it had before (Linux).
- Goals: a ratio counts as reached from half a hundredth below. Signing calls are judged where a peer makes ${MANY_CALLS} or more:
  three are the least there can be, for beginning, parts and end.
- Long tasks: of the main thread, over 50 ms; in brackets the longest of all rounds.
- Signing calls: what the app's server was asked to sign. Sealift's last call, which checks the object, is not counted:
  nobody else makes it.
- The browser is driven by the bare debugging protocol without its Network domain: with it, as drivers switch it on,
  bodies from memory are copied to the driver, and some uploaders seem twelve times slower than they are.
- The link's round trip is a proxy's, for TCP's handshakes too; its rate is kept by the kernel's \`tbf\` in a network
  namespace where the user may make one, else by the proxy.`;
}
