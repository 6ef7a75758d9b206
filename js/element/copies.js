// What is uploaded for one file, where pictures are made smaller before.

import { besideName, resized } from "./images.js";

/** @typedef {import("./intake/index.js").Found} Found */

/**
 * The file itself, its smaller copy, or both. A picture that cannot be made smaller goes as it is.
 * @param {Found} found
 * @param {import("./copy-rules.js").CopyRules} rules
 * @returns {AsyncGenerator<Found, void, void>}
 */
export async function* copyOf(found, { beside, ...rules }) {
  if (beside) yield found;
  const copy = await resized(found.file, rules).catch(() => undefined);
  if (copy) yield { file: copy, name: named(found.name, copy, beside ? rules.maxEdge : undefined) };
  else if (!beside) yield found;
}

/** In the folder of its original. @param {string} name @param {File} copy @param {number} [maxEdge] */
function named(name, copy, maxEdge) {
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  return folder + (maxEdge === undefined ? copy.name : besideName(copy.name, maxEdge));
}
