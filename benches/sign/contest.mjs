// Signatures per second beside two peers, in interleaved rounds. Runs in Node as it is, and in Chromium bundled.
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsV4Signer } from "aws4fetch";

// Many and short: what else the machine does then hits everybody alike.
const ROUNDS = 45;
const SLICE_MS = 40;
const DATE = "20260102T030405Z";
const REGION = "eu-west-1";
const HOST = "examplebucket.s3.eu-west-1.amazonaws.com";
const CREDENTIALS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const HASH = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";

/** One part of an upload; every signature is of another one, as in life. */
const path = (part) => `/u/3f2a/${part}/holiday%20photo.jpg`;
const HEADERS = { "content-type": "image/jpeg", "if-none-match": "*", "x-amz-meta-ticket": "42" };

/**
 * Runs the contest with the package's functions.
 * @param {{ signRequest: Function, presignUrl: Function }} signing
 */
export async function contest(signing) {
  const results = {};
  for (const [workload, contestants] of Object.entries(workloads(signing))) {
    await mustAgree(workload, contestants);
    results[workload] = await race(contestants);
  }
  return results;
}

function workloads({ signRequest, presignUrl }) {
  const now = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
  const smithy = new SignatureV4({ credentials: CREDENTIALS, region: REGION, service: "s3", sha256: Sha256, uriEscapePath: false });
  const keys = new Map();
  const aws4fetch = (part, rest) =>
    new AwsV4Signer({ ...CREDENTIALS, url: `https://${HOST}${path(part)}`, method: "PUT", service: "s3", region: REGION, datetime: DATE, cache: keys, ...rest }).sign();
  const smithyRequest = (part, headers) => ({
    method: "PUT",
    protocol: "https:",
    hostname: HOST,
    path: path(part),
    query: {},
    headers: { host: HOST, ...headers },
  });
  return {
    signRequest: {
      sealift: async (part) => {
        const request = { method: "PUT", url: `https://${HOST}${path(part)}`, headers: HEADERS, payloadHash: HASH };
        return (await signRequest(request, CREDENTIALS, { region: REGION, date: DATE })).signature;
      },
      aws4fetch: async (part) => {
        const { headers } = await aws4fetch(part, { headers: { ...HEADERS, "x-amz-content-sha256": HASH }, allHeaders: true });
        return headers.get("authorization").slice(-64);
      },
      smithy: async (part) => {
        const request = smithyRequest(part, { ...HEADERS, "x-amz-content-sha256": HASH });
        return (await smithy.sign(request, { signingDate: now })).headers.authorization.slice(-64);
      },
    },
    presignUrl: {
      sealift: async (part) => {
        const request = { method: "PUT", url: `https://${HOST}${path(part)}` };
        return (await presignUrl(request, CREDENTIALS, { region: REGION, date: DATE, expiresIn: 900 })).signature;
      },
      aws4fetch: async (part) => {
        const url = `https://${HOST}${path(part)}?X-Amz-Expires=900`;
        return (await aws4fetch(part, { url, signQuery: true })).url.searchParams.get("X-Amz-Signature");
      },
      smithy: async (part) => {
        const request = smithyRequest(part, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" });
        // It reads the payload's hash from this header, which S3 does not want in a presigned URL.
        const hash = new Set(["x-amz-content-sha256"]);
        const options = { signingDate: now, expiresIn: 900, unsignableHeaders: hash, unhoistableHeaders: hash };
        return (await smithy.presign(request, options)).query["X-Amz-Signature"];
      },
    },
  };
}

/** Nobody is compared with somebody who does something else. */
async function mustAgree(workload, contestants) {
  const signatures = await Promise.all(Object.values(contestants).map((sign) => sign(7)));
  if (new Set(signatures).size !== 1) throw new Error(`${workload}: the contestants do not agree: ${signatures.join(", ")}`);
}

/** Medians of signatures per second; who starts a round changes from round to round. */
async function race(contestants) {
  const names = Object.keys(contestants);
  const rates = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await slice(contestants[name]);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length];
      rates[name].push(await slice(contestants[name]));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rates[name])]));
}

async function slice(sign) {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    for (let step = 0; step < 16; step += 1) await sign(count + step);
    count += 16;
    elapsed = performance.now() - start;
  } while (elapsed < SLICE_MS);
  return (count / elapsed) * 1000;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
