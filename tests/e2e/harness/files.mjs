// Files with known bytes: the same every run, different for every name.
import { createCipheriv, createHash } from "node:crypto";
import { closeSync, createReadStream, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
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

  /** A file that takes next to nothing of the disk: zeros, but for a line of its own at every megabyte. */
  async sparse(name, size) {
    const file = path.join(this.path, name);
    const handle = openSync(file, "w");
    ftruncateSync(handle, size);
    for (let at = 0; at + 64 < size; at += MIB) writeSync(handle, `${name} at ${at}`, at);
    closeSync(handle);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file, { highWaterMark: MIB })) hash.update(chunk);
    return { name, path: file, size, sha256: hash.digest("hex") };
  }

  /** A file of zeros, which takes nothing of the disk; nobody hashes it. */
  hole(name, size) {
    const file = path.join(this.path, name);
    const handle = openSync(file, "w");
    ftruncateSync(handle, size);
    closeSync(handle);
    return { name, path: file, size };
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
}
