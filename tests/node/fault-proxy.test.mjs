// The proxy of the end-to-end tests: that it breaks what it says, and nothing else.
import assert from "node:assert/strict";
import http, { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { startFaultProxy } from "../e2e/harness/fault-proxy.mjs";

let server, proxy, agent;
before(async () => {
  // Answers how many bytes it was sent.
  server = createServer((request, response) => {
    let bytes = 0;
    request.on("error", () => {});
    request.on("data", (chunk) => (bytes += chunk.length)).on("end", () => response.end(String(bytes)));
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = await startFaultProxy(`127.0.0.1:${server.address().port}`);
});
beforeEach(() => {
  proxy.faults = {};
  proxy.connections = 0;
  agent?.destroy();
  agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
});
after(async () => {
  agent.destroy();
  server.closeAllConnections();
  await Promise.all([proxy.stop(), new Promise((resolve) => server.close(resolve))]);
});

/** Sends so many bytes; tells what was answered, or how it ended. `agent` false: on a connection of its own. */
const send = (bytes, way = false) =>
  new Promise((resolve) => {
    const request = http.request(proxy.url, { method: "PUT", agent: way, headers: { "content-length": bytes } }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      resolve(text);
    });
    request.on("error", (error) => resolve(error.code));
    request.end(Buffer.alloc(bytes));
  });

test("without faults all bytes pass, as many connections as there are", async () => {
  assert.deepEqual(await Promise.all([0, 1, 70_000, 9_000_000].map((bytes) => send(bytes))), ["0", "1", "70000", "9000000"]);
});

test("every third connection is reset after its bytes, the others are not", async () => {
  proxy.faults = { every: 3, resetAfter: 100_000 };
  const answers = [];
  for (let count = 0; count < 6; count += 1) answers.push(await send(1_000_000));
  assert.deepEqual(answers, ["1000000", "1000000", "ECONNRESET", "1000000", "1000000", "ECONNRESET"]);
  assert.equal(await send(10), "10");
  assert.equal(await send(10), "10");
  // Too few bytes to be struck.
  assert.equal(await send(10), "10");
});

test("an answer is swallowed after the request arrived", async () => {
  proxy.faults = { swallow: 1 };
  assert.equal(await send(5_000), "ECONNRESET");
  assert.equal(await send(5_000), "5000");
});

test("a connection that has carried enough ends between two requests", async () => {
  proxy.faults = { lifetime: 1_000_000 };
  assert.equal(await send(900_000, agent), "900000");
  assert.equal(await send(900_000, agent), "900000");
  while (proxy.pairs.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await send(900_000, agent), "900000");
  assert.equal(proxy.connections, 2);
});

test("while the link is cut nothing passes; then everything does", async () => {
  const over = proxy.cut(300);
  assert.equal(await send(1), "ECONNRESET");
  await over;
  assert.equal(await send(1), "1");
});

test("a silent link loses nothing", async () => {
  const over = proxy.fallSilent(200);
  let isOver = false;
  over.then(() => (isOver = true));
  assert.equal(await send(100_000), "100000");
  assert.ok(isOver);
});

test("with a delay and a rate the bytes still arrive whole", async () => {
  proxy.faults = { delay: 20, rate: 20_000_000 };
  assert.deepEqual(await Promise.all([send(2_000_000), send(2_000_000)]), ["2000000", "2000000"]);
});
