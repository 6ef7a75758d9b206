// Debian's packages, where this user may install them.
import { ask, must, which } from "./run.mjs";

/** Whether that is Debian or its kin, as root or with a sudo that asks nothing. */
export function canAptInstall() {
  if (process.platform !== "linux" || !which("apt-get")) return false;
  return isRoot() || (Boolean(which("sudo")) && ask("sudo", ["-n", "true"]) !== undefined);
}

/** True when the packages could be installed. */
export async function aptInstall(packages, note) {
  if (!canAptInstall()) return false;
  const apt = (...args) => {
    const command = ["apt-get", "-y", "-q", ...args];
    const env = ["DEBIAN_FRONTEND=noninteractive", ...command];
    return must(isRoot() ? "env" : "sudo", isRoot() ? env : ["-n", "env", ...env], { onLine: note });
  };
  try {
    await apt("update");
    await apt("install", "--no-install-recommends", ...packages);
    return true;
  } catch {
    return false;
  }
}

const isRoot = () => process.getuid() === 0;
