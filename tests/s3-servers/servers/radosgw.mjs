// Ceph's RadosGW: a cluster of one monitor and one store in memory, on loopback.
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { aptInstall, canAptInstall } from "../../../scripts/lib/apt.mjs";
import { ask, must, run, Sentence, which } from "../../../scripts/lib/run.mjs";
import { freePort, Processes } from "./processes.mjs";

const PACKAGES = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"];
const PROGRAMS = ["radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "ceph-authtool", "monmaptool"];
const MEMORY = 8 * 1024 ** 3;

const installed = () => PROGRAMS.every((name) => which(name));

export const radosgw = {
  id: "radosgw",
  get title() {
    const version = ask("radosgw", ["--version"])?.match(/ceph version (\d+\.\d+)/)?.[1];
    return version ? `Ceph RadosGW ${version}` : "Ceph RadosGW";
  },
  /** What of `keys` it does not take, by the way of sending, and how that ends. */
  refusedNames: { post: { emoji: ["AccessDenied"] } },
  missing: () => (installed() || canAptInstall() ? undefined : `Ceph is missing: install ${PACKAGES.join(", ")} (Debian: apt-get install --no-install-recommends ${PACKAGES.join(" ")}, as root)`),
  async install(note) {
    if (installed()) return;
    note("apt-get installs Ceph: two minutes, once");
    await aptInstall(PACKAGES, note);
    if (!installed()) throw new Sentence(`Ceph could not be installed: apt-get install --no-install-recommends ${PACKAGES.join(" ")}`);
  },
  async start({ folder, keys }) {
    const processes = new Processes(folder);
    const place = (name) => path.join(folder, name);
    for (const name of ["mon", "osd", "rgw", "run"]) mkdirSync(place(name));
    const [v2, v1, port] = [await freePort(), await freePort(), await freePort()];
    const cluster = randomUUID();
    const configuration = place("ceph.conf");
    writeFileSync(configuration, configurationOf({ cluster, place, v2, v1, port }));
    const env = { CEPH_CONF: configuration };
    const ceph = (command, ...args) => must(command, args, { env });

    const key = (name, ...capabilities) => ceph("ceph-authtool", place("keyring"), "--gen-key", "-n", name, ...capabilities.flatMap((text) => ["--cap", ...text.split(/ (.*)/, 2)]));
    await ceph("ceph-authtool", place("keyring"), "--create-keyring");
    await key("mon.", "mon allow *");
    await key("client.admin", "mon allow *", "osd allow *");
    await key("client.rgw", "mon allow *", "osd allow *");
    await key("osd.0", "mon allow profile osd", "osd allow *");
    await ceph("monmaptool", "--create", "--fsid", cluster, "--addv", "a", `[v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]`, place("monmap"));
    await ceph("ceph-mon", "-i", "a", "--mkfs", "--monmap", place("monmap"), "--keyring", place("keyring"));
    processes.start("ceph-mon", "ceph-mon", ["-i", "a", "-f"], env);
    const ask = (...args) => run("timeout", ["10", "ceph", ...args], { env });
    await processes.until(async () => (await ask("-s")).code === 0);

    const store = randomUUID();
    await ceph("ceph", "osd", "new", store);
    await ceph("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store);
    processes.start("ceph-osd", "ceph-osd", ["-i", "0", "-f"], env);
    await processes.until(async () => (await ask("osd", "stat")).output.includes("1 up"));

    processes.start("radosgw", "radosgw", ["-n", "client.rgw", "-f"], env);
    const endpoint = `http://127.0.0.1:${port}`;
    await processes.untilAnswers(endpoint);
    await ceph("radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=test", "--display-name=test", `--access-key=${keys.accessKeyId}`, `--secret-key=${keys.secretAccessKey}`);
    return { endpoint, region: "us-east-1", keys, stop: () => processes.stop() };
  },
};

function configurationOf({ cluster, place, v2, v1, port }) {
  return `[global]
fsid = ${cluster}
mon_initial_members = a
mon_host = [v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
run_dir = ${place("run")}
admin_socket = ${place("run")}/$name.asok
log_file = ${place("run")}/$name.log
keyring = ${place("keyring")}
mon_data = ${place("mon")}
osd_data = ${place("osd")}
osd_objectstore = memstore
memstore_device_bytes = ${MEMORY}
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_crit = 1
mon_data_avail_warn = 2
osd_class_load_list = *
osd_class_default_list = *
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:${port}
rgw_data = ${place("rgw")}
rgw_dns_name = localhost
rgw_enable_usage_log = false
rgw_crypt_require_ssl = false
`;
}
