// React, Vue and Svelte: a page of each with the element, as Vite builds it.
import path from "node:path";
import { serve } from "./harness/site.mjs";
import { build, inProject, trial } from "./harness/trial.mjs";

const it = trial();

for (const [name, project] of [["React", "react"], ["Vue", "vue"], ["Svelte", "svelte"]]) {
  inProject(`${name}: a page with the element`, project, async (folder) => {
    await build(folder, "node_modules/vite/bin/vite.js", "build");
    const site = await serve(path.join(folder, "dist"));
    try {
      // So small a file needs no worker.
      await it.uploads(`${site.url}/`, { workers: false });
    } finally {
      await site.stop();
    }
  });
}
