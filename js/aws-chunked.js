// Chunked bodies: what stands between the bytes, for a Blob or a stream of them. The signatures are wasm's.

import { CRLF, chunkedBody, headOf, unpack } from "./chunked-body.js";
import { SealiftError } from "./error.js";

/** @import * as Signing from "./signing.js" */

const MIN_CHUNK = 8 * 1024;
const MAX_CHUNK = 16 * 1024 * 1024;
/** What is larger, crypto.subtle hashes half as fast in Chromium. */
const DEFAULT_CHUNK = 896 * 1024;
/** The most that one request carries: 5 GiB. */
const MAX_LENGTH = 5 * 1024 ** 3;
/** Length in base64 of each checksum. */
const BASE64_LENGTH = { crc32: 8, crc32c: 8, crc64nvme: 12, sha1: 28, sha256: 44 };
/** The signature of a chunk and what stands before it, and so of the trailer. */
const SIGNATURE_LENGTH = ";chunk-signature=".length + 64;
const TRAILER_SIGNATURE_LENGTH = "x-amz-trailer-signature:".length + 64 + 2;

/**
 * What is known before a byte is read.
 * @typedef {object} Plan
 * @property {number} decodedLength
 * @property {number} chunkSize
 * @property {boolean} signed
 * @property {keyof typeof BASE64_LENGTH | undefined} trailer
 * @property {number} encodedLength
 */

/**
 * @param {Signing.ChunkedBody} body
 * @returns {Plan}
 */
export function planOf(body) {
  if (typeof body !== "object" || body === null) throw invalid("The options must be an object.");
  const { decodedLength, chunkSize = DEFAULT_CHUNK, signed = true, trailer } = body;
  if (!Number.isInteger(decodedLength) || decodedLength < 0 || decodedLength > MAX_LENGTH) {
    throw invalid("`decodedLength` is not a number of bytes up to 5 GiB.", "invalid_size");
  }
  if (!Number.isInteger(chunkSize) || chunkSize < MIN_CHUNK || chunkSize > MAX_CHUNK) {
    throw invalid("`chunkSize` is not a number of bytes from 8 KiB to 16 MiB.", "invalid_size");
  }
  if (typeof signed !== "boolean") throw invalid("`signed` is neither true nor false.");
  if (trailer !== undefined && !(typeof trailer === "string" && Object.hasOwn(BASE64_LENGTH, trailer))) {
    throw invalid("`trailer` is none of crc32, crc32c, crc64nvme, sha1 and sha256.");
  }
  if (!signed && !trailer) throw invalid("Chunks without signatures need a trailer.");
  const plan = { decodedLength, chunkSize, signed, trailer };
  return { ...plan, encodedLength: encodedLength(plan) };
}

/** @param {Omit<Plan, "encodedLength">} plan */
function encodedLength({ decodedLength, chunkSize, signed, trailer }) {
  /** @param {number} bytes */
  const head = (bytes) => bytes.toString(16).length + (signed ? SIGNATURE_LENGTH : 0) + 2;
  const rest = decodedLength % chunkSize;
  const whole = (decodedLength - rest) / chunkSize;
  let length = whole * (head(chunkSize) + chunkSize + 2) + (rest ? head(rest) + rest + 2 : 0) + head(0) + 2;
  if (trailer) length += nameOf(trailer).length + 1 + BASE64_LENGTH[trailer] + 2 + (signed ? TRAILER_SIGNATURE_LENGTH : 0);
  return length;
}

/** @param {Plan} plan */
export function headersOf({ decodedLength, signed, trailer, encodedLength }) {
  const payloadHash = signed ? `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? "-TRAILER" : ""}` : "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  /** @type {Record<string, string>} */
  const headers = {
    "content-encoding": "aws-chunked",
    "content-length": String(encodedLength),
    "x-amz-decoded-content-length": String(decodedLength),
  };
  if (trailer) headers["x-amz-trailer"] = nameOf(trailer);
  return { headers, payloadHash, encodedLength };
}

/**
 * What ends a body.
 * @param {string | undefined} signature of the empty chunk
 * @param {{ checksum: keyof typeof BASE64_LENGTH, value: string, signature?: string | undefined } | undefined} trailer
 */
export function endOf(signature, trailer) {
  if (!trailer) return headOf(0, signature) + CRLF;
  const signed = trailer.signature ? `x-amz-trailer-signature:${trailer.signature}${CRLF}` : "";
  return `${headOf(0, signature)}${nameOf(trailer.checksum)}:${trailer.value}${CRLF}${signed}${CRLF}`;
}

/** @type {typeof Signing.awsChunkedBlob} */
export function awsChunkedBlob(blob, options = {}) {
  if (!(blob instanceof Blob)) throw invalid("awsChunkedBlob needs a File or a Blob.");
  const { chunkSignatures, trailer } = options;
  const signed = chunkSignatures !== undefined;
  const plan = planOf({ decodedLength: blob.size, chunkSize: options.chunkSize, signed, trailer: trailer?.checksum });
  const { chunkSize } = plan;
  const signatures = signed ? texts(chunkSignatures) : [];
  const chunks = Math.ceil(blob.size / chunkSize);
  if (signed && signatures.length !== chunks + 1) {
    throw invalid(`There are ${signatures.length} signatures for ${chunks} chunks and the empty one at the end.`);
  }
  if (trailer && (!isBase64(trailer.value, trailer.checksum) || signed !== isSignature(trailer.signature))) {
    throw invalid("The trailer is not a checksum in base64, or its signature is missing or one too many.");
  }
  return chunkedBody(blob, chunkSize, signatures, endOf(signatures[chunks], trailer));
}

/**
 * @param {Iterable<string> | Uint8Array} signatures
 * @returns {string[]}
 */
function texts(signatures) {
  const list = signatures instanceof Uint8Array ? unpack(signatures) : [...signatures];
  if (!list.every(isSignature)) throw invalid("A signature is not 64 lower-case hexadecimal digits.");
  return list;
}

/** @param {unknown} text */
export const isSignature = (text) => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

/**
 * @param {unknown} value
 * @param {keyof typeof BASE64_LENGTH} checksum
 */
export const isBase64 = (value, checksum) =>
  typeof value === "string" && Object.hasOwn(BASE64_LENGTH, checksum) && value.length === BASE64_LENGTH[checksum] && /^[A-Za-z0-9+/]+={0,2}$/.test(value);

/** @param {string} checksum */
const nameOf = (checksum) => `x-amz-checksum-${checksum}`;

/**
 * @param {string} message
 * @param {string} [code]
 */
export function invalid(message, code = "invalid_option") {
  return new SealiftError(message, { code });
}
