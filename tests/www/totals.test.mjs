// What the line above the list adds up, and which buttons it offers.
import assert from "node:assert/strict";
import test from "node:test";
import { explain, facts, isWorthAnotherTry } from "../../www/errors.js";
import { isActive, isCleared, isSettled, stateView } from "../../www/states.js";
import { sum } from "../../www/totals.js";

const upload = (state, size, loaded = 0, speed = 0, error = undefined, confirmed = 0) => ({ state, size, error, progress: { loaded, confirmed, speed } });
const refused = { code: "type_refused", message: "image/gif is not allowed.", retryable: false, status: 415, requestId: "r-1" };
const busy = { code: "SlowDown", message: "Reduce your request rate.", retryable: true, status: 503 };

test("what was cancelled or deleted does not count, what is stored counts whole", () => {
  const sums = sum([upload("done", 100), upload("uploading", 300, 50, 25), upload("queued", 50), upload("aborted", 1000, 500), upload("deleting", 7), upload("deleted", 9)]);
  assert.deepEqual(
    { files: sums.files, stored: sums.stored, active: sums.active, total: sums.total, sent: sums.sent, remaining: sums.remaining },
    { files: 3, stored: 1, active: 2, total: 450, sent: 150, remaining: 12 },
  );
});

test("what S3 has for good: of stored files all, of others what it answered for", () => {
  const sums = sum([upload("done", 100), upload("uploading", 300, 80, 1, undefined, 50), upload("paused", 300, 20, 0, undefined, 20), upload("failed", 300, 90, 0, busy, 90)]);
  assert.deepEqual([sums.sent, sums.confirmed], [200, 170]);
});

test("paused and failed files do not lengthen the time left", () => {
  const sums = sum([upload("uploading", 100, 50, 10), upload("paused", 1e9), upload("failed", 1e9, 0, 0, busy)]);
  assert.equal(sums.remaining, 5);
  assert.equal(sums.paused, 1);
});

test("files that would be refused again are not tried again", () => {
  const sums = sum([upload("failed", 1, 0, 0, refused), upload("failed", 1, 0, 0, busy)]);
  assert.deepEqual([sums.failed, sums.retried], [2, 1]);
  assert.equal(isWorthAnotherTry(refused), false);
  assert.equal(isWorthAnotherTry({ ...refused, code: "EntityTooLarge" }), false, "S3's name for the same refusal");
  assert.equal(isWorthAnotherTry({ ...refused, code: "grant_expired" }), true, "a new grant may be had");
});

test("every state has words, and a bar and buttons that fit it", () => {
  const states = ["queued", "hashing", "signing", "uploading", "paused", "waiting", "retrying", "finishing", "done", "failed", "aborted", "deleting", "deleted"];
  for (const state of states) {
    const { words, actions } = stateView(state);
    assert.ok(words.length > 0);
    assert.equal(actions.includes("cancel"), !isSettled(state) && state !== "deleting", state);
    assert.equal(actions.includes("delete"), state === "done", state);
    if (isCleared(state)) assert.ok(!isActive(state), state);
  }
  assert.ok(!isCleared("failed"), "a failure stays until somebody has seen it");
});

test("errors: known ones in plain words, unknown ones in their own, facts for support", () => {
  assert.equal(explain(refused), "This kind of file is not taken here.");
  assert.equal(explain({ code: "never_heard_of", message: "The moon is in the way." }), "The moon is in the way.");
  assert.deepEqual(facts(refused, "a.gif", 12), [
    ["Error", "type_refused"],
    ["Message", "image/gif is not allowed."],
    ["HTTP status", "415"],
    ["Request id", "r-1"],
    ["Worth retrying", "no"],
    ["File", "a.gif (12 bytes)"],
  ]);
});
