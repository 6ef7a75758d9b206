// Where contenders meet: one S3 server, one app, one endpoint; and the way to them, a scenario at a time.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startApp } from "./app.mjs";
import { startLink } from "./link.mjs";
import { startDevS3, startMinio, startSealift } from "./servers.mjs";
import { shapedNetwork } from "./shaped-network.mjs";
import { BUCKET, createBucket, createSigner, REGION } from "./signer.mjs";
import { makeCertificate } from "./tls.mjs";

/** Names that only the bench's browser knows; default ports, for Evaporate signs no other. */
const APP = "app.test";
const S3 = "s3.test";

/**
 * @param {{ browser: string, minio?: string, scripts: Map<string, string> }} parts `minio`: its program; without one, or
 *   without openssl, everything goes to dev-s3 and without TLS
 */
export async function createPlace({ browser, minio, scripts }) {
  const folder = mkdtempSync(path.join(tmpdir(), "sealift-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, "data"));
  const tls = minio && (await makeCertificate(folder, [APP, S3]));
  const scheme = tls ? "https" : "http";
  const origin = `${scheme}://${APP}`;
  const s3Url = `${scheme}://${S3}`;
  const s3 = tls ? await startMinio(minio, folder, tls) : await startDevS3(folder);
  const bucket = createBucket(s3.keys, s3.url, tls && readFileSync(tls.issuer));
  await bucket.create();
  const sealift = await startSealift(folder, { origin, publicS3: s3Url, s3, issuer: tls?.issuer });
  const app = await startApp({ tls, scripts, signer: createSigner(s3.keys, s3Url), endpoint: sealift.url });
  const trust = tls ? [`--ignore-certificate-errors-spki-list=${tls.spki}`] : [`--unsafely-treat-insecure-origin-as-secure=${origin}`];

  /** The arguments that lead the browser to both origins. */
  const lead = (host, [appPort, s3Port]) => [...trust, `--host-resolver-rules=MAP ${APP} ${host}:${appPort}, MAP ${S3} ${host}:${s3Port}`];
  const targets = [app.port, s3.port];

  return {
    browser,
    origin,
    app,
    bucket,
    server: tls ? "MinIO with TLS" : "dev-s3 without TLS",
    /** What pages are told. */
    setup: { s3Url, bucket: BUCKET, bucketUrl: `${s3Url}/${BUCKET}`, region: REGION, keys: s3.keys, prefix: "by-hand/" },

    /** Makes the way of a scenario; returns what ends it. `how` says how the rate is kept. */
    async connect({ roundTrip = 0, rate = 0 }) {
      if (!roundTrip && !rate) {
        Object.assign(this, { browserArgs: lead("127.0.0.1", targets), through: [], how: "loopback" });
        return async () => {};
      }
      const shaped = rate ? await shapedNetwork(rate) : undefined;
      const link = await startLink({ roundTrip, rate: shaped ? 0 : rate, targets, host: shaped?.host });
      Object.assign(this, {
        browserArgs: lead(shaped?.host ?? "127.0.0.1", link.ports),
        through: shaped?.through ?? [],
        how: shaped ? "rate by tc tbf, delay by a proxy" : "by a proxy",
      });
      return async () => {
        await link.stop();
        await shaped?.stop();
      };
    },

    async stop() {
      await Promise.all([app.stop(), sealift.stop(), s3.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
