// How the element looks: one constructed stylesheet that all elements of a page share, so that a policy against inline
// styles is fine. Every colour is a custom property of the page's, or a pair for light and dark; every pair of text and
// ground reaches 4.5:1, every edge and icon that carries meaning 3:1.

const CSS = `
:host {
  --surface: var(--sealift-surface, light-dark(#ffffff, #142025));
  --sunken: var(--sealift-sunken, light-dark(#e6edef, #24343b));
  --ink: var(--sealift-ink, light-dark(#10242c, #e7eff2));
  --muted: var(--sealift-muted, light-dark(#4a616b, #a2b5bd));
  --line: var(--sealift-line, light-dark(#d5dfe3, #28383f));
  --edge: var(--sealift-edge, light-dark(#748a94, #6f8791));
  --accent: var(--sealift-accent, light-dark(#0b6b7c, #5ccbdc));
  --accent-strong: var(--sealift-accent-strong, light-dark(#07525f, #8be0ed));
  --on-accent: var(--sealift-on-accent, light-dark(#ffffff, #05262c));
  --accent-soft: var(--sealift-accent-soft, light-dark(#e0f0f2, #11333a));
  --good: var(--sealift-good, light-dark(#1a6b43, #72d5a0));
  --bad: var(--sealift-bad, light-dark(#ae261e, #ff9f95));
  --on-bad: var(--sealift-on-bad, light-dark(#ffffff, #3a0a07));
  --bad-soft: var(--sealift-bad-soft, light-dark(#fdefed, #371d1c));
  --warn: var(--sealift-warn, light-dark(#7a5000, #e8bb62));
  --radius: var(--sealift-radius, .75rem);
  --small: .875rem;
  --tiny: .8125rem;
  display: block; container-type: inline-size; color: var(--ink);
  font: var(--sealift-font, 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  overflow-wrap: break-word; accent-color: var(--accent);
}
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
h2 { font-size: 1rem; line-height: 1.35; font-weight: 650; }
code { font-family: var(--sealift-mono, ui-monospace, Menlo, Consolas, monospace); font-size: .92em; }
button { font: inherit; color: inherit; }
svg { fill: none; stroke: currentcolor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.icon { inline-size: 1.125rem; block-size: 1.125rem; flex: none; }
.vh { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.hint { color: var(--muted); font-size: var(--small); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .375rem; }
.root { display: grid; gap: .75rem; }

.zone {
  display: grid; justify-items: center; gap: .625rem; padding: clamp(1rem, 5cqi, 2rem) 1rem; text-align: center;
  border: 2px dashed var(--edge); border-radius: var(--radius); background: var(--surface); transition: background .15s, border-color .15s;
}
.zone[data-over] { border-color: var(--accent); background: var(--accent-soft); }
.zone > .icon { inline-size: 2.25rem; block-size: 2.25rem; color: var(--accent); stroke-width: 1.5; }
.zone-buttons { display: flex; flex-wrap: wrap; justify-content: center; gap: .5rem; }
.root:not([data-empty]) .zone { padding-block: .75rem; row-gap: 0; grid-template-columns: 1fr auto; justify-items: start; align-items: center; text-align: start; }
.root:not([data-empty]) .zone > .icon { display: none; }
.root:not([data-empty]) .zone-buttons { grid-area: 1 / 2 / span 2; justify-content: end; }
@container (max-width: 30rem) { .root:not([data-empty]) .zone { grid-template-columns: 1fr; row-gap: .5rem; } .root:not([data-empty]) .zone-buttons { grid-area: auto; justify-content: start; } }
:host([disabled]) .zone, :host([readonly]) .zone { border-style: solid; border-color: var(--line); }
.overlay { position: fixed; inset: 0; z-index: 10; display: grid; place-items: center; pointer-events: none; background: color-mix(in srgb, var(--surface) 82%, transparent); font-size: 1.375rem; font-weight: 650; }
.overlay::before { content: ""; position: absolute; inset: .75rem; border: 3px dashed var(--accent); border-radius: 1.25rem; }

.button, .action {
  display: inline-flex; align-items: center; justify-content: center; gap: .375rem; border: 1px solid var(--edge); border-radius: .5rem;
  min-block-size: 2.5rem; padding-inline: .875rem; background: var(--surface); font-weight: 600; text-decoration: none; white-space: nowrap; cursor: pointer;
}
.button:hover { background: var(--sunken); }
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
.button.small { min-block-size: 2.125rem; padding-inline: .625rem; font-size: var(--small); }
.button:disabled { opacity: .55; cursor: default; }
.action { min-inline-size: 2.5rem; padding-inline: .5rem; border-color: transparent; background: none; color: var(--muted); font-size: var(--small); }
.action:hover { background: var(--sunken); color: var(--ink); }
.action.worded { color: var(--accent); }
.action.worded:hover { background: var(--accent-soft); color: var(--accent-strong); }
.action[aria-disabled] { color: var(--muted); cursor: default; text-decoration: line-through; }
.action[data-armed], .button[data-armed] { background: var(--bad); border-color: var(--bad); color: var(--on-bad); }
.action:not([data-armed]) .when-armed { display: none; }
@media (pointer: coarse) { .action { min-inline-size: 2.75rem; min-block-size: 2.75rem; } }

.bar { position: relative; overflow: hidden; block-size: .375rem; border-radius: 99rem; background: var(--sunken); }
.bar-fill, .bar-confirmed { position: absolute; inset: 0; border-radius: inherit; background: var(--accent); transform: scaleX(var(--fraction, 0)); transform-origin: 0 50%; transition: transform .25s ease-out; }
.bar-confirmed { background: var(--accent-strong); }
.bar:dir(rtl) :is(.bar-fill, .bar-confirmed) { transform-origin: 100% 50%; }

.panel, .manifest { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
.panel { position: relative; padding: .75rem 1rem; }
.saved .row { border-block-start: 1px solid var(--line); padding-inline: 0; grid-template-columns: minmax(0, 1fr) auto; }
.saved .row > * { grid-column: 1; }
.saved .row > .row-actions { grid-area: 1 / 2 / span 2; gap: .375rem; }
.saved .row[data-busy] { opacity: .6; }
.refused { background: var(--bad-soft); padding-inline-end: 3.5rem; font-size: var(--small); }
.refused h2 { color: var(--bad); }
.refused ul { max-block-size: 12rem; overflow: auto; }
.refused bdi { font-weight: 600; overflow-wrap: anywhere; }
.refused .action { position: absolute; inset-block-start: .25rem; inset-inline-end: .25rem; }

.totals { position: relative; display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; padding: .75rem 1rem calc(.75rem + 3px); }
.totals-text { flex: 1 1 12rem; }
.count { font-weight: 650; font-variant-numeric: tabular-nums; }
.totals-amount { color: var(--muted); font-size: var(--small); font-variant-numeric: tabular-nums; min-block-size: 1.5em; }
.totals-buttons { display: flex; flex-wrap: wrap; gap: .5rem; }
.totals .bar { position: absolute; inset-inline: 0; inset-block-end: 0; block-size: 3px; border-radius: 0; background: var(--line); }
.totals[data-state="done"] .bar-fill { background: var(--good); }
.totals[data-state="failed"] .bar-fill { background: var(--bad); }
.totals[data-state="paused"] .bar-fill { background: var(--edge); }

.row {
  display: grid; grid-template-columns: 3rem minmax(0, 1fr) auto; column-gap: .875rem; row-gap: .125rem; align-content: start;
  min-block-size: 5.25rem; padding: .75rem 1rem; border-block-start: 1px solid var(--line); content-visibility: auto; contain-intrinsic-block-size: auto 5.25rem;
}
.thumb { display: grid; place-items: center; grid-area: 1 / 1 / span 3; inline-size: 3rem; block-size: 3rem; overflow: hidden; border-radius: .5rem; background: var(--sunken); color: var(--muted); }
.thumb .icon { inline-size: 1.5rem; block-size: 1.5rem; stroke-width: 1.5; }
.picture { inline-size: 100%; block-size: 100%; object-fit: cover; }
.row > :is(.row-meta, .track, .trouble) { grid-column: 2 / -1; min-inline-size: 0; }
.row > .row-meta { grid-column: 2; }
.row-name { display: grid; grid-column: 2; grid-template-columns: minmax(0, 1fr); min-inline-size: 0; font-weight: 600; line-height: 1.35; }
.name { display: flex; inline-size: fit-content; min-inline-size: 0; max-inline-size: 100%; white-space: pre; }
.name-head { overflow: hidden; text-overflow: ellipsis; }
.name-tail { flex: none; }
.folder { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--muted); font-size: var(--tiny); font-weight: 400; }
.row-meta { display: flex; flex-wrap: wrap; column-gap: .75rem; color: var(--muted); font-size: var(--tiny); line-height: 1.4; font-variant-numeric: tabular-nums; }
.row-meta span:empty { display: none; }
.state { display: inline-flex; align-items: center; gap: .25rem; color: var(--ink); font-weight: 550; }
.state .icon { inline-size: .9375rem; block-size: .9375rem; stroke-width: 2.25; }
.row[data-state="done"] .state { color: var(--good); }
.row[data-state="failed"] .state { color: var(--bad); }
.row:is([data-state="waiting"], [data-state="retrying"]) .state { color: var(--warn); }
.row:is([data-state="queued"], [data-state="paused"], [data-state="aborted"], [data-state="deleted"]) .state { color: var(--muted); }
.row:is([data-state="aborted"], [data-state="deleted"]) .row-name { color: var(--muted); text-decoration: line-through; text-decoration-thickness: 1px; }
.track { display: grid; grid-template-columns: 1fr 3rem; align-items: center; gap: .5rem; block-size: 1.125rem; }
.percent { font-size: var(--tiny); color: var(--muted); text-align: end; font-variant-numeric: tabular-nums; }
.row:is([data-state="paused"], [data-state="waiting"]) .bar-fill { background: var(--edge); }
.row:is([data-state="paused"], [data-state="waiting"]) .bar-confirmed { background: var(--muted); }
.row[data-bar="moving"] .bar-confirmed { display: none; }
.row[data-bar="moving"] .bar-fill { left: 0; right: auto; inline-size: 30%; transform: none; animation: seek 1.4s ease-in-out infinite alternate; }
@keyframes seek { to { transform: translateX(233.3%); } }
.trouble { display: grid; gap: .375rem; margin-block-start: .25rem; padding: .5rem .75rem; border-radius: .5rem; background: var(--bad-soft); font-size: var(--small); }
.trouble code { color: var(--bad); font-size: var(--tiny); }
.trouble summary { inline-size: fit-content; color: var(--muted); font-size: var(--tiny); cursor: pointer; }
.trouble dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .125rem .75rem; margin-block: .5rem; font-size: var(--tiny); overflow-wrap: anywhere; }
.trouble dt { color: var(--muted); }
.row-actions { grid-area: 1 / 3 / span 2; display: flex; gap: .25rem; align-self: center; margin-inline-end: -.5rem; }
@container (max-width: 34rem) {
  .row { grid-template-columns: 2.5rem minmax(0, 1fr) auto; padding-inline: .75rem; column-gap: .625rem; }
  .thumb { inline-size: 2.5rem; block-size: 2.5rem; }
  .row-actions { gap: 0; }
  .action.worded .wide { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  .row > .trouble { grid-column: 1 / -1; }
  .saved .row { grid-template-columns: minmax(0, 1fr); }
  .saved .row > .row-actions { grid-area: auto; flex-wrap: wrap; justify-self: start; margin-block-start: .375rem; }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
  .row[data-bar="moving"] .bar-fill { inline-size: 100%; background: repeating-linear-gradient(90deg, var(--accent) 0 .5rem, transparent .5rem 1rem); }
}
@media (forced-colors: active) {
  .bar { border: 1px solid CanvasText; }
  .bar-fill { background: Highlight; forced-color-adjust: none; }
  .action, .button, .thumb { border: 1px solid ButtonBorder; }
  .action[data-armed], .button[data-armed] { outline: 2px solid Highlight; }
}
@media (prefers-contrast: more) { :host { --muted: var(--ink); --line: var(--edge); } }
`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** @returns {CSSStyleSheet} */
export function stylesheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
