import assert from "node:assert/strict";
import { test } from "node:test";
import { number, pairs, parts } from "../src/parts/sides.js";

const line = (kind, text) => ({ kind, text });

test("lines of a change stand beside each other in order, the rest beside nothing", () => {
  const [same, a, b, c] = [line("equal", "="), line("removed", "a"), line("added", "b"), line("added", "c")];
  assert.deepEqual(pairs([same, a, b, c]).map((one) => [one.old?.text, one.new?.text]), [["=", "="], ["a", "b"], [undefined, "c"]]);
});

test("a line stands beside the one that it replaced", () => {
  const [a, b] = [{ ...line("removed", "a"), old: 7 }, { ...line("removed", "b"), old: 8 }];
  const [x, y, z] = [line("added", "x"), { ...line("added", "y"), beside: 8 }, line("added", "z")];
  assert.deepEqual(pairs([a, b, x, y, z]).map((one) => [one.old?.text, one.new?.text]), [["a", "x"], ["b", "y"], [undefined, "z"]]);
  assert.deepEqual(pairs([b, x, y]).map((one) => [one.old?.text, one.new?.text]), [[undefined, "x"], ["b", "y"]]);
});

test("a line whose old one is not at hand stands in order", () => {
  const made = pairs([{ ...line("removed", "a"), old: 7 }, { ...line("added", "x"), beside: 6 }]);
  assert.deepEqual(made.map((one) => [one.old?.text, one.new?.text]), [["a", "x"]]);
});

test("what is removed after something was added begins a block of its own", () => {
  const made = pairs([line("removed", "a"), line("added", "b"), line("removed", "c")]);
  assert.deepEqual(made.map((one) => [one.old?.text, one.new?.text]), [["a", "b"], ["c", undefined]]);
});

test("a fold stands alone between lines", () => {
  const fold = { fold: 4, count: 20 };
  assert.equal(pairs([line("removed", "a"), fold, line("added", "b")])[1], fold);
});

test("neighbouring lines that differ are one change", () => {
  const pieces = [line("removed", "a"), line("added", "b"), line("equal", "="), line("added", "c")];
  assert.equal(number(pieces), 2);
  assert.deepEqual(pieces.map((one) => one.change), [0, 0, undefined, 1]);
});

test("a change that goes on in the next portion keeps its number", () => {
  const first = [line("equal", "="), line("removed", "a")];
  const count = number(first);
  const next = [line("added", "b"), line("equal", "="), line("added", "c")];
  assert.equal(number(next, count, first.at(-1)), 2);
  assert.deepEqual(next.map((one) => one.change), [0, undefined, 1]);
});

test("a list is cut into parts", () => {
  assert.deepEqual(parts([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(parts([], 2), []);
});
