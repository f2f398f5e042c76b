import assert from "node:assert/strict";
import { test } from "node:test";
import { begun, comesFrom, isMergeable, Merging } from "../src/parts/merging.js";

const LABELS = { base: "Base", ours: "Ours", theirs: "Theirs" };
const text = (name, more = {}) => ({ name, base: "a\nb\n", ours: "a\nX\n", theirs: "a\nY\n", syntax: "liquid", ...more });
const apart = text("apart");
const fitting = text("fitting", { base: "a\nb\nc\n", ours: "A\nb\nc\n", theirs: "a\nb\nC\n" });
const here = text("here", { base: null, theirs: null });
const there = text("there", { base: null, ours: null });
const merging = (texts, given = {}) => new Merging(texts, given, LABELS, { merging: true });

test("only texts that both sides have are merged; of files also where one side deleted all", () => {
  assert.deepEqual([apart, here, there].map((one) => isMergeable(one, [apart, here, there])), [true, false, false]);
  const gone = [text("a.md", { ours: null, syntax: "file" }), text("b.md", { ours: null, syntax: "file" })];
  assert.ok(gone.every((one) => isMergeable(one, gone)));
  const some = [gone[0], text("b.md", { syntax: "file" })];
  assert.deepEqual(some.map((one) => isMergeable(one, some)), [false, true]);
});

test("a result begins with what both changes make, or with what was written before", () => {
  assert.equal(begun(fitting, LABELS), "A\nb\nC\n");
  const { results } = merging([apart, fitting], { fitting: "Written" });
  assert.deepEqual(results, { apart: "a\n<<<<<<< Ours\nX\n=======\nY\n>>>>>>> Theirs\n", fitting: "Written" });
});

test("what is open is told until its marks are gone", () => {
  const both = merging([fitting, apart]);
  assert.deepEqual([both.left, both.first, both.told(apart), both.told(fitting)], [["apart"], apart, "open", "ready"]);
  assert.equal(both.wanting, "Choose in each conflict first: apart");
  both.results.apart = "a\nX\n";
  assert.deepEqual([both.left, both.wanting, both.told(apart)], [[], "", "ready"]);
});

test("of many open texts three are named", () => {
  const many = merging(["a", "b", "c", "d", "e"].map((name) => text(name)));
  assert.equal(many.wanting, "Choose in each conflict first: a, b, c and 2 more");
});

test("a mark that somebody wrote where nothing was in conflict keeps the text open, as in Python", () => {
  const one = merging([fitting], { fitting: "A\n<<<<<<< Ours\n" });
  assert.deepEqual(one.left, ["fitting"]);
});

test("a text of one side is named with what becomes of it, and has no result", () => {
  const some = merging([here, there, apart]);
  assert.deepEqual([some.has(here), some.has(apart), some.told(here), some.told(there)], [false, true, "only here", "only there"]);
  assert.equal(comesFrom(apart), "");
  assert.match(comesFrom(there), /^there is only there: it comes along/);
  assert.match(comesFrom(here), /^here is only here: .* will not have it/);
  assert.match(comesFrom(text("a.md", { ours: null, syntax: "file" })), /it stands in the result as it is/);
});

test("where nothing is to be merged there are no results, whatever the texts are called", () => {
  const one = new Merging([text("toString"), apart], {}, LABELS, { merging: false });
  assert.deepEqual([one.results, one.has(one.texts[0]), one.wanting, one.told(apart)], [{}, false, "", ""]);
});
