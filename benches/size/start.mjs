// How long pages take from asking for their script to being ready, in a browser that has just been started.
import { createServer } from "node:http";
import { launch } from "../upload/cdp.mjs";

const PAGE = `<!doctype html><link rel="icon" href="data:,"><title>start</title><script>
  const { promise, resolve } = Promise.withResolvers();
  let began;
  function ready() { resolve(performance.now() - began); }
  /** Tells of every request that is no part of the package. */
  function onRequest(tell) {
    const heard = (url) => /\\.(js|wasm)$|capabilities$/.test(url) || tell(url);
    const { fetch } = globalThis;
    globalThis.fetch = (input, ...rest) => (heard(String(input?.url ?? input)), fetch(input, ...rest));
    const { open } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (method, url, ...rest) { heard(String(url)); return open.call(this, method, url, ...rest); };
  }
  async function start() { began = performance.now(); import("/js/main.js"); return promise; }
</script>`;

/**
 * @param {string} program the browser
 * @param {Map<string, Buffer>} files by path; `/js/main.js` is the page's script
 * @returns {Promise<number>} milliseconds
 */
export async function startOnce(program, files) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = pathname === "/" ? PAGE : files.get(pathname);
    const type = pathname === "/" ? "text/html" : pathname.endsWith(".wasm") ? "application/wasm" : "text/javascript";
    response.writeHead(file === undefined ? 404 : 200, { "content-type": type }).end(file);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await launch(program);
  try {
    const page = await browser.openPage(`http://127.0.0.1:${server.address().port}/`);
    return await page.evaluate("start()");
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
