// What can be checked of the pages without a browser: no inline code, nothing from elsewhere, contrast.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../www/", import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), "utf8");
const files = readdirSync(folder);
const pages = files.filter((name) => name.endsWith(".html"));
const scripts = files.filter((name) => name.endsWith(".js"));
const css = read("style.css");

test("pages hold no inline script, style or handler, and load nothing from elsewhere", () => {
  assert.deepEqual(pages.sort(), ["form-done.html", "form.html", "index.html", "widget.html"]);
  for (const page of pages) {
    const html = read(page);
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/, page);
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=/, page);
    assert.doesNotMatch(html, /(?:src|href|action)="(?:https?:)?\/\//, page);
  }
  for (const name of scripts) assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/, name);
});

test("the pages without JavaScript have none, and the places that the server fills in", () => {
  for (const page of ["form.html", "form-done.html"]) assert.doesNotMatch(read(page), /<script/, page);
  const form = read("form.html");
  assert.match(form, /<form [^>]*action="{{action}}" method="post" enctype="multipart\/form-data">/);
  const fields = form.indexOf("<!--sealift:form-fields-->");
  const file = form.search(/<input [^>]*type="file"/);
  assert.ok(fields > 0 && fields < file, "S3 ignores every field after the file");
  assert.equal(form.slice(file + 1, form.indexOf("</form>")).search(/<(?:input|select|textarea|button [^>]*name)/), -1);
  for (const place of ["{{max_size}}", "{{type}}", "{{accept}}"]) assert.ok(form.includes(place), place);
  for (const place of ["{{key}}", "{{size}}", "{{url}}"]) assert.ok(read("form-done.html").includes(place), place);
});

test("every icon that is named exists, and every one that exists is named", () => {
  const html = read("index.html");
  const ids = [...html.matchAll(/<symbol id="([^"]+)"/g)].map(([, id]) => id);
  const kinds = ["image", "video", "audio", "archive", "table", "code", "text", "file"].map((kind) => `i-${kind}`);
  const used = new Set([...html.matchAll(/<use href="#([^"]+)"/g)].map(([, id]) => id).concat(kinds));
  for (const [, id] of read("states.js").matchAll(/icon: "([^"]+)"/g)) used.add(id);
  assert.deepEqual([...used].sort(), ids.sort());
});

test("text and its ground reach 4.5:1, edges and bars 3:1, in light and in dark", () => {
  const colours = Object.fromEntries([...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [name, [light, dark]]));
  const text = { page: ["ink", "muted", "accent", "good"], surface: ["ink", "muted", "accent", "good", "bad", "warn"], sunken: ["ink", "muted"], "accent-soft": ["ink", "accent-strong"], "bad-soft": ["ink", "muted", "bad"], accent: ["on-accent"], "accent-strong": ["on-accent"], bad: ["on-bad"] };
  const shapes = { page: ["edge"], surface: ["edge"], sunken: ["accent", "edge"], "bad-soft": ["accent"] };
  for (const [grounds, least] of [[text, 4.5], [shapes, 3]]) {
    for (const [ground, marks] of Object.entries(grounds)) {
      for (const mark of marks) {
        for (const scheme of [0, 1]) {
          const ratio = contrast(colours[mark][scheme], colours[ground][scheme]);
          assert.ok(ratio >= least, `${mark} on ${ground}, ${scheme ? "dark" : "light"}: ${ratio.toFixed(2)}`);
        }
      }
    }
  }
});

/** WCAG 2.2, "contrast ratio". */
function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
