// A certificate for the bench's two origins, by openssl; the browser is told its public key, the servers trust its issuer.
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { must, which } from "../../scripts/lib/run.mjs";

/**
 * Makes a key and a certificate in `folder`.
 * @param {string[]} names DNS names
 * @returns {Promise<undefined | { key: string, certificate: string, issuer: string, spki: string }>} paths, and the
 *   base64 SHA-256 of the public key; undefined where openssl is missing
 */
export async function makeCertificate(folder, names) {
  if (!which("openssl")) return undefined;
  const file = (name) => path.join(folder, name);
  const openssl = (...args) => must("openssl", args, { cwd: folder });
  const key = (name) => openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name);
  writeFileSync(file("issuer.cnf"), "[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\n");
  writeFileSync(file("leaf.ext"), `basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1,${names.map((name) => `DNS:${name}`).join(",")}\n`);
  await key("issuer.key");
  await openssl("req", "-x509", "-new", "-key", "issuer.key", "-days", "2", "-subj", "/CN=Sealift bench", "-config", "issuer.cnf", "-out", "issuer.pem");
  await key("leaf.key");
  await openssl("req", "-new", "-key", "leaf.key", "-subj", `/CN=${names[0]}`, "-config", "issuer.cnf", "-out", "leaf.csr");
  await openssl("x509", "-req", "-in", "leaf.csr", "-CA", "issuer.pem", "-CAkey", "issuer.key", "-CAcreateserial", "-days", "2", "-extfile", "leaf.ext", "-out", "leaf.pem");
  const spki = new X509Certificate(readFileSync(file("leaf.pem"))).publicKey.export({ type: "spki", format: "der" });
  return {
    key: file("leaf.key"),
    certificate: file("leaf.pem"),
    issuer: file("issuer.pem"),
    spki: createHash("sha256").update(spki).digest("base64"),
  };
}
