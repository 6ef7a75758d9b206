// The connection to the bucket, opened before it is needed.

/** How long browsers keep an unused connection, about. */
const KEPT_MS = 8_000;

/** By endpoint: the bucket's origin, and when a connection to it was asked for. @type {Map<string, { link?: HTMLLinkElement, at: number }>} */
const asked = new Map();

/**
 * @param {{ endpoint: string, credentials: RequestCredentials, headers: () => Promise<[string, string][]> }} options
 * @returns {Promise<void>} It never rejects: uploads connect by themselves, only later.
 */
export async function preconnect({ endpoint, credentials, headers }) {
  if (typeof document === "undefined") return;
  const known = asked.get(endpoint);
  if (known) {
    if (!known.link || performance.now() - known.at < KEPT_MS) return;
    // A copy, put in anew, asks once more.
    const link = /** @type {HTMLLinkElement} */ (known.link.cloneNode());
    known.link.replaceWith(link);
    asked.set(endpoint, { link, at: performance.now() });
    return;
  }
  asked.set(endpoint, { at: 0 });
  try {
    const answer = await fetch(`${endpoint}/capabilities`, { credentials, headers: await headers() });
    const { bucketOrigin } = await answer.json();
    if (typeof bucketOrigin !== "string" || bucketOrigin === location.origin) return;
    // Requests to S3 carry no cookies, and browsers keep such connections apart.
    const link = Object.assign(document.createElement("link"), { rel: "preconnect", crossOrigin: "anonymous", href: bucketOrigin });
    document.head.append(link);
    asked.set(endpoint, { link, at: performance.now() });
  } catch {
    // as said above
  }
}
