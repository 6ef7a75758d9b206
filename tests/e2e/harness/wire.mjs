// What somebody between a page and S3 could do to a chunked body: the requests of one connection, taken apart, changed
// and put together again. Everything else passes as it comes.

const [CRLF, HEAD_END] = [Buffer.from("\r\n"), Buffer.from("\r\n\r\n")];

/**
 * @typedef {object} Chunk bytes of a chunked body
 * @property {Buffer} head its line, with the signature
 * @property {Buffer} data none in the last one
 *
 * @typedef {(body: { chunks: Chunk[], trailer: Buffer }, head: string) => { chunks: Chunk[], trailer: Buffer } | undefined} Edit
 *   `trailer`: lines behind the last chunk, each with its end. Undefined leaves the body as it is.
 */

export class WireEditor {
  #held = Buffer.alloc(0);
  #passing = 0;
  #edit;

  /** @param {Edit} edit */
  constructor(edit) {
    this.#edit = edit;
  }

  /** What goes on for these bytes of the browser: more, or fewer, or none until the rest of a request is here. */
  push(bytes) {
    const out = [];
    this.#held = Buffer.concat([this.#held, bytes]);
    while (this.#held.length > 0) {
      if (this.#passing > 0) {
        out.push(this.#take(Math.min(this.#passing, this.#held.length)));
        this.#passing -= out.at(-1).length;
        continue;
      }
      const end = this.#held.indexOf(HEAD_END);
      if (end < 0) break;
      const head = this.#held.toString("latin1", 0, end);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (!/^content-encoding: *aws-chunked/im.test(head)) {
        out.push(this.#take(end + HEAD_END.length));
        this.#passing = length;
        continue;
      }
      if (this.#held.length < end + HEAD_END.length + length) break;
      this.#take(end + HEAD_END.length);
      out.push(...this.#edited(head, this.#take(length)));
    }
    return Buffer.concat(out);
  }

  #take(length) {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  /** The length that the head tells is that of what goes on: who cuts a body would see to that. */
  #edited(head, body) {
    const changed = this.#edit(parse(body), head);
    const sent = changed ? Buffer.concat([...changed.chunks.flatMap(({ head, data }) => [head, CRLF, data, ...(data.length > 0 ? [CRLF] : [])]), changed.trailer, CRLF]) : body;
    return [Buffer.from(head.replace(/^(content-length: *)\d+/im, `$1${sent.length}`), "latin1"), HEAD_END, sent];
  }
}

/** The chunks of a body, the empty one last, and what stands behind them. */
function parse(body) {
  const chunks = [];
  for (let at = 0; ; ) {
    const end = body.indexOf(CRLF, at);
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (end < 0 || Number.isNaN(size)) throw new Error(`no chunk at ${at} of ${body.length}`);
    const start = end + CRLF.length;
    chunks.push({ head: body.subarray(at, end), data: body.subarray(start, start + size) });
    if (size === 0) return { chunks, trailer: body.subarray(start, body.length - CRLF.length) };
    at = start + size + CRLF.length;
  }
}

/** Bytes with one of them flipped. */
export function flipped(bytes, at) {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1;
  return copy;
}
