// Compiled by tsc, never run: what users write must fit the types, and what
// they must not write must not.

import {
  createUploader,
  filesFromDataTransfer,
  hashFile,
  SealiftError,
  type DroppedFile,
  type Priority,
  type Progress,
  type SavedUpload,
  type StoredObject,
  type Upload,
  type Uploader,
  type UploadState,
} from "../../js/index.js";

declare const file: File;
declare const blob: Blob;
declare const files: FileList;
declare const drop: DragEvent;

const uploader: Uploader = createUploader({ endpoint: "/sealift" });
createUploader({ endpoint: new URL("https://app.example/sealift"), credentials: "include", concurrency: 2 });
createUploader({ endpoint: "/sealift", headers: { authorization: "Bearer x" }, transport: "post", integrity: "none" });
createUploader({ endpoint: "/sealift", headers: () => new Headers(), onUnauthorized: async () => {} });
createUploader({ endpoint: "/sealift", headers: async () => [["x-app", "1"]] });
createUploader({ endpoint: "/sealift", transport: "multipart", integrity: "both", concurrency: 16 });
createUploader({ endpoint: "/sealift", resume: true, keepFiles: 0, guard: false, wakeLock: true });
await createUploader({ endpoint: "/sealift", user: "ann" }).forget();
// @ts-expect-error
createUploader({ endpoint: "/sealift", user: 7 });
// @ts-expect-error
createUploader({ endpoint: "/sealift", resume: "yes" });
// @ts-expect-error the endpoint cannot be guessed
createUploader({});
// @ts-expect-error
createUploader({ endpoint: "/sealift", transport: "carrier pigeon" });

const one: Upload = uploader.add(file, { name: "a/b.txt", type: "text/plain", metadata: { ticket: "42" } });
const same: Upload = uploader.add(blob, { signal: AbortSignal.timeout(1000) });
const many: Upload[] = uploader.add(files, { metadata: {} });
const some: Upload[] = uploader.add([file, blob]);
// @ts-expect-error a list has more than one name
uploader.add([file], { name: "a.txt" });
// @ts-expect-error
uploader.add("a.txt");
declare const handle: FileSystemFileHandle;
uploader.add(file, { priority: "high", handle });
// @ts-expect-error
uploader.add(file, { priority: "soon" });
const soon: Priority = "low";
one.setPriority(soon);
// @ts-expect-error metadata are texts
uploader.add(file, { metadata: { ticket: 42 } });

const stored: StoredObject = await one.result;
const texts: string[] = [stored.bucket, stored.key, stored.etag, stored.type, stored.url, stored.receipt];
const version: string | undefined = stored.versionId;
const progress: Progress = one.progress;
const figures: number[] = [progress.loaded, progress.total, progress.confirmed, progress.fraction, progress.speed, progress.remaining];
const state: UploadState = one.state;
// @ts-expect-error
const wrong: UploadState = "sleeping";
// @ts-expect-error
one.state = "done";

one.addEventListener("progress", (event) => {
  const about: Upload = event.upload;
  about.pause();
  about.resume();
  about.retry();
  about.abort();
});
uploader.addEventListener("add", ({ upload }) => upload.file.size);
uploader.addEventListener("error", ({ upload }) => upload.error?.code);
// @ts-expect-error an upload is not told of being added
one.addEventListener("add", () => {});

uploader.addEventListener("lacks", () => uploader.lacks.includes("post-forms"));
uploader.retry();
const saved: SavedUpload[] = await uploader.saved();
for (const unfinished of saved) {
  const needs: "nothing" | "permission" | "file" = unfinished.needs;
  const resumed: Upload = needs === "file" ? await unfinished.resume(file) : await unfinished.resume();
  if (!resumed.resumed) await unfinished.discard();
}

try {
  await one.delete();
} catch (error) {
  if (error instanceof SealiftError) {
    const code: string = error.code;
    const retryable: boolean = error.retryable;
    const status: number | undefined = error.status;
    const id: string | undefined = error.requestId;
    void [code, retryable, status, id];
  }
}

drop.dataTransfer?.items;
const dropped: DroppedFile[] = await filesFromDataTransfer(drop.dataTransfer!);
uploader.add(dropped);

const { sha256 } = await hashFile(blob, { algorithms: ["sha256"], onProgress: (loaded, total) => loaded / total });
const hex: string = sha256;
// @ts-expect-error
await hashFile(blob, { algorithms: ["md6"] });

void [same, many, some, texts, version, figures, state, wrong, hex];
