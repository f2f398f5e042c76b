import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { arrangedBefore, arrangedText, keepArrangement } from "../src/views/import/arranged.js";

const STATE = { digest: "sha256:1", verified: true, done: false, own: "acme", organisations: ["acme", "umbra"], into: "", map: [], organisation: "acme", labels: false };
const shop = { ...STATE, into: "shop", map: ["desk=support"], labels: true };

beforeEach(() => {
  const kept = new Map();
  globalThis.localStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
});

test("an arrangement is offered to the same file when it stands otherwise", () => {
  keepArrangement(shop);
  assert.deepEqual(arrangedBefore(STATE), { into: "shop", map: ["desk=support"], organisation: "acme", labels: true });
  assert.equal(arrangedBefore(shop), null);
  assert.equal(arrangedBefore({ ...STATE, digest: "sha256:2" }), null);
  assert.equal(arrangedBefore({ ...STATE, verified: false }), null);
});

test("what was imported, or planned as the bundle says, is offered no more", () => {
  for (const after of [{ ...shop, done: true }, STATE]) {
    keepArrangement(shop);
    keepArrangement(after);
    assert.equal(arrangedBefore(STATE), null);
  }
});

test("an organisation that one is no member of any more is not offered", () => {
  keepArrangement({ ...STATE, organisation: "umbra" });
  assert.equal(arrangedBefore({ ...STATE, organisations: ["acme"] }), null);
  assert.equal(arrangedBefore(STATE).organisation, "umbra");
});

test("an arrangement is told in words", () => {
  assert.deepEqual(arrangedText(shop, "acme"), ["into shop", "desk=support", "labels move"]);
  assert.deepEqual(arrangedText({ ...STATE, organisation: "umbra" }, "acme"), ["for @umbra"]);
  assert.deepEqual(arrangedText(STATE, "acme"), []);
});
