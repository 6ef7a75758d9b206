// The servers by the names that `npm run test:s3` takes.
import { Sentence } from "../../../scripts/lib/run.mjs";
import { devS3 } from "./dev-s3.mjs";
import { minio } from "./minio.mjs";
import { otherServer } from "./other.mjs";
import { radosgw } from "./radosgw.mjs";
import { swift } from "./swift.mjs";
import { versitygw } from "./versitygw.mjs";

/** In the order of the table. */
export const SERVERS = [devS3, minio, versitygw, swift, radosgw];

/** The server of a name, or of an address. */
export function serverOf(name) {
  if (/^https?:\/\//.test(name)) return otherServer(name.replace(/\/+$/, ""));
  const found = SERVERS.find(({ id }) => id === name);
  if (!found) throw new Sentence(`No server is called ${name}: there are ${SERVERS.map(({ id }) => id).join(", ")}, or any address (https://…).`);
  return found;
}
