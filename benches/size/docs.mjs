// docs/size.md: the tables of one run.

/** @param {{ place: any, sizes: Record<string, number>, uses: Record<string, string[]>, contenders: any[], goals: any, rounds: number }} results */
export function report({ place, sizes, uses, contenders, goals, rounds }) {
  const uploads = contenders[0];
  return `# What pages load

Written by \`npm run bench -- size --write\`. Bytes after brotli 11; JavaScript bundled and minified by esbuild, in one file for
the page and one for each worker. How it came to be so: [ADR 6](adr/0006-uploader-built-for-size.md),
[ADR 19](adr/0019-what-an-upload-loads.md).

| | |
| --- | --- |
| Date | ${place.date} |
| Machine | ${place.machine}; its load before: ${place.load} |
| Browser | ${place.browser}, headless |
| Sealift | ${place.commit ?? "not from a clone"} |

## By use

| use | bytes | of which |
| --- | ---: | --- |
${Object.entries(uses).map(([use, files]) => `| ${use} | ${sum(sizes, files)} | ${files.map((file) => `${file} ${sizes[file]}`).join(", ")} |`).join("\n")}

## Beside others

Start: from asking for the page's script to the first request for a signature of a small file (Sealift: hashed by then), to the
first signature, or to a hash that takes bytes. Medians of ${rounds} rounds, a browser just started for each, everything on this machine.

| | bytes | start, ms | |
| --- | ---: | ---: | --- |
${contenders.map(({ name, bytes, milliseconds, does }) => `| ${name} | ${bytes} | ${milliseconds.toFixed(0)} | ${does} |`).join("\n")}

Goals: uploading in at most ${goals.bytes} bytes: ${goal(uploads.bytes, goals.bytes)}; ready in ${goals.milliseconds} ms: ${goal(Math.round(uploads.milliseconds), goals.milliseconds)}.
`;
}

const sum = (sizes, files) => files.reduce((total, file) => total + sizes[file], 0);
const goal = (reached, wanted) => (reached <= wanted ? `met (${reached})` : `**not met** (${reached})`);
