// Small pictures of images, made only when their row comes into view, two at a time, and never kept at full size.

const AT_ONCE = 2;
const WIDTH = 160;
/** Decoding takes memory by pixels, not by bytes; past this a picture is not worth the risk. */
const LARGEST = 60e6;

/** @type {Map<Element, Blob>} */
const waiting = new Map();
/** @type {{ box: Element, file: Blob }[]} */
const queue = [];
let running = 0;

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const file = waiting.get(target);
      if (!isIntersecting || !file) continue;
      forgetThumbnail(target);
      queue.push({ box: target, file });
    }
    work();
  },
  { rootMargin: "200px" },
);

/**
 * Puts a small picture of the file into `box` once it can be seen; `box` keeps its icon if the file is no
 * image, or one that this browser cannot decode.
 * @param {Element} box
 * @param {Blob} file
 */
export function showThumbnail(box, file) {
  if (!file.type.startsWith("image/") || file.size === 0 || file.size > LARGEST) return;
  waiting.set(box, file);
  observer.observe(box);
}

/**
 * The row goes: nothing need be drawn for it.
 * @param {Element} box
 */
export function forgetThumbnail(box) {
  waiting.delete(box);
  observer.unobserve(box);
}

function work() {
  while (running < AT_ONCE) {
    const next = queue.shift();
    if (!next) return;
    if (!next.box.isConnected) continue;
    running += 1;
    picture(next.file)
      .then((element) => {
        element.classList.add("thumb-picture");
        next.box.replaceChildren(element);
      })
      .catch(() => undefined) // the icon stays
      .finally(() => {
        running -= 1;
        work();
      });
  }
}

/**
 * @param {Blob} file
 * @returns {Promise<HTMLElement>}
 */
async function picture(file) {
  // Vector images and rare formats have no bitmap decoder; an <img> may still show them.
  return file.type === "image/svg+xml" ? image(file) : bitmap(file).catch(() => image(file));
}

/**
 * @param {Blob} file
 * @returns {Promise<HTMLElement>}
 */
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

/**
 * @param {Blob} file
 * @returns {Promise<HTMLElement>}
 */
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
