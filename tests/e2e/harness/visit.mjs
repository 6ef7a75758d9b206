// A tab that uploads with the package, seen from outside: what it sent to S3, what came of it.

export class Visit {
  constructor(page, s3Url) {
    this.page = page;
    /** Requests to S3 but preflights, oldest first: `{ method, part, began, ended, status }`. */
    this.requests = [];
    /** Keys that were granted, oldest first. */
    this.keys = [];
    page.on("response", async (response) => {
      if (!response.url().endsWith("/uploads") || response.request().method() !== "POST") return;
      const { uploads = [] } = await response.json().catch(() => ({}));
      this.keys.push(...uploads.filter(({ grant }) => grant).map(({ grant }) => grant.key));
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(new URL(s3Url).origin) || request.method() === "OPTIONS") return;
      const entry = { method: request.method(), part: Number(new URL(request.url()).searchParams.get("partNumber")), began: performance.now() };
      this.requests.push(entry);
      const end = (status) => Object.assign(entry, { status, ended: performance.now() });
      request.response().then((response) => end(response?.status() ?? 0), () => end(0));
    });
  }

  /** Adds files and leaves the uploads in the page, as `uploads`. */
  async add(files, options, add = {}) {
    await this.page.setInputFiles("input", files.map(({ path }) => path));
    await this.page.evaluate(
      async ([given, each]) => {
        const { createUploader } = await import("/js/index.js");
        globalThis.uploader = createUploader(given);
        globalThis.uploads = [...document.querySelector("input").files].map((file) => globalThis.uploader.add(file, each));
      },
      [options, add],
    );
  }

  /** Adds files and waits for their ends: an object or an error each. */
  async upload(files, options, add) {
    await this.add(files, options, add);
    return this.ends();
  }

  ends() {
    return this.page.evaluate(() =>
      Promise.all(
        globalThis.uploads.map((upload) =>
          upload.result.then(
            (object) => ({ state: upload.state, object, resumed: upload.resumed }),
            (error) => ({ state: upload.state, error: { name: error.name, code: error.code, message: error.message } }),
          ),
        ),
      ),
    );
  }

  /** What the uploader noticed that the server lacks. */
  lacks() {
    return this.page.evaluate(() => [...(globalThis.uploader.lacks ?? [])]);
  }

  /** Waits until so many bytes of the first upload are known to be stored. */
  async confirmed(bytes) {
    await this.page.waitForFunction((least) => globalThis.uploads[0].progress.confirmed >= least, bytes, { timeout: 60_000 });
  }

  /** How often each part was sent. */
  partsSent() {
    const counts = new Map();
    for (const { part } of this.requests.filter((request) => request.part > 0)) counts.set(part, (counts.get(part) ?? 0) + 1);
    return counts;
  }

  close() {
    return this.page.context().close();
  }
}
