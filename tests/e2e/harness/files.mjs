// Files with known bytes: the same every run, different for every name.
import { createCipheriv, createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Bytes that look random and depend on `seed` alone. */
export function bytes(size, seed) {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

export function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}

/** A folder for files that a browser picks. */
export class Folder {
  constructor() {
    this.path = mkdtempSync(path.join(tmpdir(), "sealift-files-"));
  }

  /** Writes a file; `name` may hold folders. */
  file(name, size, seed = name) {
    const data = bytes(size, seed);
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, data);
    return { name: path.basename(name), path: file, size, sha256: sha256(data) };
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
}
