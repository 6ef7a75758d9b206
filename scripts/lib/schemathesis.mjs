// Schemathesis, which makes calls of an OpenAPI document: in a virtual environment in the folder of tools.
import { existsSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock.mjs";
import { TOOLS } from "./paths.mjs";
import { must, which } from "./run.mjs";

const VERSION = "4.32.5";
const VENV = path.join(TOOLS, `schemathesis-${VERSION}`);
const PROGRAM = path.join(VENV, process.platform === "win32" ? "Scripts/schemathesis.exe" : "bin/schemathesis");

/** The path of its program; undefined where there is no Python. */
export async function ensureSchemathesis(note = () => {}) {
  if (existsSync(PROGRAM)) return PROGRAM;
  const python = which("python3") ?? which("python");
  if (!python) return undefined;
  await withLock(path.join(TOOLS, ".schemathesis-lock"), async () => {
    if (existsSync(PROGRAM)) return;
    note(`schemathesis ${VERSION} into a virtual environment`);
    await must(python, ["-m", "venv", "--clear", VENV], { onLine: note });
    await must(path.join(path.dirname(PROGRAM), "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `schemathesis==${VERSION}`], { onLine: note });
  });
  return PROGRAM;
}
