// What Sealift wants to reach, and whether it did: judged, never asserted.
import { CONTENDERS, PEERS, SEALIFT } from "./scenarios.mjs";

/** A tenth can be reached where a peer makes as many calls: three are the least, for create, parts and complete. */
export const MANY_CALLS = 60;
const MEMORY = 64 * 1024 * 1024;
/** Ratios of two medians are no more exact than this. */
const ROUNDING = 0.005;

/**
 * @param {{ scenarios: Record<string, { contenders: Record<string, object> }> }} results
 * @returns {{ scenario: string, goal: string, reached: string, met: boolean }[]} of what was measured
 */
export function judge({ scenarios }) {
  const judged = [];
  const speed = (scenario, id, other, least) => {
    const ratio = scenarios[scenario]?.contenders[id]?.times?.[other];
    if (ratio === undefined) return;
    const goal = `${CONTENDERS[id].title}: at least ${least} of ${CONTENDERS[other].title}`;
    judged.push({ scenario, goal, reached: ratio.toFixed(2), met: ratio >= least - ROUNDING });
  };
  speed("loopback", "sealift-none", "parts", 0.97);
  speed("loopback", "sealift-crc64nvme", "parts", 0.85);
  speed("loopback", "sealift-sha256", "parts", 0.75);
  speed("loopback", "sealift-chunks", "parts", 0.8);
  speed("loopback", "sealift-chunks", "sealift-sha256", 1);
  for (const id of SEALIFT) speed("throttled", id, "put", 0.98);
  speed("small", "sealift-none", "uppy", 2.5);
  speed("small", "sealift-sha256", "uppy", 2.5);
  speed("latency", "sealift-none", "uppy", 2.8);
  speed("latency", "sealift-sha256", "uppy", 2);

  for (const [scenario, { contenders }] of Object.entries(scenarios)) {
    const ours = SEALIFT.filter((id) => contenders[id]?.time);
    if (ours.length === 0) continue;
    const peers = PEERS.filter((id) => contenders[id]?.time);
    if (peers.length > 0) {
      const least = Math.min(...ours.flatMap((id) => peers.map((peer) => contenders[id].times[peer])));
      judged.push({ scenario, goal: "ahead of every peer in every mode", reached: `${least.toFixed(2)} × at least`, met: least > 1 });
    }
    const longest = Math.max(...ours.map((id) => contenders[id].longestTask));
    judged.push({ scenario, goal: "no long task over 50 ms", reached: longest ? `${Math.round(longest)} ms` : "none", met: longest <= 50 });
    const memory = Math.max(...ours.map((id) => contenders[id].memory ?? 0));
    if (memory > 0) judged.push({ scenario, goal: "renderer at most 64 MB above idle", reached: `${Math.round(memory / 2 ** 20)} MB`, met: memory <= MEMORY });
    const theirs = peers.filter((id) => CONTENDERS[id].signs).map((id) => contenders[id].signing);
    if (theirs.length === 0 || Math.min(...theirs) < MANY_CALLS) continue;
    const most = Math.max(...ours.map((id) => contenders[id].signing));
    const share = most / Math.min(...theirs);
    judged.push({ scenario, goal: "at most a tenth of the signing calls of any remote-signing peer", reached: `${most} of ${Math.min(...theirs)}`, met: share <= 0.1 });
  }
  return judged;
}
