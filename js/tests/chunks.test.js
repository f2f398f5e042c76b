import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, chunksOf, isOpen, linesOf, proposed } from "../src/parts/chunks.js";

const LABELS = { ours: "mine", theirs: "theirs" };
const kinds = (...texts) => chunksOf(...texts).map((one) => one.kind);
const whole = (chunks, side) => chunks.map((one) => one[side]).join("");

test("the lines of a text are the text, whatever it ends with", () => {
  for (const text of ["", "a", "a\n", "\n", "a\n\nb", "a\r\nb"]) assert.equal(linesOf(text).join(""), text);
});

test("changes of different lines stand apart, each with the side that made it", () => {
  const chunks = chunksOf("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n");
  assert.deepEqual(chunks.map((one) => one.kind), ["ours", "same", "theirs"]);
  assert.equal(chunks.map((one) => proposed(one, LABELS)).join(""), "A\nb\nc\nd\nE\n");
});

test("two changes of one line are a conflict, and the same change is none", () => {
  assert.deepEqual(kinds("a\nb\n", "a\nX\n", "a\nY\n"), ["same", "conflict"]);
  assert.deepEqual(kinds("a\nb\n", "a\nX\n", "a\nX\n"), ["same", "both"]);
});

test("a line that one side removed and the other changed is a conflict", () => {
  assert.deepEqual(kinds("a\nb\nc\n", "a\nc\n", "a\nB\nc\n"), ["same", "conflict", "same"]);
});

test("changes that touch are one conflict", () => {
  assert.deepEqual(kinds("a\nb\n", "A\nb\n", "a\nB\n"), ["conflict"]);
});

test("of a conflict both sides are proposed between marks, and it is open until these are gone", () => {
  const [, conflict] = chunksOf("a\nb", "a\nmine", "a\ntheirs");
  const text = proposed(conflict, LABELS);
  assert.equal(text, "<<<<<<< mine\nmine\n=======\ntheirs\n>>>>>>> theirs\n");
  assert.ok(isOpen(text));
  assert.equal(chosen(conflict, "both"), "mine\ntheirs");
  for (const choice of ["ours", "theirs", "both", "base"]) assert.ok(!isOpen(chosen(conflict, choice)));
});

test("without a base, what is alike is the same and the rest are conflicts", () => {
  assert.deepEqual(kinds(null, "a\nX\nc\n", "a\nY\nc\n"), ["same", "conflict", "same"]);
});

test("the pieces put together are the three texts, whatever these are", () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const change = (lines) => lines.flatMap((line) => [[line], [], [`${line}!`], [line, "new"]][random(8)] ?? [line]);
  for (let round = 0; round < 300; round += 1) {
    const base = Array.from({ length: random(12) }, () => "abc"[random(3)]);
    const [ours, theirs] = [change(base), change(base)];
    const texts = [base, ours, theirs].map((lines) => lines.join("\n") + "\n".repeat(random(2)));
    const chunks = chunksOf(...texts);
    assert.deepEqual(["base", "ours", "theirs"].map((side) => whole(chunks, side)), texts);
    const two = chunksOf(null, texts[1], texts[2]);
    assert.deepEqual(["ours", "theirs"].map((side) => whole(two, side)), texts.slice(1));
  }
});

test("of more lines than there are letters no side is taken for the other", () => {
  const lines = (last) => [...Array.from({ length: 70_000 }, (_, at) => `line ${at}`), last, ""].join("\n");
  const texts = [lines("base"), lines("ours"), lines("theirs")];
  const chunks = chunksOf(...texts);
  assert.deepEqual(["base", "ours", "theirs"].map((side) => whole(chunks, side)), texts);
  assert.deepEqual(chunks.map((one) => one.kind), ["conflict"]);
  assert.deepEqual(chunksOf(texts[0], texts[0], texts[2]).map((one) => one.kind), ["theirs"]);
});
