// Chunked bodies: headers, signatures from hashes, a Blob and a stream. No module of Node in here.
import * as digests from "../../js/digests.js";
import { credentialsOf, equal, hex, optionsOf } from "./run.mjs";

/** What computes each checksum on a stream's way. */
const CLASSES = { crc32: "Crc32", crc32c: "Crc32c", crc64nvme: "Crc64Nvme", sha1: "Sha1", sha256: "Sha256" };

export async function chunked(signing, vector) {
  const { id, mode, method, host, path, headers, payload, chunk_size, trailer_algorithm, trailer, encoded_length, encoded_body_sha256 } = vector;
  const bytes = Uint8Array.from({ length: payload.len }, (_, index) => index * payload.a + payload.b);
  const body = { decodedLength: payload.len, chunkSize: chunk_size, signed: mode !== "unsigned-trailer", trailer: trailer_algorithm ?? undefined };

  const known = signing.chunkedHeaders(body);
  equal(known.encodedLength, encoded_length, id);
  for (const [name, value] of headers) {
    if (name === "content-encoding") equal(value.startsWith(known.headers[name]), true, `${id}: ${name}`);
    else if (name in known.headers) equal(known.headers[name], value, `${id}: ${name}`);
    else if (name === "x-amz-content-sha256") equal(known.payloadHash, value, id);
  }
  const request = { method, url: `https://${host}${path}`, headers };
  const { signature } = await signing.signRequest(request, credentialsOf(vector), optionsOf(vector));
  equal(signature, vector.seed_signature, id);

  const seed = { seedSignature: signature, credentials: credentialsOf(vector), ...optionsOf(vector) };
  const checksum = trailer && { checksum: trailer_algorithm, value: trailer.headers[0][1] };
  const signed = body.signed ? await sign(signing, seed, bytes, chunk_size, checksum) : {};
  if (body.signed) {
    equal(signed.chunkSignatures.length, vector.chunk_count, id);
    if (vector.chunk_signatures) equal(signed.chunkSignatures.join(), vector.chunk_signatures.join(), id);
    equal(signed.chunkSignatures[0], vector.first_chunk_signature, id);
    equal(signed.chunkSignatures.at(-1), vector.last_chunk_signature, id);
    equal(signed.trailerSignature, trailer?.signature, id);
  }

  const blob = signing.awsChunkedBlob(new Blob([bytes]), {
    chunkSize: chunk_size,
    chunkSignatures: signed.chunkSignatures,
    trailer: checksum ? { ...checksum, signature: signed.trailerSignature } : undefined,
  });
  equal(blob.size, encoded_length, id);
  equal(await sha256(await blob.arrayBuffer()), encoded_body_sha256, `${id}: Blob`);

  if (trailer_algorithm && !digests[CLASSES[trailer_algorithm]]) return;
  for (const piece of [bytes.length || 1, 1000]) {
    const signer = new signing.ChunkSigner(body.signed ? { ...seed, ...body } : body);
    equal(signer.encodedLength, encoded_length, id);
    const stream = new Blob([bytes]).stream().pipeThrough(inPieces(piece)).pipeThrough(signer);
    equal(await sha256(await new Response(stream).arrayBuffer()), encoded_body_sha256, `${id}: pieces of ${piece}`);
  }
}

/** The examples of the documentation: their seeds are signed elsewhere. */
export async function docsChunks(signing, vector) {
  const { name, payload_len, chunk_size, chunks, trailer, seed_signature, encoded_length, encoded_body_sha256 } = vector;
  const bytes = new Uint8Array(payload_len).fill(97);
  const seed = { seedSignature: seed_signature, credentials: credentialsOf(vector), ...optionsOf(vector) };
  const checksum = trailer ? { checksum: "crc32c", value: trailer.canonical_trailers.split(":")[1].trim() } : undefined;
  const { chunkSignatures, trailerSignature } = await sign(signing, seed, bytes, chunk_size, checksum);
  equal(chunkSignatures.join(), chunks.map(({ signature }) => signature).join(), name);
  equal(trailerSignature, trailer?.signature, name);
  const blob = signing.awsChunkedBlob(new Blob([bytes]), {
    chunkSize: chunk_size,
    chunkSignatures,
    trailer: checksum && { ...checksum, signature: trailerSignature },
  });
  equal(blob.size, encoded_length, name);
  equal(await sha256(await blob.arrayBuffer()), encoded_body_sha256, name);
}

async function sign(signing, seed, bytes, chunkSize, trailer) {
  const chunkHashes = [];
  for (let start = 0; start < bytes.length; start += chunkSize) chunkHashes.push(await sha256(bytes.slice(start, start + chunkSize)));
  const signed = await signing.signChunks({ ...seed, chunkHashes, trailer });
  // The same hashes in other shapes.
  const inBytes = chunkHashes.map((hash) => Uint8Array.from(hash.match(/../g), (digits) => parseInt(digits, 16)));
  const packed = new Uint8Array(inBytes.flatMap((hash) => [...hash]));
  const withTheLast = [...chunkHashes, await sha256(new Uint8Array())];
  for (const shape of [inBytes, packed, withTheLast]) {
    const again = await signing.signChunks({ ...seed, chunkHashes: shape, trailer });
    equal(JSON.stringify(again), JSON.stringify(signed), "chunkHashes in another shape");
  }
  return signed;
}

const sha256 = async (bytes) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

function inPieces(size) {
  return new TransformStream({
    transform(bytes, controller) {
      for (let start = 0; start < bytes.length; start += size) controller.enqueue(bytes.slice(start, start + size));
    },
  });
}
