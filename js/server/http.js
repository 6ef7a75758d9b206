// What every answer has in its headers.

const REQUEST_ID = "x-request-id";

/**
 * The id that a proxy in front has given, if it can stand in a log; a random one otherwise.
 * @param {Headers} headers
 */
export function requestIdOf(headers) {
  const given = headers.get(REQUEST_ID) ?? "";
  if (/^[A-Za-z0-9\-_.:]{1,64}$/.test(given)) return given;
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The token of `authorization: Bearer …`; empty without. @param {Headers} headers */
export function bearerOf(headers) {
  return /^bearer +(.+)$/i.exec(headers.get("authorization") ?? "")?.[1]?.trim() ?? "";
}

/**
 * @param {{ status: number, type?: string, body?: string, location?: string, retryAfter?: number, methods?: string[] }} answer
 * @param {string} requestId
 * @param {string | null} origin of the page, if it may call
 */
export function responseOf({ status, type, body, location, retryAfter, methods }, requestId, origin) {
  // Answers hold tokens and signatures.
  const headers = new Headers({ "cache-control": "no-store", [REQUEST_ID]: requestId, vary: "origin" });
  if (type !== undefined) headers.set("content-type", type);
  if (type?.startsWith("text/html")) headers.set("x-content-type-options", "nosniff");
  if (location !== undefined) {
    headers.set("location", location);
    // Its own address holds a token.
    headers.set("referrer-policy", "no-referrer");
  }
  if (status === 401) headers.set("www-authenticate", "Bearer");
  if (methods !== undefined) headers.set("allow", methods.join(","));
  const wait = retryAfter ?? (status === 503 ? 1 : undefined);
  if (wait !== undefined) headers.set("retry-after", String(wait));
  if (origin !== null) allow(headers, origin);
  return new Response(body ?? null, { status, headers });
}

/**
 * @param {Request} request
 * @param {boolean} allowed
 * @param {string} requestId
 */
export function preflight(request, allowed, requestId) {
  const headers = new Headers({ [REQUEST_ID]: requestId, vary: "origin, access-control-request-method, access-control-request-headers" });
  if (allowed) {
    allow(headers, request.headers.get("origin") ?? "");
    headers.set("access-control-allow-methods", "GET,POST");
    // Any header that the app's own authentication needs.
    const wanted = request.headers.get("access-control-request-headers");
    if (wanted) headers.set("access-control-allow-headers", wanted);
    headers.set("access-control-max-age", "7200");
  }
  return new Response(null, { status: allowed ? 200 : 403, headers });
}

/** @param {Headers} headers @param {string} origin */
function allow(headers, origin) {
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-allow-credentials", "true");
  headers.set("access-control-expose-headers", `${REQUEST_ID},retry-after`);
}
