// Reads the totals that test runners print.

/** cargo test and wasm-bindgen-test: one `test result:` line per binary. */
export function cargoTotals(output) {
  const lines = [...output.matchAll(/^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/gm)];
  return sum(lines.map(([, passed, failed, skipped]) => ({ passed, failed, skipped })));
}

/** node --test, its `spec` reporter: a block of `ℹ name N` lines at the end. */
export function nodeTotals(output) {
  const number = (name) => Number(output.match(new RegExp(`^ℹ ${name} (\\d+)$`, "m"))?.[1] ?? 0);
  return {
    passed: number("pass"),
    failed: number("fail") + number("cancelled"),
    skipped: number("skipped") + number("todo"),
  };
}

function sum(counts) {
  const total = (key) => counts.reduce((all, count) => all + Number(count[key]), 0);
  return { passed: total("passed"), failed: total("failed"), skipped: total("skipped") };
}
