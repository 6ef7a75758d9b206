// A TCP proxy on loopback that does to connections what bad networks do. It knows no HTTP, so whatever it breaks,
// it breaks between any two bytes; but for chunked bodies, which it can change (wire.mjs).
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WireEditor } from "./wire.mjs";

/**
 * @typedef {object} Faults what happens to connections; all may be changed while it runs (`proxy.faults`)
 * @property {number} [every] which connections are reset: every so many-th; none without it
 * @property {number | (() => number)} [resetAfter] bytes of the browser's after which those are reset; 0
 * @property {number} [lifetime] bytes of the browser's after which the others end too, once what they carried was answered
 * @property {number} [rate] bytes per second from the browser, all connections together
 * @property {number} [delay] milliseconds added each way
 * @property {import("./wire.mjs").Edit} [edit] changes chunked bodies, of connections that begin while it is there
 * @property {number} [swallow] so many answers are swallowed: the connection is reset instead
 */

/**
 * @param {string} to `host:port` of what stands behind it
 * @param {Faults} [faults]
 */
export async function startFaultProxy(to, faults = {}) {
  const proxy = new FaultProxy(to, faults);
  await new Promise((resolve, reject) => proxy.server.once("error", reject).listen(0, "127.0.0.1", resolve));
  proxy.host = `127.0.0.1:${proxy.server.address().port}`;
  proxy.url = `http://${proxy.host}`;
  return proxy;
}

class FaultProxy {
  constructor(to, faults) {
    const { hostname, port } = new URL(`http://${to}`);
    this.upstream = { host: hostname, port: Number(port) };
    this.faults = faults;
    this.pairs = new Set();
    /** Connections of browsers, and how many of them this proxy broke in mid-request. */
    this.connections = 0;
    this.broken = 0;
    this.isCut = false;
    /** While set, no byte moves, and nobody is told: what a dead link looks like. */
    this.silence = undefined;
    /** When the link is free again, by the rate. */
    this.freeAt = 0;
    // Half-open: what one side ended, the other may still be answering.
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (browser) => this.serve(browser));
  }

  serve(browser) {
    this.connections += 1;
    const server = connect({ ...this.upstream, allowHalfOpen: true, noDelay: true });
    const isBad = this.faults.every > 0 && this.connections % this.faults.every === 0;
    const pair = { browser, server, isBad, resetAfter: amount(this.faults.resetAfter), sent: 0, unanswered: 0 };
    this.pairs.add(pair);
    const end = () => this.end(pair);
    browser.on("error", end).on("close", end);
    // Once it has closed, its last bytes may still be on their way.
    server.on("error", end);
    if (this.isCut) return this.reset(pair);
    const delay = () => this.faults.delay ?? 0;
    const editor = this.faults.edit && new WireEditor((...given) => this.faults.edit?.(...given));
    pump(browser, server, delay, (bytes) => this.up(pair, bytes), (chunk) => editor?.push(chunk) ?? chunk).catch(end);
    pump(server, browser, delay, () => this.down(pair)).catch(end);
  }

  /** Before bytes of the browser go on. Resolves to false when they do not. */
  async up(pair, bytes) {
    pair.sent += bytes;
    pair.unanswered += bytes;
    if (pair.isBad && pair.sent > pair.resetAfter) return this.reset(pair);
    if (this.faults.rate > 0) {
      this.freeAt = Math.max(this.freeAt, performance.now()) + (bytes / this.faults.rate) * 1000;
      await sleepUntil(this.freeAt);
    }
    await this.silence;
    return this.pairs.has(pair);
  }

  async down(pair) {
    if (this.faults.swallow > 0) {
      this.faults.swallow -= 1;
      return this.reset(pair);
    }
    await this.silence;
    pair.unanswered = 0;
    if (!pair.isBad && pair.sent > (this.faults.lifetime ?? Infinity)) this.retire(pair);
    return this.pairs.has(pair);
  }

  /** Ends a connection between two requests, as servers and load balancers do. */
  async retire(pair) {
    await sleep(20);
    if (pair.unanswered === 0 && this.pairs.has(pair)) pair.browser.end();
  }

  reset(pair) {
    if (pair.unanswered > 0) this.broken += 1;
    for (const socket of [pair.browser, pair.server]) socket.resetAndDestroy();
    this.pairs.delete(pair);
    return false;
  }

  end(pair) {
    this.pairs.delete(pair);
    for (const socket of [pair.browser, pair.server]) socket.destroy();
  }

  /** Resets every connection, and new ones too, until `milliseconds` have passed. */
  async cut(milliseconds) {
    this.isCut = true;
    for (const pair of [...this.pairs]) this.reset(pair);
    await sleep(milliseconds);
    this.isCut = false;
  }

  /** Lets nothing through for `milliseconds`, without a word to either side. */
  async fallSilent(milliseconds) {
    const silence = sleep(milliseconds);
    this.silence = silence;
    await silence;
    this.silence = undefined;
  }

  stop() {
    for (const pair of [...this.pairs]) this.end(pair);
    return new Promise((resolve) => this.server.close(resolve));
  }
}

const amount = (value = 0) => (typeof value === "function" ? value() : value);

/** Bytes that may be on their way each way: enough for a fast link with a long round trip. */
const ON_THE_WAY = 4 * 1024 * 1024;

/**
 * Moves bytes in their order, each chunk after its delay. `pass(bytes)` may hold a chunk back, or stop everything by
 * resolving to false; a side that reads slowly slows the other. `change(chunk)` is what goes on for it.
 */
async function pump(from, to, delay, pass, change = (chunk) => chunk) {
  let queue = Promise.resolve(true);
  let queued = 0;
  const closing = new AbortController();
  to.once("close", () => closing.abort());
  const move = async (chunk, due) => {
    await sleepUntil(due);
    const isOpen = await pass(chunk.length);
    if (isOpen && !to.write(change(chunk))) await once(to, "drain", { signal: closing.signal });
    queued -= chunk.length;
    return isOpen;
  };
  for await (const chunk of from.iterator({ destroyOnReturn: false })) {
    const due = performance.now() + delay();
    queued += chunk.length;
    queue = queue.then((isOpen) => isOpen && move(chunk, due));
    // Awaited below; until then its failure is nobody's.
    queue.catch(() => {});
    if (queued > ON_THE_WAY || delay() === 0) await queue;
  }
  if (await queue) to.end();
}

const sleepUntil = async (moment) => {
  const left = moment - performance.now();
  if (left > 0) await sleep(left);
};
