import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Sha256, bitsOf } from "../src/parts/sha256.js";

const expected = (bytes) => createHash("sha256").update(bytes).digest("hex");
const some = (size) => Uint8Array.from({ length: size }, (_, at) => (at * 131 + (at >> 8)) & 255);

test("the digest of any length around a block is Node's own", () => {
  for (let size = 0; size <= 200; size += 1) assert.equal(new Sha256().update(some(size)).hex(), expected(some(size)));
});

test("the pieces in which it comes make no difference", () => {
  const bytes = some(5_000);
  for (const piece of [1, 63, 64, 65, 1_000, 4_999]) {
    const digest = new Sha256();
    for (let at = 0; at < bytes.length; at += piece) digest.update(bytes.subarray(at, at + piece));
    assert.equal(digest.hex(), expected(bytes));
  }
});

test("a length beyond 512 MiB is written in both words", () => {
  assert.deepEqual([3, 2 ** 29, 3 * 2 ** 29 + 1].map(bitsOf), [[0, 24], [1, 0], [3, 8]]);
});
