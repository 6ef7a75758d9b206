// A link with a round trip and a rate, as a process of its own: what it costs must not slow the app server down.
//
// Bytes are taken in, wait half a round trip and go on; a new connection waits a round trip more, as TCP's handshake
// would. With a rate, the connections of one direction take turns.
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** What one connection may have under way in one direction. */
const WINDOW = 16 * 1024 * 1024;
/** With a rate: what may wait for its turn, and the most that goes at a time. */
const QUEUE = 256 * 1024;
const PIECE = 16 * 1024;

/**
 * @param {object} options
 * @param {number} options.roundTrip ms
 * @param {number} [options.rate] bytes per second in each direction; none by default
 * @param {number[]} options.targets ports on loopback
 * @param {string} [options.host] where it listens
 * @returns {Promise<{ ports: number[], stop: () => Promise<void> }>} a port for each target
 */
export async function startLink({ roundTrip, rate = 0, targets, host = "127.0.0.1" }) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ roundTrip, rate, targets, host })]);
  const [ports] = await once(child, "message");
  return {
    ports,
    async stop() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { roundTrip, rate, targets, host } = JSON.parse(process.argv[2]);
  const directions = [new Direction(roundTrip / 2, rate), new Direction(roundTrip / 2, rate)];
  const ports = targets.map(async (target) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => relay(near, target, roundTrip, directions));
    server.listen(0, host);
    await once(server, "listening");
    return server.address().port;
  });
  process.send(await Promise.all(ports));
  process.once("disconnect", () => process.exit());
}

function relay(near, target, roundTrip, [up, down]) {
  const far = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const established = performance.now() + roundTrip;
  up.carry(near, far, established);
  down.carry(far, near, established);
  for (const socket of [near, far]) {
    socket.on("error", () => {});
    socket.on("close", (failed) => {
      if (!failed) return;
      near.destroy();
      far.destroy();
    });
  }
}

/** One direction of the link: all connections share its rate. */
function Direction(delay, rate) {
  const waiting = new Set();
  let free = 0;
  let timer;

  this.carry = (from, to, established) => {
    const lane = new Lane(from, to, delay, established);
    from.on("data", (chunk) => {
      if (rate === 0) return lane.send(chunk, performance.now());
      lane.queue(chunk);
      waiting.add(lane);
      serve();
    });
    from.on("end", () => {
      lane.ending = true;
      if (!waiting.has(lane)) lane.end();
    });
  };

  /** Hands out what the rate allows until now; each piece is sent at the moment that is its turn. */
  function serve() {
    const now = performance.now();
    free = Math.max(free, now - 2);
    while (waiting.size > 0 && free <= now) {
      const [lane] = waiting;
      waiting.delete(lane);
      const piece = lane.take();
      free += (piece.length / rate) * 1_000;
      lane.send(piece, free);
      if (lane.hasMore()) waiting.add(lane);
      else if (lane.ending) lane.end();
    }
    if (waiting.size > 0) timer ??= setTimeout(() => ((timer = undefined), serve()), Math.max(1, free - now));
  }
}

/** One connection in one direction. */
class Lane {
  #chunks = [];
  #queued = 0;
  #flying = [];
  #inFlight = 0;
  #timer;
  #blocked = false;

  constructor(from, to, delay, established) {
    Object.assign(this, { from, to, delay, established, ending: false });
    to.on("drain", () => {
      this.#blocked = false;
      this.#deliver();
    });
  }

  queue(chunk) {
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    this.#restrain();
  }

  take() {
    const [chunk] = this.#chunks;
    const piece = chunk.subarray(0, PIECE);
    if (piece.length === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(PIECE);
    this.#queued -= piece.length;
    this.#restrain();
    return piece;
  }

  hasMore = () => this.#chunks.length > 0;

  /** `from`: when it leaves; it arrives a delay later. */
  send(chunk, from) {
    this.#flying.push({ chunk, at: Math.max(from, this.established) + this.delay });
    this.#inFlight += chunk.length;
    this.#restrain();
    this.#deliver();
  }

  end() {
    this.#flying.push({ at: performance.now() + this.delay });
    this.#deliver();
  }

  #deliver() {
    const now = performance.now();
    while (this.#flying.length > 0 && this.#flying[0].at <= now && !this.#blocked) {
      const { chunk } = this.#flying.shift();
      if (!chunk) {
        this.to.end();
        return;
      }
      this.#inFlight -= chunk.length;
      this.#blocked = !this.to.write(chunk);
    }
    this.#restrain();
    if (this.#flying.length === 0 || this.#blocked || this.#timer) return;
    this.#timer = setTimeout(() => ((this.#timer = undefined), this.#deliver()), Math.max(1, this.#flying[0].at - now));
  }

  #restrain() {
    const full = this.#inFlight >= WINDOW || this.#queued >= QUEUE;
    if (full && !this.from.isPaused()) this.from.pause();
    else if (!full && this.from.isPaused()) this.from.resume();
  }
}
