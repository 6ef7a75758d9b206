// The demo page: wires the public API of Sealift to what is seen. Everything it imports from /js/ is public.

import { createUploader } from "/js/index.js";
import { Announcer } from "./announcer.js";
import { showDestination, showEndpoint } from "./destination.js";
import { openDropzone } from "./dropzone.js";
import { counted } from "./format.js";
import { UploadList } from "./list.js";
import { openSettings } from "./settings.js";
import { Totals } from "./totals.js";

const ENDPOINT = "/sealift";

const announcer = new Announcer(element("announcer"));
const settings = openSettings(
  /** @type {HTMLFormElement} */ (element("settings")),
  // Files that are on their way keep the way they started on.
  (changed) => (uploader = uploaderFor(changed)),
);
let uploader = uploaderFor(settings);
showEndpoint(ENDPOINT);

const list = new UploadList({
  list: element("files"),
  template: /** @type {HTMLTemplateElement} */ (element("row-template")),
  fallback: element("choose-files"),
  announcer,
  again: (file) => uploader.add(file),
  stored: showDestination,
  changed(uploads, now) {
    const empty = list.rows.size === 0;
    element("manifest").hidden = empty;
    document.body.dataset.empty = String(empty);
    totals.render(uploads, now);
  },
});

const totals = new Totals(element("totals"), {
  pauseAll: () => list.pauseAll(),
  resumeAll: () => list.resumeAll(),
  retryFailed: () => list.retryFailed(),
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
);

window.addEventListener("beforeunload", (event) => {
  if (list.hasActive()) event.preventDefault();
});

/** @param {File[]} files */
function take(files) {
  if (files.length === 0) {
    announcer.say("There were no files in that.");
    return;
  }
  list.add(uploader.add(files));
  announcer.say(`${counted(files.length)} added.`);
}

/** @param {import("./settings.js").Settings} chosen */
function uploaderFor({ transport, concurrency }) {
  return createUploader({ endpoint: ENDPOINT, transport, concurrency });
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
