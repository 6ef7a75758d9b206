// "Where the files go", from what the last stored file says about it.

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
  const list = document.querySelector("[data-destination]");
  if (list instanceof HTMLElement) list.dataset.destination = "known";
}

/** @param {string} name @param {string} value */
function text(name, value) {
  const element = document.querySelector(`[data-fact="${name}"]`);
  if (element) element.textContent = value;
}
