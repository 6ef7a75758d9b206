// A network namespace whose only link the kernel throttles: for the browser, where the user may make one.
import { spawnSync } from "node:child_process";
import { run, which } from "../../scripts/lib/run.mjs";

const BURST = "64kb";
/** The longest that a packet waits in the queue. */
const LATENCY = "50ms";

/**
 * @param {number} rate bytes per second in each direction
 * @returns {Promise<undefined | { host: string, through: string[], stop: () => Promise<void> }>} `host`: the address at
 *   which the namespace reaches this machine; `through`: the command that starts a program in it. Undefined where this
 *   is not permitted.
 */
export async function shapedNetwork(rate) {
  if (process.platform !== "linux" || process.getuid() !== 0 || !which("ip") || !which("tc")) return undefined;
  const name = `sealift-${process.pid}`;
  const [outside, inside] = [`so${process.pid}`, `si${process.pid}`];
  const subnet = `10.${(process.pid >> 8) & 255}.${process.pid & 255}`;
  const shape = ["root", "tbf", "rate", `${Math.round(rate * 8)}bit`, "burst", BURST, "latency", LATENCY];
  // With the namespace goes its end of the pair, and with that the other.
  const remove = () => spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  process.once("exit", remove);
  const stop = async () => {
    process.off("exit", remove);
    remove();
  };
  const commands = [
    ["ip", "netns", "add", name],
    ["ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name],
    ["ip", "addr", "add", `${subnet}.1/24`, "dev", outside],
    ["ip", "link", "set", outside, "up"],
    ["ip", "-n", name, "addr", "add", `${subnet}.2/24`, "dev", inside],
    ["ip", "-n", name, "link", "set", inside, "up"],
    ["ip", "-n", name, "link", "set", "lo", "up"],
    ["ip", "-n", name, "route", "add", "default", "via", `${subnet}.1`],
    ["tc", "qdisc", "add", "dev", outside, ...shape],
    ["ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", inside, ...shape],
  ];
  for (const [command, ...args] of commands) {
    if ((await run(command, args)).code === 0) continue;
    await stop();
    return undefined;
  }
  return { host: `${subnet}.1`, through: ["ip", "netns", "exec", name], stop };
}
