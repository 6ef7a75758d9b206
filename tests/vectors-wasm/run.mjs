// Runs the vectors through the package's functions. No module of Node in here: Chromium runs this very file.
import { chunked, docsChunks } from "./chunked.mjs";

/** Answers how many cases of each kind passed; throws at the first that does not. */
export async function runVectors(signing, cases) {
  const counts = { header: 0, query: 0, post: 0, chunked: 0, docs: 0, boto3: 0, keys: 0, suiteHeader: 0, suiteQuery: 0 };
  for (const vector of cases.public) {
    await PUBLIC[vector.kind](signing, vector);
    counts[vector.kind] += 1;
  }
  for (const vector of cases.chunked) {
    await chunked(signing, vector);
    counts.chunked += 1;
  }
  for (const vector of cases.docs) {
    await DOCS[vector.kind](signing, vector);
    counts.docs += 1;
  }
  for (const vector of cases.boto3) {
    await boto3(signing, vector);
    counts.boto3 += 1;
  }
  for (const { secret_access_key, date, region, service, signing_key_hex } of cases.keys) {
    equal(hex(await signing.signingKey(secret_access_key, date, region, service)), signing_key_hex, "signing key");
    counts.keys += 1;
  }
  for (const vector of cases.suite ?? []) {
    await suiteHeader(signing, vector);
    counts.suiteHeader += 1;
    await suiteQuery(signing, vector);
    counts.suiteQuery += 1;
  }
  return counts;
}

export const credentialsOf = ({ access_key_id, secret_access_key, session_token }) => ({
  accessKeyId: access_key_id,
  secretAccessKey: secret_access_key,
  ...(session_token ? { sessionToken: session_token } : {}),
});

export const optionsOf = ({ region, service, amz_date }) => ({ region, service, date: amz_date });

const PUBLIC = {
  async header(signing, vector) {
    const { id, method, url, headers, payload, payload_hash } = vector;
    const request = { method, url, headers, ...bodyOf(payload, payload_hash) };
    const signed = await signing.signRequest(request, credentialsOf(vector), optionsOf(vector));
    compare(signed, vector, id);
    equal(signed.authorization, vector.authorization, id);
    for (const [name, value] of vector.headers_added) equal(signed.headers[name.toLowerCase()], value, `${id}: ${name}`);

    // The same in steps, from what was sent.
    const sent = { method, url: signed.url, headers: Object.entries(signed.headers), payloadHash: payload_hash };
    // A length is signed, but the client sets it.
    for (const [name, value] of headers) if (/^content-length$/i.test(name)) sent.headers.push([name, value]);
    const canonical = await signing.canonicalRequest(sent);
    equal(canonical.canonicalRequest, vector.canonical_request, id);
    equal(canonical.signedHeaders, vector.signed_headers, id);
    equal(canonical.payloadHash, payload_hash, id);
    const parts = { ...optionsOf(vector), canonicalRequestHash: canonical.hash };
    equal(await signing.stringToSign(parts), vector.string_to_sign, id);
  },
  async query(signing, vector) {
    const { id, method, url, headers, expires } = vector;
    const options = { ...optionsOf(vector), expiresIn: expires };
    const signed = await signing.presignUrl({ method, url, headers }, credentialsOf(vector), options);
    compare(signed, vector, id);
    equal(parameters(signed.url), parameters(vector.presigned_url), id);
  },
  async post(signing, vector) {
    const { id, policy_json, policy_base64, signature, fields_out, input_policy, input_fields } = vector;
    const form = await signing.signPostPolicy(policy_json, credentialsOf(vector), optionsOf(vector));
    equal(form.policy, policy_base64, id);
    equal(form.signature, signature, id);
    const known = Object.entries(form.fields);
    for (const [name, value] of known) equal(value, fields_out.find(([other]) => other === name)?.[1], `${id}: ${name}`);
    equal(known.length + input_fields.length, fields_out.length, id);

    // An object's JSON has a spacing of its own; what it says must be the same.
    const built = await signing.signPostPolicy(input_policy, credentialsOf(vector), optionsOf(vector));
    const json = atob(built.policy);
    equal(JSON.stringify(JSON.parse(json)), JSON.stringify(JSON.parse(policy_json)), id);
    const again = await signing.signPostPolicy(json, credentialsOf(vector), optionsOf(vector));
    equal(built.signature, again.signature, id);
  },
};

