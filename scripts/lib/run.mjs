// Starting programs: their output kept for when they fail, their lives ended with ours.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

/** A failure that one sentence explains: printed without a stack. */
export class Sentence extends Error {}

const children = new Set();

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, onLine?: (line: string) => void, group?: boolean }} [options]
 *   group: it starts others, which are ended with it
 * @returns {Promise<{ code: number, output: string }>} output: stdout and stderr as they came
 */
export function run(command, args, { cwd, env, onLine, group = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: group,
    });
    child.isGroup = group;
    children.add(child);
    let output = "";
    const feed = (stream) => {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        if (!onLine) return;
        const lines = (rest + text).split(/\r?\n|\r/);
        rest = lines.pop();
        lines.filter((line) => line.trim()).forEach(onLine);
      });
    };
    feed(child.stdout);
    feed(child.stderr);
    child.on("error", (error) => {
      children.delete(child);
      reject(error.code === "ENOENT" ? new Sentence(`${command} is not installed or not on PATH.`) : error);
    });
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve({ code: code ?? (signal ? 128 : 1), output });
    });
  });
}

/** As `run`, but a failing program throws, with the end of what it said. */
export async function must(command, args, options = {}) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) {
    const tail = output.trimEnd().split("\n").slice(-40).join("\n");
    throw new Sentence(`\`${[path.basename(command), ...args].join(" ")}\` failed (exit code ${code}):\n${tail}`);
  }
  return output;
}

/** The full path of a program on PATH, or undefined. */
export function which(name) {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`, name] : [name];
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    for (const candidate of names.map((n) => path.join(folder, n))) {
      if (isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What a program prints when asked something short, or undefined when it cannot answer. */
export function ask(command, args, options = {}) {
  const answer = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], ...options });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
}

/** Puts folders first on PATH for everything started from now on. */
export function prependPath(...folders) {
  const rest = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folders.includes(folder));
  process.env.PATH = [...folders, ...rest].join(path.delimiter);
}

/** Ends what still runs when this script ends, whichever way. */
function endChildren() {
  for (const child of children) {
    if (child.isGroup) endGroup(child);
    else child.kill("SIGTERM");
  }
}

/** At once: nobody is left to wait for them. */
function endGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Windows has no groups, and one that is gone needs no end.
    child.kill("SIGKILL");
  }
}
process.on("exit", endChildren);
for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]]) {
  process.on(signal, () => process.exit(code));
}
