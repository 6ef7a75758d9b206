// An HTTP proxy that meddles with requests, as badly configured ones do.
import http from "node:http";

/**
 * `proxy.upstream` is the address behind it, `proxy.meddle` gets each request's `{ method, path, headers }` and may change
 * them; both may be set while it runs.
 */
export async function startMeddlingProxy() {
  const proxy = { upstream: undefined, meddle: () => {} };
  const server = http.createServer((request, response) => {
    const onward = { method: request.method, path: request.url, headers: { ...request.headers } };
    // Preflights are not signed.
    if (request.method !== "OPTIONS") proxy.meddle(onward);
    const { hostname, port } = new URL(proxy.upstream);
    const sent = http.request({ hostname, port, ...onward, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    sent.on("error", () => response.destroy());
    request.pipe(sent);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${server.address().port}`;
  proxy.stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return proxy;
}
