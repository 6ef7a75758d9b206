// docs/element.md says all that there is, and nothing else.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/lib/paths.mjs";

const read = (...names) => readFileSync(path.join(ROOT, ...names), "utf8");
const page = read("docs", "element.md");
const scripts = readdirSync(path.join(ROOT, "js/element"), { recursive: true }).filter((name) => name.endsWith(".js") && !name.startsWith("strings")).map((name) => read("js/element", name)).join("\n");
const sorted = (names) => [...new Set(names)].sort();

/** The names in the first column of a section's table. */
function table(heading) {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading));
  return [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}

test("attributes: those that are observed or read", () => {
  const said = /const BUILT = (\[.*?\]);[\s\S]*?const SAID = (\[.*?\]);/.exec(scripts);
  const observed = [...JSON.parse(said[1]), ...JSON.parse(said[2])];
  const read = [...scripts.matchAll(/(?:host|this)\.(?:get|has)Attribute\("([a-z-]+)"\)/g)].map(([, name]) => name);
  const given = JSON.parse(/given = (\[.*?\])/.exec(scripts)[1]);
  assert.deepEqual(sorted([...observed, ...read, ...given, "theme"]), sorted(table("Attributes")));
});

test("events: those that are fired, and typed", () => {
  const fired = sorted([...scripts.matchAll(/#fire\("([a-z-]+)"/g)].map(([, name]) => name));
  assert.deepEqual(fired, sorted(table("Events")));
  assert.deepEqual(fired, sorted([...read("js", "element.d.ts").matchAll(/"(sealift-[a-z]+)": CustomEvent/g)].map(([, name]) => name)));
});

test("custom properties: those that the stylesheet reads", () => {
  assert.deepEqual(sorted([...scripts.matchAll(/var\((--sealift-[a-z-]+)/g)].map(([, name]) => name)), sorted(table("Looks")));
});

test("parts: each that is named exists", () => {
  const named = /Parts, for([\s\S]*?)\n\n/.exec(page)[1].matchAll(/`([a-z-]+)`/g);
  const there = new Set([...scripts.matchAll(/part: [`"]([^`"]+)[`"]/g)].flatMap(([, names]) => names.split(" ")));
  for (const [, name] of named) assert.ok(there.has(name) || (name === "pause-button" && there.has("${action}-button")), name);
});

test("every language has every sentence, with the same places", async () => {
  const { LANGUAGES, stringsFor } = await import("../../js/element/strings/index.js");
  const { en } = await import("../../js/element/strings/en.js");
  const places = (text) => sorted(Object.values(typeof text === "string" ? { text } : text).join(" ").match(/\{\w+\}/g) ?? []);
  for (const language of LANGUAGES.filter((name) => name !== "en")) {
    const strings = await stringsFor(language);
    assert.deepEqual(Object.keys(strings), Object.keys(en), language);
    for (const [key, text] of Object.entries(strings)) {
      assert.deepEqual(places(text), places(en[key]), `${language} ${key}`);
      if (typeof text !== "string") for (const category of new Intl.PluralRules(language).resolvedOptions().pluralCategories) assert.ok(text[category] ?? text.other, `${language} ${key} ${category}`);
    }
  }
});

test("every sentence is said somewhere", async () => {
  const { en } = await import("../../js/element/strings/en.js");
  const { stateView } = await import("../../js/element/states.js");
  const names = (pattern) => [...scripts.matchAll(pattern)].map(([, name]) => name);
  const made = {
    state: names(/^  (\w+): \{ (?:icon: "\w+", )?bar: /gm),
    row: names(/\["(\w+)", "\w+"\]/g),
    total: names(/this\.button\("(\w+)"/g),
    refused: names(/refuse\("(\w+)"/g),
  };
  assert.ok(made.state.length === 13 && made.state.every(stateView), "the states were found");
  const codes = readdirSync(path.join(ROOT, "src"), { recursive: true }).filter((name) => name.endsWith(".rs")).map((name) => read("src", name)).join("\n");
  const own = readdirSync(path.join(ROOT, "js"), { recursive: true }).filter((name) => name.endsWith(".js") && !name.startsWith("element/strings")).map((name) => read("js", name)).join("\n");
  const unsaid = Object.keys(en).filter((key) => {
    const [kind, name] = key.split(".");
    if (kind === "error") return !new RegExp(`\\b${name}\\b`).test(codes + own);
    return !made[kind]?.includes(name) && !scripts.includes(`"${key}"`);
  });
  assert.deepEqual(unsaid, []);
});
