// Bar charts as SVG that read well on light and on dark pages.
const WIDTH = 720;
const LABEL = 236;
const VALUE = 84;
const ROW = 26;
const BAR = 16;
const TOP = 40;

const STYLE = `
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.value { font-variant-numeric: tabular-nums; }
.sealift { fill: #0969da; } .limit { fill: #8c959f; } .peer { fill: #bc4c00; }
.ours { font-weight: 600; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .sealift { fill: #4493f8; } .limit { fill: #7d8590; } .peer { fill: #db6d28; }
}`;

/**
 * @param {string} title
 * @param {{ label: string, value: number, text: string, kind: "sealift" | "limit" | "peer" }[]} bars shorter is better
 * @returns {string} an SVG document
 */
export function barChart(title, bars) {
  const most = Math.max(...bars.map(({ value }) => value));
  const height = TOP + bars.length * ROW + 10;
  const scale = (value) => Math.max(1, (value / most) * (WIDTH - LABEL - VALUE));
  const rows = bars.map(({ label, value, text, kind }, index) => {
    const y = TOP + index * ROW;
    const middle = y + BAR / 2 + 5;
    const ours = kind === "sealift" ? " ours" : "";
    const length = scale(value).toFixed(1);
    return [
      `<text class="label${ours}" x="${LABEL - 10}" y="${middle}" text-anchor="end">${escape(label)}</text>`,
      `<rect class="${kind}" x="${LABEL}" y="${y}" width="${length}" height="${BAR}" rx="2"/>`,
      `<text class="value${ours}" x="${LABEL + Number(length) + 8}" y="${middle}">${escape(text)}</text>`,
    ].join("");
  });
  const summary = bars.map(({ label, text }) => `${label}: ${text}`).join("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t d">
<title id="t">${escape(title)}</title><desc id="d">${escape(summary)}</desc>
<style>${STYLE}
</style>
<text class="title" x="0" y="20">${escape(title)}</text>
${rows.join("\n")}
</svg>
`;
}

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
