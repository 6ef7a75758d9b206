// The demo page: wires the public API of Sealift to what is seen. Everything it imports from /js/ is public.

import { SealiftError, createUploader } from "/js/index.js";
import { Announcer } from "./announcer.js";
import { showDestination, showEndpoint, showLacks } from "./destination.js";
import { openDropzone } from "./dropzone.js";
import { explain } from "./errors.js";
import { counted } from "./format.js";
import { HashPanel } from "./hash-panel.js";
import { UploadList } from "./list.js";
import { openSettings } from "./settings.js";
import { Totals } from "./totals.js";
import { Unfinished } from "./unfinished.js";

/** @import { DroppedFile, Upload, Uploader } from "/js/index.js" */

const ENDPOINT = "/sealift";

/** Uploads that were found to go on from an earlier visit. @type {WeakSet<Upload>} */
const known = new WeakSet();

const announcer = new Announcer(element("announcer"));
const settings = openSettings(
  /** @type {HTMLFormElement} */ (element("settings")),
  // Files that are on their way keep the way they started on.
  (changed) => (uploader = uploaderFor(changed)),
);
let uploader = uploaderFor(settings);
/** Settings make new uploaders; each upload belongs to the one it was given to. @type {WeakMap<Upload, Uploader>} */
const owners = new WeakMap();
showEndpoint(ENDPOINT);

const list = new UploadList({
  list: element("files"),
  template: /** @type {HTMLTemplateElement} */ (element("row-template")),
  fallback: element("choose-files"),
  announcer,
  again: ({ file, name }) => owned(uploader.add(file, { name })),
  forget: (upload) => owners.get(upload)?.remove(upload),
  stored: showDestination,
  changed() {
    const empty = String(list.rows.size === 0);
    if (document.body.dataset.empty !== empty) {
      document.body.dataset.empty = empty;
      element("manifest").hidden = empty === "true";
    }
    totals.render(() => list.rows.keys());
  },
});

const totals = new Totals(element("totals"), {
  pauseAll: () => list.pauseAll(),
  resumeAll: () => list.resumeAll(),
  retryFailed: () => list.retryFailed(),
  cancelAll: () => list.cancelAll(),
  clearFinished: () => {
    list.clearFinished();
    if (list.rows.size === 0) element("choose-files").focus();
  },
});

openDropzone(
  {
    overlay: element("overlay"),
    files: /** @type {HTMLInputElement} */ (element("file-input")),
    folder: /** @type {HTMLInputElement} */ (element("folder-input")),
    chooseFiles: element("choose-files"),
    chooseFolder: element("choose-folder"),
  },
  take,
  (error) => announcer.say(error instanceof SealiftError ? explain(error) : "What was dropped cannot be read."),
  () => uploader.prepare(),
);

new HashPanel(element("hashing"), announcer);

const unfinished = new Unfinished({
  section: element("unfinished"),
  list: element("saved-files"),
  resumeAll: element("resume-saved"),
  input: /** @type {HTMLInputElement} */ (element("saved-input")),
  template: /** @type {HTMLTemplateElement} */ (element("saved-template")),
  fallback: element("choose-files"),
  announcer,
  saved: () => uploader.saved(),
  resumed: (upload) => list.add([owned(upload)]),
});
void unfinished.refresh().then(() => unfinished.announce());

/** @param {(File | DroppedFile)[]} files */
function take(files) {
  // Fewer than the files, where some are of the kind nobody means to upload.
  const uploads = uploader.add(files).map(owned);
  list.add(uploads);
  announcer.say(uploads.length === 0 ? "There were no files in that." : `${counted(uploads.length)} added.`);
}

/** @param {Upload} upload just given to the current uploader */
function owned(upload) {
  owners.set(upload, uploader);
  return upload;
}

/** @param {import("./settings.js").Settings} chosen */
function uploaderFor({ transport, integrity, concurrency }) {
  const made = createUploader({ endpoint: ENDPOINT, transport, integrity, concurrency, wakeLock: true });
  made.addEventListener("lacks", () => showLacks(made.lacks));
  // A file that was added again, and known: it is no longer among the unfinished ones.
  made.addEventListener("statechange", ({ upload }) => {
    if (!upload.resumed || known.has(upload)) return;
    known.add(upload);
    if (unfinished.rows.size > 0) void unfinished.refresh();
  });
  return made;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element "${id}"`);
  return found;
}
