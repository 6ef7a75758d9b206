// OpenStack Swift with its s3api and tempauth: one device, one replica, on loopback.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "../../../scripts/lib/lock.mjs";
import { TOOLS } from "../../../scripts/lib/paths.mjs";
import { ask, isProgram, must, which } from "../../../scripts/lib/run.mjs";
import { freePort, Processes } from "./processes.mjs";

const VERSION = "2.38.0";
const VENV = path.join(TOOLS, `swift-${VERSION}`);
const HERE = path.dirname(fileURLToPath(import.meta.url));
const EXPOSED = "etag, date, retry-after, x-amz-request-id, x-amz-version-id";
const program = (name) => path.join(VENV, "bin", name);
const installed = () => isProgram(program("swift-proxy-server")) && ask(program("python"), ["-c", "import swift.common.middleware.s3api"]) !== undefined;

/** What each ring holds; the proxy reads all three. */
const RINGS = ["account", "container", "object"];

export const swift = {
  id: "swift",
  title: `OpenStack Swift ${VERSION}`,
  /** PutBucketCors is not there; a bucket's own rules are Swift's container metadata. */
  cors:
    "`cors_allow_origin`, `cors_expose_headers` and s3api's `cors_preflight_allow_origin` in the proxy's configuration; and, for what " +
    "CreateMultipartUpload, ListParts and CompleteMultipartUpload answer, by a filter (`tests/s3-servers/servers/swift_cors.py`) or a reverse " +
    "proxy, since s3api sends these without CORS headers whatever is configured",
  /** What of `keys` it does not take, by the way of sending, and how that ends. */
  refusedNames: {
    // What it says of the longest it says without CORS headers.
    multipart: Object.fromEntries(["Japanese", "emoji", "longest that file systems have", "longest path"].map((name) => [name, ["s3_unavailable", "network"]])),
  },
  missing() {
    if (process.platform !== "linux") return "Swift runs on Linux only";
    if (installed() || which("python3")) return undefined;
    return "Python 3 is missing, which runs Swift: install it (Debian: apt-get install python3-venv)";
  },
  async install(note) {
    if (installed()) return;
    await withLock(path.join(TOOLS, ".swift-lock"), async () => {
      if (installed()) return;
      note(`pip installs swift ${VERSION} into a virtual environment`);
      await must(which("python3"), ["-m", "venv", "--clear", VENV], { onLine: note });
      await must(program("python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `swift==${VERSION}`], { onLine: note });
    });
  },
  async start({ folder, origin, keys }) {
    const processes = new Processes(folder);
    const settings = path.join(folder, "etc");
    const devices = path.join(folder, "devices");
    mkdirSync(settings);
    mkdirSync(path.join(devices, "d1"), { recursive: true });
    // Swift's parts read it when they are imported.
    const env = { SWIFT_DIR: settings, PYTHONPATH: HERE, PYTHONDONTWRITEBYTECODE: "1", PATH: `${path.join(VENV, "bin")}${path.delimiter}${process.env.PATH}` };
    const write = (name, sections) => {
      const file = path.join(settings, name);
      writeFileSync(file, ini(sections));
      chmodSync(file, 0o600);
      return file;
    };
    const common = { bind_ip: "127.0.0.1", user: userInfo().username, swift_dir: settings, log_level: "WARNING" };

    write("swift.conf", { "swift-hash": { swift_hash_path_suffix: "a", swift_hash_path_prefix: "b" }, "storage-policy:0": { name: "gold", default: "yes" } });
    for (const ring of RINGS) {
      const port = await freePort();
      const build = (...args) => must(program("swift-ring-builder"), [path.join(settings, `${ring}.builder`), ...args], { env });
      await build("create", "4", "1", "0");
      await build("add", `r1z1-127.0.0.1:${port}/d1`, "1");
      await build("rebalance");
      const file = write(`${ring}-server.conf`, {
        DEFAULT: { ...common, bind_port: port, workers: 1, devices, mount_check: "false" },
        "pipeline:main": { pipeline: `${ring}-server` },
        [`app:${ring}-server`]: { use: `egg:swift#${ring}` },
      });
      processes.start(ring, program(`swift-${ring}-server`), [file, "-v"], env);
    }
    const port = await freePort();
    const region = "us-east-1";
    const file = write("proxy-server.conf", {
      DEFAULT: { ...common, bind_port: port, workers: 2 },
      "pipeline:main": { pipeline: "cors catch_errors gatekeeper healthcheck s3api tempauth bulk slo dlo proxy-server" },
      "app:proxy-server": {
        use: "egg:swift#proxy", allow_account_management: "true", account_autocreate: "true",
        cors_allow_origin: origin, cors_expose_headers: EXPOSED,
      },
      "filter:cors": { "paste.filter_factory": "swift_cors:filter_factory", origin, expose: EXPOSED },
      "filter:tempauth": { use: "egg:swift#tempauth", user_test_tester: `${keys.secretAccessKey} .admin` },
      "filter:s3api": {
        use: "egg:swift#s3api", location: region, s3_acl: "false", check_bucket_owner: "false", dns_compliant_bucket_names: "true",
        max_upload_part_num: 10000, storage_domain: "localhost", cors_preflight_allow_origin: origin,
      },
      ...Object.fromEntries(["healthcheck", "catch_errors", "gatekeeper", "bulk", "slo", "dlo"].map((name) => [`filter:${name}`, { use: `egg:swift#${name}` }])),
    });
    processes.start("proxy", program("swift-proxy-server"), [file, "-v"], env);
    const endpoint = `http://127.0.0.1:${port}`;
    await processes.untilAnswers(`${endpoint}/healthcheck`, (answer) => answer.ok);
    // tempauth's user gives the key its name.
    return { endpoint, region, keys: { ...keys, accessKeyId: "test:tester" }, stop: () => processes.stop() };
  },
};

function ini(sections) {
  return Object.entries(sections)
    .map(([name, values]) => [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`), ""].join("\n"))
    .join("\n");
}
