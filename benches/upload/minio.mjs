// The MinIO that is installed, if one is.
import { isProgram, which } from "../../scripts/lib/run.mjs";

export async function ensureMinio() {
  return [process.env.MINIO, which("minio")].find((file) => file && isProgram(file));
}
