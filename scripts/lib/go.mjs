// Programs that Go installs, once, into the folder of tools.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock.mjs";
import { TOOLS } from "./paths.mjs";
import { isProgram, must, which } from "./run.mjs";

/**
 * @param {string} name of the program
 * @param {string} module its path as `go install` takes it
 * @param {string} version pinned
 */
export function goProgram(name, module, version) {
  const place = path.join(TOOLS, `${name}-${version}`);
  const program = path.join(place, process.platform === "win32" ? `${name}.exe` : name);
  return {
    program,
    missing: () => (isProgram(program) || which("go") ? undefined : `Go is missing, which builds ${name}: install it (go.dev/dl; Debian: apt-get install golang)`),
    async install(note) {
      if (isProgram(program)) return;
      await withLock(
        path.join(TOOLS, `.${name}-lock`),
        async () => {
          if (isProgram(program)) return;
          note(`go install ${module}@${version}: some minutes, once`);
          const staging = `${place}.partial`;
          rmSync(staging, { recursive: true, force: true });
          mkdirSync(staging, { recursive: true });
          // Politely: it uses every core for minutes, and seldom alone.
          const command = ["go", "install", `${module}@${version}`];
          if (which("nice")) command.unshift("nice", "-n", "15");
          await must(command[0], command.slice(1), { cwd: staging, env: { GOBIN: staging, GOFLAGS: "" }, onLine: note });
          rmSync(place, { recursive: true, force: true });
          renameSync(staging, place);
        },
        { onWait: (owner) => note(`waits for process ${owner}, which installs it`) },
      );
    },
  };
}
