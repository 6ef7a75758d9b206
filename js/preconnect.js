// What the endpoint tells ahead: where the bucket is, so that a connection is opened before it is needed, and which forms it
// takes.

/** How long browsers keep an unused connection, about. */
const KEPT_MS = 8_000;

/** By endpoint: the bucket's origin, when a connection to it was asked for, and bytes. @type {Map<string, { link?: HTMLLinkElement, at: number, form?: number }>} */
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
    Object.assign(known, { link, at: performance.now() });
    return;
  }
  /** @type {NonNullable<ReturnType<typeof asked.get>>} */
  const told = { at: 0 };
  asked.set(endpoint, told);
  try {
    const answer = await fetch(`${endpoint}/capabilities`, { credentials, headers: await headers() });
    const { bucketOrigin, maxPostSize } = await answer.json();
    if (typeof maxPostSize === "number") told.form = maxPostSize;
    if (typeof bucketOrigin !== "string" || bucketOrigin === location.origin) return;
    // Requests to S3 carry no cookies, and browsers keep such connections apart.
    const link = Object.assign(document.createElement("link"), { rel: "preconnect", crossOrigin: "anonymous", href: bucketOrigin });
    document.head.append(link);
    Object.assign(told, { link, at: performance.now() });
  } catch {
    // as said above
  }
}

/**
 * The largest form that the endpoint grants, as far as that is known.
 * @param {string} endpoint
 * @returns {number} bytes; 0 for none
 */
export function largestForm(endpoint) {
  return asked.get(endpoint)?.form ?? Infinity;
}
