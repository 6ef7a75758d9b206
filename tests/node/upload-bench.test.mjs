// What the upload bench computes from its runs, and the link that it slows down with.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { barChart } from "../../benches/upload/chart.mjs";
import { judge } from "../../benches/upload/goals.mjs";
import { startLink } from "../../benches/upload/link.mjs";
import { parseOptions } from "../../benches/upload/options.mjs";
import { SCENARIOS } from "../../benches/upload/scenarios.mjs";
import { summarise } from "../../benches/upload/summary.mjs";
import { rowsOf } from "../../benches/upload/table.mjs";

const ran = (time, more) => ({ time, longTasks: [], cpu: 1, memory: 10 * 2 ** 20, signing: 1, calls: {}, ...more });

/** Three rounds; the machine was slow in the second. */
const RUNS = {
  put: [ran(1_000), ran(5_000), ran(1_100)],
  parts: [ran(1_000), ran(5_000), { failure: "not done" }],
  "sealift-none": [ran(1_000), ran(5_100), ran(1_000)],
  uppy: [ran(2_000, { signing: 66 }), ran(10_000, { signing: 66 }), ran(2_000, { signing: 66 })],
};

test("ratios are taken within a round, and failed runs are left out", () => {
  const { contenders } = summarise(SCENARIOS.loopback, RUNS);
  assert.equal(contenders["sealift-none"].time, 1_000);
  assert.equal(contenders["sealift-none"].times.uppy, 2);
  assert.equal(contenders["sealift-none"].times.parts, (1 + 5_000 / 5_100) / 2);
  assert.deepEqual(contenders.parts.failures, ["not done"]);
  assert.deepEqual(summarise(SCENARIOS.loopback, { put: [{ failure: "no" }] }).contenders.put, { failures: ["no"] });
});

test("goals are judged by what was measured, and only those", () => {
  const judged = judge({ scenarios: { loopback: summarise(SCENARIOS.loopback, RUNS) } });
  const of = (words) => judged.find(({ goal }) => goal.includes(words));
  assert.equal(of("Sealift, none: at least 0.97").met, true);
  assert.equal(of("Sealift, crc64nvme"), undefined);
  assert.equal(of("long task").met, true);
  assert.equal(of("tenth").met, true);

  const slower = { ...RUNS, "sealift-none": [ran(2_100, { longTasks: [60], memory: 65 * 2 ** 20, signing: 7 })] };
  const missed = judge({ scenarios: { loopback: summarise(SCENARIOS.loopback, slower) } });
  assert.equal(missed.length, 5);
  assert.deepEqual(missed.filter(({ met }) => met), []);
});

test("a table has a row for each contender, and a chart a bar", () => {
  const { head, rows } = rowsOf(summarise(SCENARIOS.loopback, RUNS));
  assert.equal(rows.length, 4);
  for (const row of rows) assert.equal(row.length, head.length);
  const svg = barChart("A & B", [{ label: "<one>", value: 1, text: "1 s", kind: "peer" }, { label: "two", value: 0, text: "0 s", kind: "limit" }]);
  assert.equal(svg.match(/<rect/g).length, 2);
  assert.match(svg, /A &amp; B/);
  assert.match(svg, /&lt;one&gt;/);
});

test("options choose scenarios, contenders, rounds and size", () => {
  const { scenarios, adapt, write } = parseOptions(["--scenario", "loopback,small", "--only", "put,sealift", "--rounds", "1", "--size", "64"]);
  assert.deepEqual(scenarios, ["loopback", "small"]);
  assert.equal(write, false);
  const { contenders, rounds, size } = adapt(SCENARIOS.loopback);
  assert.deepEqual([contenders.length, contenders[0], rounds, size], [6, "put", 1, 64 * 1024 * 1024]);
  assert.equal(adapt(SCENARIOS.small).size, SCENARIOS.small.size);
  for (const wrong of [["--only", "nobody"], ["--rounds", "0"], ["--rounds"], ["--fast"]]) assert.throws(() => parseOptions(wrong), /--|not understood/);
});

for (const rate of [0, 50_000_000]) {
  test(`the link hands on every byte in order${rate ? ", at a rate" : ""}`, async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    echo.listen(0, "127.0.0.1");
    await once(echo, "listening");
    const link = await startLink({ roundTrip: 4, rate, targets: [echo.address().port] });
    try {
      await Promise.all([1, 2, 3].map(async () => {
        const sent = randomBytes(1_500_000);
        const socket = connect(link.ports[0], "127.0.0.1");
        socket.end(sent);
        const back = createHash("sha256");
        for await (const chunk of socket) back.update(chunk);
        assert.equal(back.digest("hex"), createHash("sha256").update(sent).digest("hex"));
      }));
    } finally {
      await link.stop();
      echo.close();
    }
  });
}
