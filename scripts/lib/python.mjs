// A Python with boto3: one that has it, else a virtual environment in the folder of tools.
import path from "node:path";
import { withLock } from "./lock.mjs";
import { TOOLS } from "./paths.mjs";
import { ask, must, Sentence, which } from "./run.mjs";

const BOTO3 = "1.43.11";
const VENV = path.join(TOOLS, `boto3-${BOTO3}`);

/** The path of a Python that imports boto3. */
export async function ensureBoto3(note = () => {}) {
  const found = findBoto3();
  if (found) return found;
  const python = which("python3") ?? which("python");
  if (!python) throw new Sentence("Python 3 is missing, with which boto3 reads the bucket: install it (Debian: apt-get install python3-venv).");
  await withLock(path.join(TOOLS, ".python-lock"), async () => {
    if (findBoto3()) return;
    note(`boto3 ${BOTO3} into a virtual environment`);
    await must(python, ["-m", "venv", "--clear", VENV], { onLine: note });
    await must(venvPython(), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `boto3==${BOTO3}`], { onLine: note });
  });
  return findBoto3();
}

/** As above, but only what is there already. */
export function findBoto3() {
  return [which("python3"), which("python"), venvPython()].find((python) => python && ask(python, ["-c", "import boto3"]) !== undefined);
}

const venvPython = () => path.join(VENV, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
