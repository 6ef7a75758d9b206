// A handler as a listener of Node's own HTTP server, and so as middleware of Express.

/**
 * @param {(request: Request) => Promise<Response>} handler
 * @returns {import("../server.js").NodeListener}
 */
export function nodeListener(handler) {
  return (incoming, outgoing) => {
    void answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  };
}

/**
 * @param {(request: Request) => Promise<Response>} handler
 * @param {import("../server.js").NodeRequest} incoming
 * @param {import("../server.js").NodeResponse} outgoing
 */
async function answer(handler, incoming, outgoing) {
  const response = await handler(requestOf(incoming));
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  outgoing.end(new Uint8Array(await response.arrayBuffer()));
}

/** Methods that the web's Request throws at. */
const UNSPEAKABLE = ["CONNECT", "TRACE", "TRACK"];

/** @param {import("../server.js").NodeRequest} incoming */
function requestOf(incoming) {
  const { method: asked = "GET", headers: given } = incoming;
  // Another that no call has gets the same refusal, in the handler's own words.
  const method = UNSPEAKABLE.includes(asked) ? "PATCH" : asked;
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  }
  // Express takes away what it was mounted under. Only the path counts: the host is whatever the client says.
  const url = new URL(incoming.originalUrl ?? incoming.url ?? "/", "http://localhost");
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, /** @type {RequestInit} */ ({ method, headers, ...(hasBody ? { body: bodyOf(incoming), duplex: "half" } : {}) }));
}

/** @param {import("../server.js").NodeRequest} incoming */
function bodyOf(incoming) {
  const pieces = incoming[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    // The answer goes out first; then the connection ends with what nobody reads.
    cancel() {},
  });
}
