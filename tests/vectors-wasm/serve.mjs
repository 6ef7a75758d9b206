// A small server of this repository's files, for pages that load the package as it is built.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "./cases.mjs";

const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };
const BLANK = "<!doctype html><title>Sealift</title>";

/**
 * Serves the folders named, and answers JSON where `json` has something.
 * @param {string[]} folders
 * @param {Record<string, unknown>} [json] by path
 */
export async function serve(folders, json = {}) {
  const server = createServer(async (request, response) => {
    const answer = (status, type, body) => response.writeHead(status, { "content-type": type }).end(body);
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/") return answer(200, "text/html", BLANK);
    if (pathname in json) return answer(200, "application/json", JSON.stringify(json[pathname]));
    if (!folders.some((folder) => pathname.startsWith(`/${folder}/`))) return answer(404, "text/plain", "");
    try {
      const file = path.join(ROOT, pathname);
      answer(200, TYPES[path.extname(file)] ?? "application/octet-stream", await readFile(file));
    } catch {
      answer(404, "text/plain", "");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}
