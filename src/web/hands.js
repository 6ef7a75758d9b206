// The engine's hands in a browser: requests, readings, a timer, and JSON. Rust (hands.rs) says what is to be done, by
// the number of a task; each task is answered once, unless it was stopped. Nothing is decided here, and no byte of a
// file enters wasm. In JavaScript because the same calls by way of wasm weigh several times as much (ADR 6).

/**
 * @typedef {[name: string, value: string][]} Pairs
 *
 * What the page hands in, checked by its facade.
 * @typedef {object} Page
 * @property {string} endpoint Without a slash at its end.
 * @property {RequestCredentials} credentials
 * @property {(asked?: number) => Promise<HeadersInit>} headers The app's own; renewed if a call begun then was answered 401.
 * @property {(blob: Blob, algorithms: string, signal: AbortSignal, chunkSize: number) => Promise<{ chunks?: Uint8Array }>} hash
 *   `chunks`: with a `chunkSize` above 0, the SHA-256 of every chunk, packed.
 * @property {(blob: Blob, chunkSize: number, signatures: string) => Promise<Blob>} chunked The body in signed chunks.
 * @property {(upload: number, record: unknown) => void} [save]
 * @property {(upload: number) => void} [forget]
 *
 * Hears of task 0 when the timer has come, of 1 when the network may be back, of 2 when it is gone; of the others how
 * many bytes have left, or with -1 how they ended: undefined where there is no answer.
 * @typedef {(task: number, sent: number, outcome?: unknown) => void} Heard
 */

