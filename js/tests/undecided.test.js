import assert from "node:assert/strict";
import { test } from "node:test";
import { keeping } from "../src/parts/keeping.js";
import { addressOf, counted, listed, step } from "../src/parts/undecided.js";

const ROWS = [["version:a", 0, ""], ["name:b", 1, "skip"], ["version:c", 0, ""], ["version:d", 0, "skip"]];

test("what is listed is of one kind, or what is left, or all", () => {
  assert.deepEqual(listed(ROWS), [0, 1, 2, 3]);
  assert.deepEqual(listed(ROWS, { kind: 0 }), [0, 2, 3]);
  assert.deepEqual(listed(ROWS, { kind: 0, open: true }), [0, 2]);
});

test("a step goes to what is left, around the end, and nowhere when nothing is", () => {
  const all = listed(ROWS);
  assert.equal(step(ROWS, all, 0, 1), 2);
  assert.equal(step(ROWS, all, 2, 1), 0);
  assert.equal(step(ROWS, all, 0, -1), 2);
  assert.equal(step(ROWS, all, 3, -1), 2);
  assert.equal(step(ROWS, [1, 3], 1, 1), null);
});

test("each kind is counted, with what is left of it", () => {
  assert.deepEqual(counted(ROWS, ["version", "name"]), [{ kind: "version", all: 3, left: 2 }, { kind: "name", all: 1, left: 0 }]);
});

test("a key is shown without its kind, and a target's name as it is", () => {
  assert.deepEqual(["version:desk/a@1.0.0", "skills/mail", "files/id:x"].map(addressOf), ["desk/a@1.0.0", "skills/mail", "files/id:x"]);
});

test("what is kept comes back, and a browser that keeps nothing does no harm", () => {
  const held = new Map();
  const storage = { getItem: (name) => held.get(name) ?? null, setItem: (name, value) => held.set(name, value), removeItem: (name) => held.delete(name) };
  const kept = keeping("one", () => storage);
  assert.equal(kept.get(), null);
  kept.set({ a: 1 });
  assert.deepEqual(kept.get(), { a: 1 });
  kept.forget();
  assert.equal(kept.get(), null);
  const full = keeping("one", () => { throw new Error("no storage"); });
  full.set({ a: 1 });
  assert.equal(full.get(), null);
});
