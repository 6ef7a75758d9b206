// The connection to the bucket, opened while the first file is still being hashed.

/** Endpoints that were asked in this page. @type {Set<string>} */
const asked = new Set();

/**
 * @param {{ endpoint: string, credentials: RequestCredentials, headers: () => Promise<[string, string][]> }} options
 * @returns {Promise<void>} It never rejects: uploads connect by themselves, only later.
 */
export async function preconnect({ endpoint, credentials, headers }) {
  if (typeof document === "undefined" || asked.has(endpoint)) return;
  asked.add(endpoint);
  try {
    const answer = await fetch(`${endpoint}/capabilities`, { credentials, headers: await headers() });
    const { bucketOrigin } = await answer.json();
    if (typeof bucketOrigin !== "string" || bucketOrigin === location.origin) return;
    // Requests to S3 carry no cookies, and browsers keep such connections apart.
    const link = Object.assign(document.createElement("link"), { rel: "preconnect", crossOrigin: "anonymous", href: bucketOrigin });
    document.head.append(link);
  } catch {
    // as said above
  }
}
