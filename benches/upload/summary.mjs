// From runs to figures: medians, and ratios of runs of the same round, which share what else the machine was doing.

/**
 * @param {object} scenario
 * @param {Record<string, object[]>} runs by contender, in the order of rounds
 */
export function summarise(scenario, runs) {
  const contenders = Object.fromEntries(Object.entries(runs).map(([id, mine]) => [id, figures(mine, runs)]));
  return { ...scenario, contenders };
}

/** `times[other]`: how many times as fast as that contender. */
function figures(mine, runs) {
  const done = mine.filter(({ failure }) => !failure);
  const failures = mine.flatMap(({ failure }) => failure ?? []);
  if (done.length === 0) return { failures };
  const middle = (of) => median(done.map(of));
  const times = {};
  for (const [other, theirs] of Object.entries(runs)) {
    const ratios = mine.flatMap(({ time }, round) => (time && theirs[round]?.time ? theirs[round].time / time : []));
    if (ratios.length > 0) times[other] = median(ratios);
  }
  return {
    failures,
    time: middle(({ time }) => time),
    allTimes: done.map(({ time }) => time),
    times,
    cpu: middle(({ cpu }) => cpu),
    memory: done[0].memory === undefined ? undefined : middle(({ memory }) => memory),
    longTasks: middle(({ longTasks }) => longTasks.length),
    longestTask: Math.max(0, ...done.flatMap(({ longTasks }) => longTasks)),
    signing: middle(({ signing }) => signing),
    calls: done[0].calls,
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}
