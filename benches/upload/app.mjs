// The app that the page comes from: files, signatures for the peers, and Sealift's endpoint behind it. Counts calls.
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../scripts/lib/paths.mjs";

const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
/** Sealift is loaded as it is published, in many files: ahead, as a bundle would be. */
const AHEAD = ["js", "pkg/uploader", "pkg/hash"].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder)).filter((file) => file.endsWith(".js")).map((file) => `<link rel="modulepreload" href="/${folder}/${file}">`),
);
const PAGE = (name) => `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,">
${name === "sealift" ? AHEAD.join("") : ""}<input type="file" multiple><script src="/contenders/${name}.js"></script>`;

/** Calls that hand out signatures. Sealift's finish and its capabilities sign nothing that a peer has signed. */
const SIGNING = /^\/(sign|forms|evaporate|sealift\/uploads|sealift\/sign)$/;

/**
 * @param {object} parts
 * @param {undefined | { key: string, certificate: string }} parts.tls
 * @param {ReturnType<import("./signer.mjs").createSigner>} parts.signer
 * @param {Map<string, string>} parts.scripts bundles by contender
 * @param {string} parts.endpoint Sealift's server
 */
export async function startApp({ tls, signer, scripts, endpoint }) {
  let calls = {};
  const agent = new http.Agent({ keepAlive: true });

  async function handle(request, response) {
    const url = new URL(request.url, "http://app");
    const { pathname } = url;
    calls[pathname] = (calls[pathname] ?? 0) + 1;
    const answer = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
    const json = (value) => answer("application/json", JSON.stringify(value));
    if (pathname.startsWith("/sealift/")) return forward(request, response);
    if (pathname === "/sign") {
      const { requests } = JSON.parse(await text(request));
      return json(await Promise.all(requests.map(signer.presign)));
    }
    if (pathname === "/forms") {
      const { objects } = JSON.parse(await text(request));
      return json(objects.map(({ key, size }) => signer.form(key, size)));
    }
    if (pathname === "/evaporate") {
      // What it signs is put into the URL as it is.
      const asSent = Object.fromEntries(request.url.split("?")[1].split("&").map((pair) => pair.split("=", 2).map(decodeURIComponent)));
      return answer("text/plain", signer.signature(asSent.to_sign, asSent.datetime));
    }
    const [, folder, name] = pathname.split("/");
    if (folder === "pages") return answer("text/html", PAGE(name));
    if (folder === "contenders") return answer("text/javascript", scripts.get(path.basename(name, ".js")));
    if (folder === "js" || folder === "pkg") {
      response.setHeader("cache-control", "max-age=3600");
      return answer(TYPES[path.extname(pathname)], await readFile(path.join(ROOT, pathname)));
    }
    response.writeHead(404).end();
  }

  function forward(request, response) {
    const { method, headers, url } = request;
    const onward = http.request(`${endpoint}${url}`, { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  }

  const listener = (request, response) => handle(request, response).catch((error) => response.writeHead(500).end(error.stack));
  const server = tls
    ? https.createServer({ key: readFileSync(tls.key), cert: readFileSync(tls.certificate) }, listener)
    : http.createServer(listener);
  // As servers behind a balancer have it; five seconds, as Node has it, would add handshakes in mid-upload.
  server.keepAliveTimeout = 75_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    /** Calls since the last asking: by path, and how many of them had something signed. */
    takeCalls() {
      const taken = calls;
      calls = {};
      const signing = Object.entries(taken).reduce((sum, [name, count]) => sum + (SIGNING.test(name) ? count : 0), 0);
      return { byPath: taken, signing };
    },
    stop() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function text(request) {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request) body += chunk;
  return body;
}
