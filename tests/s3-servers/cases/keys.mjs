// Names that break signatures, paths and file systems.
import assert from "node:assert/strict";
import { bytes, sha256 } from "../../e2e/harness/files.mjs";

const NAMES = {
  "spaces": "a b  c.txt",
  "plus": "a+b.txt",
  "percent": "100%25 %zz.txt",
  "quotes": "'single' \"double\" `back`.txt",
  "brackets and signs": "(a) [b] {c} <d> !*~;:@&=$,#?|^.txt",
  "backslash": "a\\b.txt",
  "umlauts, composed and not": "ü u\u0308.txt",
  "Japanese": "日本語のファイル.txt",
  "emoji": "🚢⚓.txt",
  "right to left": "שלום مرحبا.txt",
  "longest that file systems have": `${"語".repeat(251)}.txt`,
  "longest path": `${"folder/".repeat(140)}file.txt`,
};

/** What a URL would fold, and a key must not be folded into. */
const DOTS = [".", "..", "a/../../b.txt", "./c.txt", "%2e%2e/d.txt"];

export const keys = [
  ...["put", "post", "multipart"].map((transport) => ({ id: `keys-${transport}`, title: `awkward names, ${{ put: "PUT", post: "POST form", multipart: "multipart" }[transport]}`, run: (world) => awkward(world, transport) })),
  { id: "keys-dots", title: "names of dot segments change no path", run: dots },
  { id: "keys-flat", title: "`a` and `a/b` side by side", run: async (world) => (world.has("flat-keys") ? { works: true } : { works: false, note: `${world.lacks.get("flat-keys")}; every upload's own \`{uuid}\` in the key keeps them apart` }) },
];

async function awkward(world, transport) {
  if (transport === "post" && !world.has("post-forms")) return { works: false, tried: false, note: world.lacks.get("post-forms") };
  const found = await uploadAll(world, transport, Object.values(NAMES));
  const refused = [];
  const stored = new Set();
  for (const [label, name] of Object.entries(NAMES)) {
    const { key, code, message } = found[name];
    if (code) {
      assert.ok(world.server.refusedNames?.[transport]?.[label]?.includes(code), `${label}: ${code}, ${message}`);
      refused.push(`${label} (\`${code}\`)`);
      continue;
    }
    assert.equal((await world.s3.digest(key)).sha256, sha256(bytes(100, name)), label);
    stored.add(key);
  }
  assert.equal(stored.size + refused.length, Object.keys(NAMES).length, "two names share a key");
  const listed = new Set(await world.s3.list((await world.endpoint()).prefix));
  assert.deepEqual([...stored].filter((key) => !listed.has(key)), []);
  return refused.length === 0 ? { works: true } : { works: false, note: `refused: ${refused.join(", ")}` };
}

async function dots(world) {
  const { prefix } = await world.endpoint();
  for (const transport of ["put", ...(world.has("post-forms") ? ["post"] : [])]) {
    const found = await uploadAll(world, transport, DOTS);
    for (const [name, { key, code }] of Object.entries(found)) {
      if (code) {
        assert.match(code, /^key_refused$|^invalid_key$/, name);
        continue;
      }
      assert.ok(key.startsWith(prefix) && !key.split("/").some((segment) => segment === "." || segment === ".."), `${name} became ${key}`);
      assert.equal((await world.s3.digest(key)).sha256, sha256(bytes(100, name)), name);
    }
  }
  return { works: true };
}

/** Uploads a hundred bytes of its own under each name: name → `{ key }` or `{ code }`. */
async function uploadAll(world, transport, names) {
  const { url } = await world.endpoint();
  const visit = await world.visit();
  const files = names.map((name) => ({ name, data: bytes(100, name).toString("base64") }));
  const found = await visit.page.evaluate(
    async ([options, all]) => {
      const { createUploader } = await import("/js/index.js");
      const uploader = createUploader(options);
      const end = async ({ name, data }) => {
        const content = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        return uploader.add(new File([content], "file.txt", { type: "text/plain" }), { name }).result.then(
          ({ key }) => [name, { key }],
          ({ code, message }) => [name, { code, message }],
        );
      };
      return Promise.all(all.map(end));
    },
    [{ endpoint: url, transport }, files],
  );
  await visit.close();
  return Object.fromEntries(found);
}
