// Puts the functions of a wasm module into an order in which they compress better: like beside like.
//
// Brotli finds repetitions the more cheaply the closer they are, and the linker's order knows nothing of likeness. What is
// the same in two functions, four bytes at a time, is their likeness; the pairs that are most alike become neighbours.
import { readFileSync, writeFileSync } from "node:fs";
import { npmBin } from "./npm.mjs";
import { must } from "./run.mjs";

const GRAM = 4;
const CUSTOM = 0;
const CODE = 10;

/**
 * @param {string} wasm a wasm file, rewritten in place; names in it are lost
 * @param {string[]} features of the module, as wasm-opt takes them
 */
export async function orderFunctions(wasm, features) {
  const bytes = readFileSync(wasm);
  const bodies = functionBodies(bytes);
  const ranks = [];
  for (const [rank, index] of likeBesideLike(bodies).entries()) ranks[index] = rank;
  // wasm-opt can sort functions by their names, so their places become their names.
  writeFileSync(wasm, withNames(bytes, importedFunctions(bytes), ranks.map((rank) => String(rank).padStart(6, "0"))));
  await must(process.execPath, [npmBin("wasm-opt"), "--reorder-functions-by-name", "--strip-debug", ...features, wasm, "-o", wasm]);
}

/** @param {Buffer[]} bodies @returns {number[]} their indices in the new order */
function likeBesideLike(bodies) {
  const grams = bodies.map((body) => new Set(Array.from({ length: Math.max(0, body.length - GRAM + 1) }, (_, at) => body.latin1Slice(at, at + GRAM))));
  const pairs = [];
  for (let a = 0; a < bodies.length; a++) {
    for (let b = a + 1; b < bodies.length; b++) {
      const [few, many] = grams[a].size < grams[b].size ? [grams[a], grams[b]] : [grams[b], grams[a]];
      let shared = 0;
      for (const gram of few) if (many.has(gram)) shared++;
      if (shared > 0) pairs.push({ a, b, likeness: shared / Math.sqrt(few.size * many.size) });
    }
  }
  pairs.sort((one, other) => other.likeness - one.likeness);
  return chained(bodies.length, pairs);
}

/** Joins pairs into chains, the first ones first, so that nobody has more than two neighbours; then the chains. */
function chained(count, pairs) {
  const neighbours = Array.from({ length: count }, () => []);
  const chainOf = Array.from({ length: count }, (_, index) => index);
  const chain = (index) => {
    while (chainOf[index] !== index) index = chainOf[index];
    return index;
  };
  for (const { a, b } of pairs) {
    if (neighbours[a].length > 1 || neighbours[b].length > 1 || chain(a) === chain(b)) continue;
    neighbours[a].push(b);
    neighbours[b].push(a);
    chainOf[chain(a)] = chain(b);
  }
  const order = new Set();
  for (let end = 0; end < count; end++) {
    if (neighbours[end].length > 1 || order.has(end)) continue;
    for (let at = end; at !== undefined; at = neighbours[at].find((next) => !order.has(next))) order.add(at);
  }
  return [...order];
}

/** The sections of a module: `from` and `to` without their heads, `start` with. */
function sections(bytes) {
  const reader = new Reader(bytes, 8);
  const found = [];
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.number();
    found.push({ id, start, from: reader.at, to: (reader.at += size) });
  }
  return found;
}

function functionBodies(bytes) {
  const reader = new Reader(bytes, sections(bytes).find(({ id }) => id === CODE).from);
  return Array.from({ length: reader.number() }, () => {
    const size = reader.number();
    return bytes.subarray(reader.at, (reader.at += size));
  });
}

function importedFunctions(bytes) {
  return WebAssembly.Module.imports(new WebAssembly.Module(bytes)).filter(({ kind }) => kind === "function").length;
}

/** The module with one custom section, of names, which start after the imports'. */
function withNames(bytes, first, names) {
  const named = names.flatMap((name, index) => [...number(first + index), ...text(name)]);
  const functions = [...number(names.length), ...named];
  const payload = [...text("name"), 1, ...number(functions.length), ...functions];
  const kept = sections(bytes).filter(({ id }) => id !== CUSTOM).map(({ start, to }) => bytes.subarray(start, to));
  return Buffer.concat([bytes.subarray(0, 8), ...kept, Buffer.from([CUSTOM, ...number(payload.length), ...payload])]);
}

/** LEB128. */
function number(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}

const text = (value) => [...number(value.length), ...Buffer.from(value)];

class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    const byte = this.byte();
    return byte < 128 ? byte : (byte & 127) + this.number() * 128;
  }
}
