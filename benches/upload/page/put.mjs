// The limit: each file whole, one PUT to a presigned URL, six files at once. All URLs in one call.
import { pool, send, sign } from "./by-hand.mjs";

export async function prepare({ prefix }) {
  return async (files) => {
    const urls = await sign(files.map((file) => ({ method: "PUT", key: prefix + file.name })));
    await pool(files, 6, (file, index) => send("PUT", urls[index], file));
  };
}
