// The words and numbers of the demo page.
import assert from "node:assert/strict";
import test from "node:test";
import { bytes, counted, displayName, percent, speed, splitName, timeLeft } from "../../www/format.js";

const plain = (text) => text.replaceAll("\u00a0", " ");

test("sizes never round up into a unit they have not reached by name", () => {
  const cases = [[0, "0 B"], [1, "1 B"], [999, "999 B"], [1000, "1 kB"], [1210, "1.21 kB"], [999_499, "999 kB"], [999_500, "1 MB"], [5 * 2 ** 20, "5.24 MB"], [2 ** 40, "1.1 TB"]];
  for (const [count, text] of cases) assert.equal(plain(bytes(count)), text);
});

test("speed and time left say nothing while nothing is known", () => {
  for (const nothing of [0, NaN, Infinity]) assert.equal(speed(nothing), "");
  for (const nothing of [Infinity, NaN, undefined, null, -1]) assert.equal(timeLeft(nothing), "");
  assert.equal(plain(speed(2_500_000)), "2.5 MB/s");
});

test("time left gets coarser as it gets longer, and never says zero", () => {
  const cases = [[0, "1 s left"], [59, "59 s left"], [60, "1 min left"], [61, "2 min left"], [3540, "59 min left"], [3541, "1 h 0 min left"], [9000, "2 h 30 min left"], [300_000, "3 days left"]];
  for (const [seconds, text] of cases) assert.equal(plain(timeLeft(seconds)), text);
});

test("100 % is kept for what S3 has confirmed", () => {
  assert.equal(percent(1, false), 99);
  assert.equal(percent(0.999999, false), 99);
  assert.equal(percent(NaN, false), 0);
  assert.equal(percent(0, true), 100);
});

test("counts", () => {
  assert.equal(plain(counted(1)), "1 file");
  assert.equal(plain(counted(0)), "0 files");
  assert.equal(plain(counted(1234, "try", "tries")), "1,234 tries");
});

test("a name cannot turn its direction around or break its line", () => {
  assert.equal(displayName("invoice\u202egpj.exe"), "invoice\ufffdgpj.exe");
  assert.equal(displayName("a\nb\u2066c\u0007"), "a\ufffdb\ufffdc\ufffd");
  assert.equal(displayName("übersicht ملف 👩‍👩‍👧.txt"), "übersicht ملف 👩‍👩‍👧.txt");
});

test("a split name loses nothing, keeps its extension, and never cuts a letter in two", () => {
  const family = "👩‍👩‍👧‍👦";
  const names = ["a.txt", "x".repeat(200), `${"x".repeat(60)}.tar.gz`, `${family.repeat(20)}.png`, ".a-hidden-file-with-a-long-name", "no extension at all, but long", ""];
  for (const name of names) {
    const { head, tail } = splitName(name);
    assert.equal(head + tail, name);
  }
  assert.deepEqual(splitName("short.txt"), { head: "short.txt", tail: "" });
  assert.ok(splitName("a-rather-long-name-of-a-report.pdf").tail.endsWith("port.pdf"));
  assert.equal(splitName(`${family.repeat(20)}.png`).tail, `${family.repeat(4)}.png`);
});
