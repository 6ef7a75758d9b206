// A request that reaches S3 only after its signature has run out: refused there, signed anew, sent again.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { KIB, MIB } from "../../e2e/harness/files.mjs";

/** Seconds that a grant lives, and with it everything signed for it; the network holds the first bytes for longer. */
const LIFETIME = 3;
const HELD = 4_500;

export const expired = [
  { id: "expired-put", title: "PUT: a signature that ran out on the way", run: (world) => run(world, "put", 200 * KIB) },
  { id: "expired-post", title: "POST form: a policy that ran out on the way", run: (world) => (world.has("post-forms") ? run(world, "post", 200 * KIB) : { works: false, tried: false, note: world.lacks.get("post-forms") }) },
  { id: "expired-multipart", title: "part: a signature that ran out on the way", run: (world) => run(world, "multipart", 6 * MIB) },
];

async function run(world, transport, size) {
  const file = world.files.file(`late ${transport}.bin`, size);
  const { url } = await world.endpoint({ grant_lifetime: LIFETIME, grant_max_age: 600 });
  const visit = await world.visit();
  let held = 0;
  await visit.page.route(
    (address) => address.href.startsWith(world.s3.url),
    async (route) => {
      const request = route.request();
      const isBytes = transport === "multipart" ? request.url().includes("partNumber=") : request.method() !== "OPTIONS";
      if (isBytes && (held += 1) === 1) await sleep(HELD);
      await route.continue().catch(() => {});
    },
  );
  const [end] = await visit.upload([file], { endpoint: url, transport, integrity: "sha256" });
  const statuses = visit.requests.map(({ status }) => status);
  await visit.close();
  assert.ok(end.object, `${end.error?.code}: ${end.error?.message} after ${statuses.join()}`);
  assert.equal((await world.s3.digest(end.object.key)).sha256, file.sha256);
  // Refused, or an answer that the page may not read: then it sends again all the same.
  const late = statuses.filter((status) => status >= 400 || status === 0);
  assert.ok(late.length > 0, `nothing came too late: ${statuses.join()}`);
  return { works: true };
}
