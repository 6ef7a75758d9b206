// Next, which runs the page's code on the server too: its development server and what it builds.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { freePort, startTool } from "./harness/tool.mjs";
import { build, inProject, trial } from "./harness/trial.mjs";

const it = trial();
const NEXT = "node_modules/next/dist/bin/next";

inProject("Next: what it builds", "next", async (folder) => {
  await build(folder, NEXT, "build");
  await tried(folder, "start");
});

inProject("Next: its development server", "next", async (folder) => {
  rmSync(path.join(folder, ".next"), { recursive: true, force: true });
  await tried(folder, "dev");
});

async function tried(folder, command) {
  const port = await freePort();
  const tool = await startTool(folder, [NEXT, command, "--port", String(port), "--hostname", "127.0.0.1"], `http://127.0.0.1:${port}/`);
  try {
    // Rendered on the server: the markup is there before any script.
    const markup = await (await fetch(tool.url)).text();
    assert.match(markup, /<input[^>]*type="file"/);
    await it.uploads(tool.url, { expected: /React DevTools|\[HMR\]|\[Fast Refresh\]/ });
  } finally {
    await tool.stop();
  }
}
