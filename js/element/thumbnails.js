// Small pictures of images, two at a time, decoded off the main thread and never kept at full size.

const AT_ONCE = 2;
const WIDTH = 160;
/** Decoding takes memory by pixels, not by bytes; past this a picture is not worth the risk. */
const LARGEST = 60e6;

/** @type {{ box: Element, file: Blob }[]} */
const queue = [];
let running = 0;

/**
 * Puts a small picture of the file into `box`, which keeps its icon if the file is no image, or one that this browser
 * cannot decode. Those asked for last come first: they are what is looked at.
 * @param {Element} box
 * @param {Blob} file
 */
export function showThumbnail(box, file) {
  if (!file.type.startsWith("image/") || file.size === 0 || file.size > LARGEST) return;
  queue.push({ box, file });
  work();
}

async function work() {
  if (running >= AT_ONCE) return;
  running += 1;
  for (let next = queue.pop(); next; next = queue.pop()) {
    // A frame between: rows that were scrolled away have left by then.
    await new Promise((resolve) => setTimeout(resolve));
    if (!next.box.isConnected) continue;
    try {
      const element = await picture(next.file);
      element.classList.add("picture");
      next.box.replaceChildren(element);
    } catch {
      // The icon stays.
    }
  }
  running -= 1;
}

/** @param {Blob} file @returns {Promise<HTMLElement>} */
function picture(file) {
  // Vector images and rare formats have no bitmap decoder; an <img> may still show them.
  return file.type === "image/svg+xml" ? image(file) : bitmap(file).catch(() => image(file));
}

/** @param {Blob} file @returns {Promise<HTMLElement>} */
async function bitmap(file) {
  const decoded = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: "medium" });
  try {
    const canvas = document.createElement("canvas");
    canvas.width = decoded.width;
    canvas.height = decoded.height;
    canvas.getContext("2d")?.drawImage(decoded, 0, 0);
    return canvas;
  } finally {
    decoded.close();
  }
}

/** @param {Blob} file @returns {Promise<HTMLElement>} */
async function image(file) {
  const url = URL.createObjectURL(file);
  try {
    const element = new Image();
    element.alt = "";
    element.src = url;
    await element.decode();
    return element;
  } finally {
    URL.revokeObjectURL(url); // a decoded <img> keeps its picture
  }
}
