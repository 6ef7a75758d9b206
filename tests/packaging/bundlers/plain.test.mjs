// No tool at all: the package's folder on a web server, a page or a module worker that imports it; policies and types of it.
import assert from "node:assert/strict";
import { serve } from "./harness/site.mjs";
import { inProject, trial } from "./harness/trial.mjs";

const it = trial();

inProject("a plain page", "plain", (folder) => served(folder, {}, (site) => it.uploads(`${site.url}/index.html`)));

inProject("a module worker", "plain", (folder) => served(folder, {}, (site) => it.uploads(`${site.url}/in-worker.html`)));

// What docs/bundlers.md says a page's policy needs.
const strict = (s3) => `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${s3}`;

inProject("a strict Content-Security-Policy", "plain", (folder) =>
  served(folder, { headers: { "content-security-policy": strict(it.server.s3Url) } }, async (site) => {
    const { compiled } = await it.uploads(`${site.url}/strict.html`);
    assert.ok(compiled.streaming.length > 0);
  }),
);

inProject("without worker-src the page hashes by itself", "plain", (folder) => {
  const policy = strict(it.server.s3Url).replace("worker-src 'self'", "worker-src 'none'");
  return served(folder, { headers: { "content-security-policy": policy } }, (site) =>
    it.uploads(`${site.url}/strict.html`, { workers: false, violations: /^worker-src/, expected: /worker-src/ }),
  );
});

inProject("where workers' addresses must be trusted the page hashes by itself", "plain", (folder) => {
  const policy = `${strict(it.server.s3Url)}; require-trusted-types-for 'script'`;
  return served(folder, { headers: { "content-security-policy": policy } }, (site) =>
    it.uploads(`${site.url}/strict.html`, { workers: false, violations: /^require-trusted-types-for/, expected: /TrustedScriptURL/ }),
  );
});

inProject("without 'wasm-unsafe-eval' the error says what is missing", "plain", (folder) => {
  const policy = strict(it.server.s3Url).replace(" 'wasm-unsafe-eval'", "");
  return served(folder, { headers: { "content-security-policy": policy } }, async (site) => {
    const { error } = await it.fails(`${site.url}/strict.html`);
    assert.match(error, /^not_loaded .*(wasm-unsafe-eval|unsafe-eval|Content Security Policy)/s);
  });
});

inProject("wasm of the right type is compiled while it comes, of another once it is there", "plain", async (folder) => {
  await served(folder, {}, async (site) => {
    const { compiled } = await it.uploads(`${site.url}/index.html`);
    assert.deepEqual(compiled, { streaming: ["uploader", "signing"], whole: [] });
  });
  await served(folder, { types: { ".wasm": "application/octet-stream" } }, async (site) => {
    const { compiled } = await it.uploads(`${site.url}/index.html`, { expected: /does not serve Wasm with `application\/wasm` MIME type/ });
    assert.deepEqual(compiled.streaming, []);
    assert.equal(compiled.whole.length, 2);
  });
});

async function served(folder, options, work) {
  const site = await serve(folder, options);
  try {
    await work(site);
  } finally {
    await site.stop();
  }
}
