// Reads a Blob piece by piece with flat memory, whatever the engine can do.

import { PATIENCE_MS, within } from "./within.js";

const SMALLEST = 64 * 1024;
const LARGEST = 1024 * 1024;
/** Fewer bytes than this are not handed over by one read: each leaves a few kilobytes of garbage, 14,000 times a GiB. */
const FEWEST = 1024 * 1024;
const NONE = new ArrayBuffer(0);

/** @typedef {{ read(view: Uint8Array<ArrayBuffer>, options: { min: number }): Promise<{ done: boolean, value?: Uint8Array<ArrayBuffer> }> }} MinReader */

/**
 * Streams and readers with a read under way. In Chromium a reader that nothing
 * else refers to can be collected while its read is pending, and then the read
 * never settles.
 * @type {Set<{ stream: ReadableStream<Uint8Array>, reader: unknown }>}
 */
const held = new Set();

/**
 * The bytes of `blob`, in order. When a way of reading fails or never answers,
 * the rest is read another way; only when none is left does the error surface.
 *
 * A piece is valid until the next one is asked for.
 *
 * @param {Blob} blob
 * @param {{ largest?: number, patience?: number, room?: { buffer: ArrayBuffer } }} [options]
 *   `largest`: bytes of a piece at most, 64 KiB to 1 MiB; `patience`: milliseconds that one read may take; `room`: the
 *   buffer of an earlier reading, for this one to use, and to leave behind.
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
export async function* readPieces(blob, { largest = LARGEST, patience = PATIENCE_MS, room = { buffer: NONE } } = {}) {
  let offset = 0;
  /** @type {unknown} */
  let failure;
  for (const way of [readIntoBuffer, readStream, readSlices]) {
    try {
      const rest = offset === 0 ? blob : blob.slice(offset);
      for await (const piece of way(rest, largest, patience, room)) {
        offset += piece.byteLength;
        yield piece;
      }
      if (offset === blob.size) return;
      failure = shortened();
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * Reads `blob` as a whole: afterwards it is the beginning of `room.buffer`.
 * Yields the bytes read so far, now and then.
 *
 * @param {Blob} blob
 * @param {{ buffer: ArrayBuffer }} room Another buffer afterwards, the given one being transferred, or too small.
 * @param {number} [patience] Milliseconds that one read may take.
 * @returns {AsyncGenerator<number, void, void>}
 */
export async function* readWhole(blob, room, patience = PATIENCE_MS) {
  let loaded = 0;
  try {
    for await (const piece of readIntoBuffer(blob, Infinity, patience, room)) {
      loaded += piece.byteLength;
      yield loaded;
    }
  } catch {
    // Read another way.
  }
  if (loaded === blob.size) return;
  room.buffer = await within(patience, blob.arrayBuffer());
  if (room.buffer.byteLength !== blob.size) throw shortened();
  yield blob.size;
}

/**
 * The fastest way, with one buffer going back and forth (not in WebKitGTK). Where it has room for all of the blob, the
 * pieces lie in it one behind the other.
 * @param {Blob} blob
 * @param {number} largest Bytes of the buffer at most.
 * @param {number} patience
 * @param {{ buffer: ArrayBuffer }} room Replaced where it is too small.
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>}
 */
async function* readIntoBuffer(blob, largest, patience, room) {
  // No read, which would take the buffer and bring nothing back.
  if (blob.size === 0) return;
  const size = Math.min(largest, Math.max(SMALLEST, blob.size));
  if (room.buffer.byteLength < size) room.buffer = new ArrayBuffer(size);
  const stream = blob.stream();
  const reader = stream.getReader({ mode: "byob" });
  const holding = { stream, reader };
  held.add(holding);
  try {
    let place = 0;
    for (let rest = blob.size; rest > 0; ) {
      const view = new Uint8Array(room.buffer, place, size - place);
      // Engines that do not know `min` bring what they have.
      const min = Math.min(FEWEST, view.byteLength, rest);
      const { done, value } = await within(patience, /** @type {MinReader} */ (/** @type {unknown} */ (reader)).read(view, { min }));
      if (done || value === undefined) return;
      room.buffer = value.buffer;
      rest -= value.byteLength;
      if (size >= blob.size) place += value.byteLength;
      yield value;
    }
  } finally {
    letGo(holding, reader);
  }
}

/**
 * @param {Blob} blob
 * @param {number} largest
 * @param {number} patience
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
async function* readStream(blob, largest, patience) {
  const stream = blob.stream();
  const reader = stream.getReader();
  const holding = { stream, reader };
  held.add(holding);
  try {
    for (;;) {
      const { done, value } = await within(patience, reader.read());
      if (done) return;
      for (let start = 0; start < value.byteLength; start += largest) {
        yield value.subarray(start, start + largest);
      }
    }
  } finally {
    letGo(holding, reader);
  }
}

/**
 * @param {Blob} blob
 * @param {number} largest
 * @param {number} patience
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
async function* readSlices(blob, largest, patience) {
  for (let start = 0; start < blob.size; start += largest) {
    yield new Uint8Array(await within(patience, blob.slice(start, start + largest).arrayBuffer()));
  }
}

function shortened() {
  return new DOMException("The file ended before its size.", "NotReadableError");
}

/**
 * @param {{ stream: ReadableStream<Uint8Array>, reader: unknown }} holding
 * @param {ReadableStreamBYOBReader | ReadableStreamDefaultReader} reader
 */
function letGo(holding, reader) {
  held.delete(holding);
  // A stream that already ended or failed has nothing left to cancel.
  reader.cancel().catch(() => {});
}
