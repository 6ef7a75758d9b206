// MinIO: the last source that its community has.
import { goProgram } from "./go.mjs";

export const MINIO = goProgram("minio", "github.com/minio/minio", "v0.0.0-20260212201848-7aac2a2c5b7c");

/** The path of its program, built where that is needed; undefined where it cannot be had. */
export async function ensureMinio(note = () => {}) {
  if (MINIO.missing()) return undefined;
  await MINIO.install(note);
  return MINIO.program;
}
