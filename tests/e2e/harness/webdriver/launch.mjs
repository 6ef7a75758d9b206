// Firefox and WebKitGTK, as `launch` of Playwright gives a browser.
import { findFirefox, findWebKit, MISSING } from "../../../../scripts/lib/browsers.mjs";
import { launchFirefox } from "./firefox.mjs";
import { Context } from "./page.mjs";
import { launchWebKit } from "./webkit.mjs";

/** @param {"firefox" | "webkit"} engine */
export async function launchEngine(engine) {
  const found = engine === "firefox" ? findFirefox() : findWebKit();
  if (!found) throw new Error(MISSING[engine]);
  return new Browser(await (engine === "firefox" ? launchFirefox(found) : launchWebKit(found)));
}

class Browser {
  constructor(program) {
    this.program = program;
    /** What is to be cleaned up at the end. */
    this.folders = [];
  }

  version() {
    return this.program.name;
  }

  async newContext({ viewport, ...others } = {}) {
    const unknown = Object.keys(others);
    if (unknown.length > 0) throw new Error(`This driver has no ${unknown.join(", ")}.`);
    const context = new Context(this, await this.program.openContext());
    if (viewport) context.viewport = viewport;
    return context;
  }

  async close() {
    this.folders.forEach((remove) => remove());
    await this.program.close();
  }
}
