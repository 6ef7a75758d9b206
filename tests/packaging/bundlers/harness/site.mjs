// A plain web server of one folder: what a built page is put on.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

const TYPES = {
  ".css": "text/css", ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
};

/**
 * @param {string} folder
 * @param {{ types?: Record<string, string>, headers?: Record<string, string> }} [options] types: in place of the usual;
 *   headers: of every answer. Both may be changed while it runs.
 */
export async function serve(folder, { types = {}, headers = {} } = {}) {
  const site = { folder, types, headers, url: "", stop };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = path.join(site.folder, path.normalize(decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname)));
    if (!file.startsWith(site.folder) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const extension = path.extname(file);
    const type = site.types[extension] ?? TYPES[extension] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-store", ...site.headers });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  site.url = `http://127.0.0.1:${server.address().port}`;
  return site;

  function stop() {
    return new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }
}
