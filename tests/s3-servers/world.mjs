// One S3 server, an app's page on another origin, and signing servers between them, as a person would set them up.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { launch, openPage } from "../e2e/harness/browser.mjs";
import { Folder } from "../e2e/harness/files.mjs";
import { serveFixtures } from "../e2e/harness/fixtures.mjs";
import { startServer } from "../e2e/harness/server.mjs";
import { S3Client } from "./client.mjs";
import { PROBES } from "./probes.mjs";
import { Visit } from "../e2e/harness/visit.mjs";

/** Everything that the tests store lies below it: a bucket of somebody's own is left as it was found. */
const PREFIX = "sealift-test/";

export class World {
  /** Starts the server and asks what it can do. */
  static async open(server) {
    const world = new World();
    world.server = server;
    world.closing = [];
    try {
      await world.start();
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  async start() {
    // A server whose CORS rules somebody sets beforehand has to know the origin.
    this.app = await serveFixtures(Number(process.env.S3_PAGE_PORT ?? 0));
    this.later(() => this.app.stop());
    this.app.pages["/files.html"] = `<!doctype html><title>Files</title><input type="file" multiple>`;
    this.folder = mkdtempSync(path.join(tmpdir(), "sealift-s3-"));
    this.later(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }));
    this.files = new Folder();
    this.later(() => this.files.remove());
    const keys = { accessKeyId: "sealift-test", secretAccessKey: randomBytes(20).toString("hex") };
    this.running = await this.server.start({ folder: this.folder, origin: this.app.url, keys });
    this.later(() => this.running.stop());
    // The one secret that has no file; the server inherits it.
    if (this.running.keys.sessionToken) process.env.SEALIFT__S3__SESSION_TOKEN = this.running.keys.sessionToken;
    this.s3 = new S3Client(this.running, this.running.bucket ?? "sealift-test");
    if (!this.running.bucket) await this.makeBucket();
    this.later(() => this.s3.clear(PREFIX));
    this.browser = await launch();
    this.later(() => this.browser.close());
    this.endpoints = new Map();
    /** What it cannot do: feature → what speaks against it. */
    this.lacks = new Map();
    for (const [feature, { ask }] of Object.entries(PROBES)) {
      const against = await ask({ s3: this.s3, prefix: `${PREFIX}probes/`, origin: this.app.url });
      if (against) this.lacks.set(feature, against);
    }
  }

  async makeBucket() {
    const answer = await this.s3.send("PUT");
    if (!answer.ok) throw new Error(`the bucket was not made: ${answer.short}`);
  }

  has(feature) {
    if (!PROBES[feature]) throw new Error(`nobody asks for ${feature}`);
    return !this.lacks.has(feature);
  }

  /**
   * A signing server before the bucket, the same for the same rules. `prefix` is where it stores.
   * @param {Record<string, unknown>} [rules]
   */
  async endpoint(rules = {}) {
    const name = JSON.stringify(rules);
    if (!this.endpoints.has(name)) {
      const { endpoint, region, addressing = "path", keys } = this.running;
      const prefix = `${PREFIX}${this.endpoints.size}/`;
      const server = await startServer(
        {
          server: { origins: [this.app.url] },
          s3: {
            endpoint, region, addressing, bucket: this.s3.bucket, access_key_id: keys.accessKeyId, secret_access_key_file: "s3-secret",
            conditional_writes: this.has("conditional-put"),
          },
          rules: { key: `${prefix}{user}/{uuid}/{filename}`, integrity: "optional", ...rules, ...(rules.key ? { key: `${prefix}${rules.key}` } : {}) },
        },
        { "s3-secret": keys.secretAccessKey },
      );
      this.later(() => server.stop());
      this.endpoints.set(name, { server, url: `${server.url}/sealift`, prefix });
    }
    return this.endpoints.get(name);
  }

  /** A tab of the app with a file picker. */
  async visit() {
    const page = await openPage(this.browser);
    await page.goto(`${this.app.url}/files.html`);
    return new Visit(page, this.s3.url);
  }

  later(work) {
    this.closing.push(work);
  }

  async close() {
    for (const work of this.closing.reverse()) await work();
    this.closing = [];
  }
}
