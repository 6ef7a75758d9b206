// A second origin: serves the package and the pages of `fixtures/`, as an app's own server would.
import { createReadStream, readFileSync, statSync } from "node:fs";
import http, { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { needsWitness } from "./engine.mjs";
import { WITNESS_PATH, witness, witnessed } from "./webdriver/witness.mjs";
import { ROOT } from "../../../scripts/lib/paths.mjs";

const FIXTURES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../fixtures");
/** What a page must say of itself before browsers tell it of its memory. */
const ISOLATION = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

/**
 * `app.pages` (path → HTML), `app.isIsolated` (cross-origin isolated, for measurements of memory), `app.preludes` (path of a
 * script → what runs before it), `app.instead` (path → what is served there instead) and `app.backend` (the address that
 * `/sealift/…` is passed on to, as a proxy does) may be set while it runs. `app.asked` are the paths asked for, in order.
 * @returns {Promise<{ url: string, pages: Record<string, string>, isIsolated: boolean, preludes: Record<string, string>, instead: Record<string, { type: string, body: string, asked?: (headers: http.IncomingHttpHeaders) => void }>, asked: string[], backend?: string, stop: () => Promise<void> }>}
 */
export async function serveFixtures(port = 0) {
  const app = { pages: {}, isIsolated: false, preludes: {}, instead: {}, asked: [], backend: undefined };
  const page = (html) => (needsWitness ? witnessed(html) : html);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const common = app.isIsolated ? ISOLATION : {};
    app.asked.push(pathname);
    if (pathname === WITNESS_PATH) {
      response.writeHead(200, { "content-type": TYPES[".js"], ...common }).end(witness());
      return;
    }
    if (app.pages[pathname]) {
      response.writeHead(200, { "content-type": TYPES[".html"], ...common }).end(page(app.pages[pathname]));
      return;
    }
    if (app.instead[pathname]) {
      const { type, body, asked } = app.instead[pathname];
      asked?.(request.headers);
      response.writeHead(200, { "content-type": type, ...common }).end(body);
      return;
    }
    if (app.backend && pathname.startsWith("/sealift/")) {
      passOn(request, response, app.backend);
      return;
    }
    const base = /^\/(js|pkg)\//.test(pathname) ? ROOT : FIXTURES;
    const file = path.join(base, path.normalize(pathname));
    const found = statSync(file, { throwIfNoEntry: false });
    if (!file.startsWith(base) || !found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream", ...common });
    if (file.endsWith(".html")) {
      response.end(page(readFileSync(file, "utf8")));
      return;
    }
    if (app.preludes[pathname]) response.write(app.preludes[pathname]);
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  app.url = `http://127.0.0.1:${server.address().port}`;
  app.stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return app;
}

function passOn(request, response, backend) {
  const { method, headers } = request;
  const onward = http.request(`${backend}${request.url}`, { method, headers: { ...headers, host: new URL(backend).host } }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.writeHead(502).end());
  request.pipe(onward);
}
