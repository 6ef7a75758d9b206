// Smaller copies of pictures, made before they are uploaded.

/**
 * @typedef {object} ImageRules
 * @property {number} maxEdge pixels of the longer edge, at most
 * @property {string} [type] of the copy; else JPEG stays JPEG, WebP WebP, and all else becomes PNG
 * @property {number} [quality] 0 to 1, of JPEG and WebP
 * @property {boolean} [dropMetadata] also of what is small enough already
 */

/** Formats that browsers can write; those with movement or vectors would lose what they are. */
const READ = /^image\/(jpeg|png|webp|avif|bmp|heic|heif)$/;
const WRITTEN = ["image/jpeg", "image/png", "image/webp"];
/** @type {Record<string, string>} */
const EXTENSIONS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };

/**
 * A copy within the rules, upright as its EXIF orientation says, without metadata (place and camera, too); undefined where
 * none is needed, or this browser cannot read the picture. Reading, scaling and writing are done off the main thread.
 * Its date is the original's, so that an upload of it goes on after a reload when the same picture is chosen again.
 * @param {File} file
 * @param {ImageRules} rules
 * @returns {Promise<File | undefined>}
 */
export async function resized(file, { maxEdge, type, quality, dropMetadata = false }) {
  if (!READ.test(file.type)) return undefined;
  const whole = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined);
  if (!whole) return undefined;
  const { width, height } = whole;
  const scale = Math.min(1, maxEdge / Math.max(width, height));
  if (scale === 1 && !dropMetadata && (type === undefined || type === file.type)) {
    whole.close();
    return undefined;
  }
  const [resizeWidth, resizeHeight] = [width, height].map((edge) => Math.max(1, Math.round(edge * scale)));
  const scaled = scale === 1 ? whole : await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: "high" });
  whole !== scaled && whole.close();
  const wanted = type ?? (WRITTEN.includes(file.type) ? file.type : "image/png");
  const blob = await written(scaled, wanted, quality);
  return new File([blob], renamed(file.name, blob.type), { type: blob.type, lastModified: file.lastModified });
}

/** @param {ImageBitmap} bitmap closed afterwards @param {string} type @param {number} [quality] */
async function written(bitmap, type, quality) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  // JPEG has no transparency: what shines through is white, as on paper.
  if (context && type === "image/jpeg") {
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type, ...(quality !== undefined && { quality }) });
}

/** @param {string} name @param {string} type */
function renamed(name, type) {
  const extension = EXTENSIONS[type];
  const stem = name.replace(/\.[^.]*$/, "");
  const kept = type === "image/jpeg" ? /\.jpe?g$/i.test(name) : name.toLowerCase().endsWith(`.${extension}`);
  return kept || !extension ? name : `${stem}.${extension}`;
}

/**
 * The name of a copy that is uploaded beside its original: `beach.jpg` → `beach-1600.jpg`.
 * @param {string} name @param {number} maxEdge
 */
export function besideName(name, maxEdge) {
  const dot = name.lastIndexOf(".");
  return dot > name.lastIndexOf("/") + 1 ? `${name.slice(0, dot)}-${maxEdge}${name.slice(dot)}` : `${name}-${maxEdge}`;
}
