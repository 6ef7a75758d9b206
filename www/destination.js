// "Where the files go", from what the last stored file says about it.

/** Looked up once: by the time a file is stored the page may be long. */
const list = document.querySelector("[data-destination]");
const facts = new Map(Array.from(document.querySelectorAll("[data-fact]"), (fact) => [fact.getAttribute("data-fact"), fact]));

/** @param {string} endpoint the signing endpoint, as given to createUploader */
export function showEndpoint(endpoint) {
  text("signer", new URL(endpoint, location.href).href);
}

/** @param {import("/js/index.js").StoredObject} object */
export function showDestination(object) {
  text("bucket", object.bucket);
  const url = new URL(object.url, location.href);
  text("address", url.origin);
  const lifetime = Number(url.searchParams.get("X-Amz-Expires"));
  if (lifetime > 0) text("lifetime", `${Math.round(lifetime / 60)} minutes`);
  if (list instanceof HTMLElement) list.dataset.destination = "known";
}

/** @type {Record<string, string>} */
const LACKS = {
  "post-forms": "POST forms: small files go by PUT",
  "chunk-signatures": "Signed chunks: each file or part goes with one SHA-256",
  "part-checksums": "Checksums of parts: after a reload only their sizes are compared",
};

/** @param {readonly string[]} lacks */
export function showLacks(lacks) {
  text("lacks", lacks.map((feature) => LACKS[feature] ?? feature).join("; "));
  const row = document.querySelector("[data-lacks]");
  if (row instanceof HTMLElement) row.hidden = lacks.length === 0;
}

/** @param {string} name @param {string} value */
function text(name, value) {
  const fact = facts.get(name);
  if (fact && fact.textContent !== value) fact.textContent = value;
}
