import assert from "node:assert/strict";
import { test } from "node:test";
import { Unsaved, same } from "../src/parts/unsaved.js";

class Storage {
  #kept = new Map();
  getItem(key) { return this.#kept.get(key) ?? null; }
  setItem(key, value) { this.#kept.set(key, value); }
  removeItem(key) { this.#kept.delete(key); }
}

test("what was kept for one prompt is found for that prompt alone", () => {
  const storage = new Storage();
  new Unsaved(storage, "store a").keep({ text: "typed" }, "sha256:1", "12:31");
  assert.deepEqual(new Unsaved(storage, "store a").found(), { document: { text: "typed" }, base: "sha256:1", at: "12:31" });
  assert.equal(new Unsaved(storage, "store b").found(), null);
});

test("what is forgotten is not offered again", () => {
  const unsaved = new Unsaved(new Storage(), "a");
  unsaved.keep({ text: "typed" }, null, "12:31");
  unsaved.forget();
  assert.equal(unsaved.found(), null);
});

test("without a storage nothing is kept, and it says so", () => {
  const unsaved = new Unsaved(undefined, "a");
  assert.equal(unsaved.keep({ text: "typed" }, null, "12:31"), false);
  assert.equal(unsaved.found(), null);
});

test("what somebody else left under the name is no text of ours", () => {
  const storage = new Storage();
  storage.setItem("anvil unsaved a", "{not json");
  assert.equal(new Unsaved(storage, "a").found(), null);
});

test("documents are the same whatever the order of their fields", () => {
  assert.ok(same({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }));
  assert.ok(!same({ a: [1, 2] }, { a: [2, 1] }));
});