const DOCS = {
  async header(signing, vector) {
    const { name, method, host, path_decoded, query, headers, payload_utf8 } = vector;
    // Without a body the hash among the headers counts (the chunked examples).
    const body = payload_utf8 === undefined ? {} : { body: payload_utf8 };
    const request = { method, url: `https://${host}${path_decoded}${search(query)}`, headers, ...body };
    const signed = await signing.signRequest(request, credentialsOf(vector), optionsOf(vector));
    compare(signed, { ...vector, signature: vector.signature ?? vector.seed_signature }, name);
    const { hash } = await signing.canonicalRequest(request);
    equal(hash, vector.canonical_request_sha256, name);
  },
  async query(signing, vector) {
    const { name, method, host, path_decoded, expires, presigned_url } = vector;
    const options = { ...optionsOf(vector), expiresIn: expires };
    const signed = await signing.presignUrl({ method, url: `https://${host}${path_decoded}` }, credentialsOf(vector), options);
    compare(signed, vector, name);
    equal(signed.url, presigned_url, name);
  },
  async "post-policy"(signing, vector) {
    const { name, policy_json_crlf, policy_base64, signature, signing_key_hex } = vector;
    const form = await signing.signPostPolicy(policy_json_crlf, credentialsOf(vector), optionsOf(vector));
    equal(form.policy, policy_base64, name);
    equal(form.signature, signature, name);
    const { secret_access_key, amz_date, region, service } = vector;
    equal(hex(await signing.signingKey(secret_access_key, amz_date, region, service)), signing_key_hex, name);
  },
};
DOCS.chunked = DOCS["chunked-trailer"] = async (signing, vector) => {
  await DOCS.header(signing, vector);
  await docsChunks(signing, vector);
};

async function boto3(signing, vector) {
  const { op, client, url, amz_date, expires, canonical_request, policy_json, signature } = vector;
  const credentials = credentialsOf({ ...vector, session_token: client?.token });
  if (policy_json) {
    const form = await signing.signPostPolicy(policy_json, credentials, { region: vector.region, date: amz_date });
    return equal(form.signature, signature, op);
  }
  const theirs = new URL(url).searchParams;
  const region = theirs.get("X-Amz-Credential").split("/")[2];
  const [method, , , ...lines] = canonical_request.split("\n");
  const headers = lines.slice(0, lines.indexOf("")).map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]);
  const signed = await signing.presignUrl({ method, url, headers }, credentials, { region, date: amz_date, expiresIn: expires });
  equal(signed.canonicalRequest, canonical_request, op);
  equal(signed.signature, theirs.get("X-Amz-Signature"), op);
}

async function suiteHeader(signing, vector) {
  const { request, credentials, options } = suiteRequest(vector);
  const signed = await signing.signRequest(request, credentials, options);
  equal(signed.canonicalRequest, vector["header-canonical-request"], vector.name);
  equal(signed.stringToSign, vector["header-string-to-sign"], vector.name);
  equal(signed.signature, vector["header-signature"], vector.name);
}

async function suiteQuery(signing, vector) {
  const { request, credentials, options } = suiteRequest(vector);
  const signed = await signing.presignUrl(request, credentials, options);
  equal(signed.canonicalRequest, vector["query-canonical-request"], vector.name);
  equal(signed.stringToSign, vector["query-string-to-sign"], vector.name);
  equal(signed.signature, vector["query-signature"], vector.name);
}

/** The suite's paths and queries are not percent-encoded, and are encoded once. */
function suiteRequest(vector) {
  const context = JSON.parse(vector.context);
  const text = vector.request.replaceAll("\r\n", "\n");
  const end = text.indexOf("\n\n");
  const body = end < 0 ? "" : text.slice(end + 2);
  // A line that starts with a space continues the header above it.
  const [first, ...lines] = (end < 0 ? text.trimEnd() : text.slice(0, end)).replaceAll("\n ", " ").split("\n");
  const [, method, target] = first.match(/^(\S+) (.*) HTTP\/1\.1$/);
  return {
    request: {
      method,
      url: `https://example.amazonaws.com${target}`,
      headers: lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
      body: context.sign_body ? body : "",
    },
    credentials: credentialsOf({ ...context.credentials, session_token: context.credentials.token }),
    options: {
      region: context.region,
      service: context.service,
      date: context.timestamp,
      expiresIn: context.expiration_in_seconds,
      pathEncoding: "once",
      normalizePath: context.normalize,
      contentSha256: context.sign_body,
      signSessionToken: !context.omit_session_token,
    },
  };
}

/** The body itself where it is known, so that hashing is tested too; else its hash. */
function bodyOf(payload, payloadHash) {
  switch (payload.kind) {
    case "utf8":
      return { body: payload.data };
    case "base64":
      return { body: Uint8Array.from(atob(payload.data), (character) => character.charCodeAt(0)) };
    case "pattern":
      return { body: Uint8Array.from({ length: payload.len }, (_, index) => (index * 31 + 7) & 255) };
    case "empty":
      return {};
    case "unsigned":
      return { payloadHash };
    default:
      throw new Error(`unknown payload ${payload.kind}`);
  }
}

function search(query) {
  const pairs = query.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

/** Path and sorted parameters: their order is the signer's own affair. */
function parameters(url) {
  const [path, query] = url.slice(url.indexOf("/", 8)).split("?");
  return [path, ...query.split("&").map((pair) => (pair.includes("=") ? pair : `${pair}=`)).sort()].join("\n");
}

function compare(signed, vector, id) {
  equal(signed.canonicalRequest, vector.canonical_request, id);
  equal(signed.stringToSign, vector.string_to_sign, id);
  equal(signed.signedHeaders, vector.signed_headers, id);
  equal(signed.signature, vector.signature, id);
}

export function equal(actual, expected, id) {
  if (actual !== expected) throw new Error(`${id}:\n${actual}\n--- instead of ---\n${expected}`);
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
