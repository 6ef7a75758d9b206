// A second origin: serves the package and the pages of `fixtures/`, as an app's own server would.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../../scripts/lib/paths.mjs";

const FIXTURES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../fixtures");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function serveFixtures() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const base = /^\/(js|pkg)\//.test(pathname) ? ROOT : FIXTURES;
    const file = path.join(base, path.normalize(pathname));
    const found = statSync(file, { throwIfNoEntry: false });
    if (!file.startsWith(base) || !found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
