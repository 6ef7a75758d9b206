// What a page needs that uploads by hand.

/** Presigned URLs: `requests` are `{ method, key, query }`. */
export async function sign(requests) {
  const answer = await fetch("/sign", { method: "POST", body: JSON.stringify({ requests }) });
  return answer.json();
}

/** Sends a request; resolves to the XMLHttpRequest, and rejects unless S3 took it. */
export function send(method, url, body) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.onload = () => (xhr.status < 300 ? resolve(xhr) : reject(new Error(`${xhr.status}: ${xhr.responseText}`)));
    xhr.onerror = () => reject(new Error(`${method} failed`));
    xhr.send(body);
  });
}

/** `work` for all items, `width` at once. */
export async function pool(items, width, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
