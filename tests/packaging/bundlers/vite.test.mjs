// Vite, its development server and what it builds.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { serve } from "./harness/site.mjs";
import { freePort, startTool } from "./harness/tool.mjs";
import { build, inProject, trial } from "./harness/trial.mjs";

const it = trial();
const VITE = "node_modules/vite/bin/vite.js";

for (const [name, project] of [["Vite 8", "vite"], ["Vite 7", "vite7"]]) {
  inProject(`${name}: its development server`, project, async (folder) => {
    await developed(folder, (url) => it.uploads(url));
  });

  inProject(`${name}: what it builds`, project, async (folder) => {
    await build(folder, VITE, "build");
    const site = await serve(path.join(folder, "dist"));
    try {
      await it.uploads(`${site.url}/`);
    } finally {
      await site.stop();
    }
  });
}

// When this is no longer so, docs/bundlers.md and the README can do without the line.
inProject("Vite 7: its development server needs the line", "vite7", async (folder) => {
  rmSync(path.join(folder, "vite.config.js"));
  const { error } = await developed(folder, (url) => it.fails(url));
  assert.match(error, /^not_loaded/);
});

async function developed(folder, work) {
  const port = await freePort();
  const tool = await startTool(folder, [VITE, "--host", "127.0.0.1", "--port", String(port), "--strictPort"], `http://127.0.0.1:${port}/`);
  try {
    return await work(tool.url);
  } finally {
    await tool.stop();
  }
}
