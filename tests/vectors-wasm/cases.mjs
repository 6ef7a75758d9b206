// Reads the vectors, into one object that a page can be handed as JSON.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const VECTORS = path.join(ROOT, "tests/vectors");
/** AWS's own suite, read where it lies beside the checkout; it is not copied into this repository. */
const SUITE = path.join(ROOT, "../shared/vectors/aws-c-auth/tests/aws-signing-test-suite/v4");

const json = (...parts) => JSON.parse(readFileSync(path.join(VECTORS, ...parts), "utf8"));

const jsonLines = (name) => readFileSync(path.join(VECTORS, name), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));

export function readCases() {
  return {
    public: jsonLines("public.jsonl"),
    chunked: jsonLines("chunked-public.jsonl"),
    docs: readdirSync(path.join(VECTORS, "aws-s3-docs")).map((name) => json("aws-s3-docs", name)),
    boto3: json("extra/boto3-presign-ops.json").vectors,
    keys: json("extra/signing-keys.json"),
    suite: existsSync(SUITE) ? readdirSync(SUITE).map(suiteCase) : undefined,
  };
}

/** What every run must have counted. */
export const EXPECTED = { header: 52, query: 37, post: 11, chunked: 24, docs: 8, boto3: 41, keys: 6, suiteHeader: 38, suiteQuery: 38 };
export const EXPECTED_WITHOUT_SUITE = { ...EXPECTED, suiteHeader: 0, suiteQuery: 0 };

function suiteCase(name) {
  const files = readdirSync(path.join(SUITE, name));
  return { name, ...Object.fromEntries(files.map((file) => [file.replace(/\..*/, ""), readFileSync(path.join(SUITE, name, file), "utf8")])) };
}
