// Bodies of calls, with a limit.

/**
 * The whole body; none if it is longer than `most` bytes.
 * @param {Request} request
 * @param {number} most
 */
export async function readBody(request, most) {
  if (Number(request.headers.get("content-length") ?? 0) > most) return undefined;
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      // What is still to come is nobody's.
      await reader.cancel().catch(() => {});
      return undefined;
    }
    pieces.push(value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}
