// What the element's attributes say of smaller copies of pictures.

import { parseCount } from "./intake/sizes.js";

/** @typedef {import("./images.js").ImageRules & { beside: boolean }} CopyRules `beside`: the original goes too */

/** @param {Element} host @returns {CopyRules | undefined} undefined where pictures are uploaded as they are */
export function copyRules(host) {
  const maxEdge = parseCount(host.getAttribute("image-max-edge"));
  if (maxEdge === undefined) return undefined;
  const type = host.getAttribute("image-type") ?? undefined;
  const quality = Number.parseFloat(host.getAttribute("image-quality") ?? "");
  return {
    maxEdge,
    ...(type && { type }),
    ...(quality >= 0 && quality <= 1 && { quality }),
    dropMetadata: host.getAttribute("image-metadata") === "drop",
    beside: host.getAttribute("image-copies") === "beside",
  };
}
