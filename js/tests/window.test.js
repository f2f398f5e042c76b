import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsIn, scrollTo } from "../src/parts/window.js";

test("only the rows that are seen are drawn, and some on each side", () => {
  assert.deepEqual(rowsIn({ count: 10_000, height: 20, top: 2000, shown: 200, spare: 5 }), { first: 95, end: 115 });
});

test("a short list is drawn whole", () => {
  assert.deepEqual(rowsIn({ count: 3, height: 20, top: 0, shown: 360 }), { first: 0, end: 3 });
});

test("a list that became shorter than it was scrolled draws nothing beyond its end", () => {
  assert.deepEqual(rowsIn({ count: 2, height: 20, top: 5000, shown: 200 }), { first: 2, end: 2 });
});

test("a row that is seen is not scrolled to", () => {
  assert.equal(scrollTo({ at: 5, height: 20, top: 60, shown: 200 }), 60);
});

test("a row above is scrolled to its beginning, one below to its end", () => {
  assert.equal(scrollTo({ at: 1, height: 20, top: 60, shown: 200 }), 20);
  assert.equal(scrollTo({ at: 20, height: 20, top: 60, shown: 200 }), 220);
});