/** How often Rust hears of a request's progress: WebKit tells it a thousand times for 8 MB. */
const PROGRESS_EVERY_MS = 50;
/** A longer delay would end at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export class Hands {
  #page;
  #heard;
  /** How to stop each task under way. @type {Map<number, () => void>} */ #tasks = new Map();
  /** By the number of the upload. @type {Map<number, { blob: Blob, chunks: Map<number, Uint8Array>, target?: object, refused?: unknown }>} */ #files = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #closed = new AbortController();

  /**
   * @param {Page} page
   * @param {Heard} heard
   */
  constructor(page, heard) {
    this.#page = page;
    this.#heard = heard;
    // Pages and workers tell it; elsewhere there always is a network.
    const isOffline = () => globalThis.navigator?.onLine === false;
    const changed = () => heard(isOffline() ? 2 : 1, 0);
    for (const event of ["online", "offline"]) globalThis.addEventListener?.(event, changed, { signal: this.#closed.signal });
    if (isOffline()) queueMicrotask(changed);
  }

  close() {
    this.#closed.abort();
    clearTimeout(this.#timer);
    for (const task of this.#tasks.keys()) this.stop(task);
  }

  /** @param {number} upload @param {Blob} blob */
  keep(upload, blob) {
    this.#files.set(upload, { blob, chunks: new Map() });
  }

  /** @param {number} upload */
  drop(upload) {
    this.#files.delete(upload);
  }

  /**
   * Where the last request went: what somebody must know to mend a bucket's CORS. `refused`: what S3 refused last, and
   * with which words, to explain a signature that does not match.
   * @param {number} upload
   */
  target(upload) {
    const { target, refused } = this.#files.get(upload) ?? {};
    return target && { ...target, refused };
  }

  /** @param {number} delay in milliseconds; negative for none. */
  timer(delay) {
    clearTimeout(this.#timer);
    if (delay >= 0) this.#timer = setTimeout(this.#heard, Math.min(delay, LONGEST_DELAY_MS), 0, 0);
  }

  /**
   * Keeps a record beyond the page, or without one forgets all of an upload. Later: the page may call back.
   * @param {number} upload
   * @param {unknown} record
   */
  save(upload, record) {
    queueMicrotask(() => (record ? this.#page.save?.(upload, record) : this.#page.forget?.(upload)));
  }

  /** @param {number} task */
  stop(task) {
    const stop = this.#tasks.get(task);
    this.#tasks.delete(task);
    stop?.();
  }

  /**
   * Answers `{ sha256?, crc64nvme? }`. The hashes of chunks of `chunkSize` bytes, unless that is 0, stay here.
   * @param {number} task
   * @param {number} upload
   * @param {number} start
   * @param {number} end
   * @param {string} algorithms
   * @param {number} chunkSize
   */
  hash(task, upload, start, end, algorithms, chunkSize) {
    void this.#run(task, async (signal) => {
      const digests = await this.#page.hash(this.#bytes(upload, start, end), algorithms, signal, chunkSize);
      if (digests.chunks && !signal.aborted) this.#files.get(upload)?.chunks.set(start, digests.chunks);
      return digests;
    });
  }

  /**
   * The hashes of the chunks of the range that begins there, in base64; undefined if it was not hashed.
   * @param {number} upload
   * @param {number} start
   */
  chunkHashes(upload, start) {
    const hashes = this.#files.get(upload)?.chunks.get(start);
    let binary = "";
    for (const byte of hashes ?? []) binary += String.fromCharCode(byte);
    return hashes && btoa(binary);
  }

  /** @param {number} upload @param {number} start */
  dropChunks(upload, start) {
    this.#files.get(upload)?.chunks.delete(start);
  }

  /**
   * Posts JSON to the signing endpoint: answers `{ status, retryAfter, json }`, with status 0 when the app's own
   * headers cannot be had.
   * @param {number} task
   * @param {string} path
   * @param {unknown} body
   */
  call(task, path, body) {
    void this.#run(task, async (signal) => {
      const asked = performance.now();
      let response = await this.#post(path, body, signal);
      if (response?.status === 401) response = await this.#post(path, body, signal, asked);
      if (!response) return { status: 0 };
      const { status, headers } = response;
      return { status, retryAfter: milliseconds(headers.get("retry-after")), json: parsed(await response.text(), headers.get("x-request-id")) };
    });
  }

  /**
   * Sends a request to S3: its own text, or a range of a file, which goes as it is or, by a POST, as the last field of
   * a form. A form has no listener for its progress: with one, it would cost a preflight. Answers what `answerOf` says.
   * @param {number} task
   * @param {number} upload
   * @param {string} method
   * @param {string} url
   * @param {Pairs} pairs headers, or the fields of a form
   * @param {string | undefined} text
   * @param {number} start
   * @param {number} end
   * @param {number} chunkSize
   * @param {string | undefined} signatures of chunks of that size, if they are signed
   */
  send(task, upload, method, url, pairs, text, start, end, chunkSize, signatures) {
    const xhr = new XMLHttpRequest();
    const ended = (/** @type {unknown} */ outcome) => this.#end(task, outcome);
    this.#tasks.set(task, () => xhr.abort());
    const file = this.#files.get(upload);
    xhr.onload = () => {
      if (file && xhr.status === 403) file.refused = { method, url, headers: pairs, answer: xhr.responseText };
      ended(answerOf(xhr));
    };
    xhr.onerror = () => ended(undefined);
    try {
      xhr.open(method, url);
      /** @type {Blob | FormData | string | null} */
      let body;
      if (text === undefined && method === "POST") {
        body = new FormData();
        for (const [name, value] of pairs) body.append(name, value);
        body.append("file", this.#bytes(upload, start, end));
        pairs = [];
      } else if (text === undefined) {
        // Of a type that is not among the headers, the browser would make one.
        body = this.#bytes(upload, start, end, !pairs.some(([name]) => name.toLowerCase() === "content-type"));
        let scale = 1;
        if (signatures !== undefined) {
          const send = (/** @type {Blob} */ made) => {
            scale = (end - start) / made.size;
            if (this.#tasks.has(task)) xhr.send(made);
          };
          this.#page.chunked(body, chunkSize, signatures).then(send).catch(() => ended(undefined));
        }
        let told = 0;
        xhr.upload.onprogress = ({ loaded, total }) => {
          const now = performance.now();
          if (loaded < total && now - told < PROGRESS_EVERY_MS) return;
          told = now;
          if (this.#tasks.has(task)) this.#heard(task, Math.floor(loaded * scale));
        };
      } else {
        // With an empty text, the browser would add a Content-Type that nobody signed.
        body = text || null;
      }
      for (const [name, value] of pairs) xhr.setRequestHeader(name, value);
      if (file) file.target = { origin: new URL(url).origin, method, headers: pairs.map(([name]) => name) };
      if (signatures === undefined) xhr.send(body);
    } catch {
      // The browser refuses to send it at all. Rust is not to hear of it before it is done with this turn.
      queueMicrotask(() => ended(undefined));
    }
  }

  /**
   * @param {number} task
   * @param {(signal: AbortSignal) => Promise<unknown>} work
   */
  async #run(task, work) {
    const controller = new AbortController();
    this.#tasks.set(task, () => controller.abort());
    // What is the page's own may call back, so not in Rust's turn.
    await null;
    let outcome;
    try {
      if (this.#tasks.has(task)) outcome = await work(controller.signal);
    } catch {
      // No outcome says it.
    }
    this.#end(task, outcome);
  }

  /** @param {number} task @param {unknown} outcome */
  #end(task, outcome) {
    if (this.#tasks.delete(task)) this.#heard(task, -1, outcome);
  }

  /**
   * Nothing, if the app's headers cannot be had.
   * @param {string} path
   * @param {unknown} body
   * @param {AbortSignal} signal
   * @param {number} [refused] When a call was begun that was answered 401.
   */
  async #post(path, body, signal, refused) {
    const { endpoint, credentials } = this.#page;
    let headers;
    try {
      headers = new Headers(await this.#page.headers(refused));
    } catch {
      return;
    }
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return fetch(endpoint + path, { method: "POST", credentials, headers, body: JSON.stringify(body), signal });
  }

  /**
   * The file itself where all of it is meant: browsers read that faster than a slice. Slices have no type.
   * @param {number} upload
   * @param {number} start
   * @param {number} end
   * @param {boolean} [untyped]
   */
  #bytes(upload, start, end, untyped) {
    const { blob } = /** @type {{ blob: Blob }} */ (this.#files.get(upload));
    return end - start === blob.size && !(untyped && blob.type) ? blob : blob.slice(start, end);
  }
}

/** @param {XMLHttpRequest} xhr */
function answerOf(xhr) {
  // Asking for one header that CORS hides would write to the console.
  const headers = xhr.getAllResponseHeaders();
  const header = (/** @type {string} */ name) => new RegExp(`^${name}: *(.*)`, "im").exec(headers)?.[1];
  return {
    status: xhr.status,
    // Some servers name it only in the document that answers a form.
    etag: header("etag") ?? (xhr.status === 201 ? /<ETag>(?:&quot;|")?([^<&"]+)/.exec(xhr.responseText)?.[1] : undefined),
    sha256: header("x-amz-checksum-sha256"),
    crc64nvme: header("x-amz-checksum-crc64nvme"),
    requestId: header("x-amz-request-id"),
    retryAfter: milliseconds(header("retry-after")),
    body: xhr.responseText,
  };
}

/**
 * What `Retry-After` (RFC 9110, 10.2.3: seconds or a date) says from now; undefined if nothing.
 * @param {string | null | undefined} value
 */
function milliseconds(value) {
  if (!value) return;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return wait >= 0 ? wait : undefined;
}

/**
 * Errors of items are told the id of their call, which finds it in the endpoint's log.
 * @param {string} text
 * @param {string | null} requestId
 */
function parsed(text, requestId) {
  try {
    return JSON.parse(text, (name, value) => (name === "error" && value ? { requestId, ...value } : value));
  } catch {
    // Something else than an endpoint wrote it.
  }
}

// JSON, read by name. What is missing, or is something else, is undefined or not a number.

/** @param {any} from @param {string} name */
export const child = (from, name) => from?.[name] ?? undefined;

/** @param {any} from @param {string} name @returns {string | undefined} */
export const text = (from, name) => (typeof from?.[name] === "string" ? from[name] : undefined);

/** @param {any} from @param {string} name @returns {number} */
export const number = (from, name) => (typeof from?.[name] === "number" ? from[name] : NaN);

/** @param {any} from @param {string} name */
export const isTrue = (from, name) => from?.[name] === true;

/** Milliseconds since 1970. @param {any} from @param {string} name */
export const moment = (from, name) => Date.parse(text(from, name) ?? "");

/** @param {unknown} list @param {number} index */
export const item = (list, index) => (Array.isArray(list) ? list[index] : undefined);

// And written.

/** Without a prototype, so that every name is a plain one. @returns {Record<string, unknown>} */
export const object = () => Object.create(null);

/** @returns {unknown[]} */
export const list = () => [];

/** @param {Record<string, unknown>} object @param {string} name @param {unknown} value */
export const put = (object, name, value) => void (object[name] = value);

/** @param {unknown[]} list @param {unknown} value */
export const push = (list, value) => void list.push(value);

/** @param {unknown[]} list @param {string} name @param {string} value */
export const pushPair = (list, name, value) => void list.push([name, value]);
