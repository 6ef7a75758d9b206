// The plain HTML form, with JavaScript switched off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./harness/browser.mjs";
import { Bucket, readLink } from "./harness/bucket.mjs";
import { Folder } from "./harness/files.mjs";
import { startServer } from "./harness/server.mjs";

const MAX_SIZE = 100_000;

let server, browser, folder, bucket;
before(async () => {
  [server, browser] = await Promise.all([startServer({ rules: { max_size: MAX_SIZE } }), launch()]);
  folder = new Folder();
  bucket = new Bucket(server);
});
after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  folder?.remove();
});

const openForm = async () => {
  const page = await openPage(browser, { javaScriptEnabled: false });
  await page.goto(`${server.url}/form.html`);
  return page;
};

/** Sends the form and waits for the page that answers; returns its status. */
async function submit(page) {
  const [response] = await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Upload", exact: true }).click()]);
  return response.status();
}

/** Writes over a hidden field, as somebody who edits the page does. */
const tamper = (page, name, value) =>
  page.locator(`input[name="${name}" i]`).evaluate((input, text) => input.setAttribute("value", text), value);

for (const [label, size] of [["an empty file", 0], ["a file", 54_321], ["a file of the greatest size", MAX_SIZE]]) {
  test(`without JavaScript ${label} reaches the bucket, and the browser comes back`, async () => {
    const file = folder.file(`form ${size} ü+%.bin`, size);
    const before = new Set(await bucket.list());
    const page = await openForm();
    await page.setInputFiles("#file", file.path);
    assert.equal(await submit(page), 200);
    assert.match(page.url(), new RegExp(`^${server.url}/form-done\\.html\\?`));
    await page.getByRole("heading", { name: "Your file is in the bucket" }).waitFor();
    const read = await readLink(await page.getByRole("link", { name: "Open the file" }).getAttribute("href"));
    assert.equal(read.status, 200);
    assert.equal(read.sha256, file.sha256);
    const keys = (await bucket.list()).filter((key) => !before.has(key));
    assert.deepEqual(keys, [await page.locator("dd code").innerText()]);
    assert.equal((await bucket.read(keys[0])).sha256, file.sha256);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test("the form holds no secret, and its fields say what they sign", async () => {
  const page = await openForm();
  const html = await page.content();
  assert.ok(!html.includes(bucket.keys.secretAccessKey));
  const names = await page.locator('input[type="hidden"]').evaluateAll((inputs) => inputs.map((input) => input.name.toLowerCase()));
  for (const name of ["key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "content-type"]) {
    assert.ok(names.includes(name), name);
  }
  // S3 ignores every field after the file.
  const last = await page.locator("form [name]").last().getAttribute("name");
  assert.equal(last, "file");
  await page.context().close();
});

const REFUSALS = [
  ["a file above the policy's size", async (page) => page.setInputFiles("#file", folder.file("too large.bin", MAX_SIZE + 1).path), 400, "EntityTooLarge"],
  ["another key", async (page) => tamper(page, "key", "uploads/somebody-else/file.bin"), 403, "AccessDenied"],
  ["another type", async (page) => tamper(page, "Content-Type", "text/html"), 403, "AccessDenied"],
  ["a field that the policy does not know", async (page) => tamper(page, "success_action_redirect", "https://elsewhere.example/"), 403, "AccessDenied"],
  ["a signature that is not the policy's", async (page) => tamper(page, "x-amz-signature", "0".repeat(64)), 403, "SignatureDoesNotMatch"],
];
for (const [label, spoil, status, code] of REFUSALS) {
  test(`the bucket refuses the form with ${label}`, async () => {
    const before = await bucket.list();
    const page = await openForm();
    await page.setInputFiles("#file", folder.file("small.bin", 100).path);
    await spoil(page);
    assert.equal(await submit(page), status);
    assert.match(await page.content(), new RegExp(code));
    assert.deepEqual(await bucket.list(), before);
    await page.context().close();
  });
}

test("the way back believes the grant, not what stands beside it", async () => {
  const page = await openForm();
  const redirect = await page.locator('input[name="success_action_redirect"]').getAttribute("value");
  // Nothing was uploaded under this form: a made-up answer of S3 gets no receipt.
  const forged = `${redirect}?bucket=sealift-dev&key=uploads%2Fsomebody%2Ffile&etag=%22d41d8cd98f00b204e9800998ecf8427e%22`;
  const answer = await fetch(forged, { redirect: "manual" });
  assert.equal(answer.status, 303);
  const location = new URL(answer.headers.get("location"), server.url);
  assert.equal(location.searchParams.get("receipt"), null);
  assert.equal(location.searchParams.get("error"), "not_uploaded");
  await page.context().close();
});
