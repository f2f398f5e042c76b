// Python takes a result or refuses it by the same examples: tests/widgets/test_decisions.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isOpen, marksIn } from "../src/parts/chunks.js";

const { ends, texts } = JSON.parse(readFileSync(new URL("../../tests/widgets/marks.json", import.meta.url), "utf8"));

test("a text is open where Python refuses it", () => {
  for (const { text, line } of texts) assert.equal(isOpen(text), line !== null, JSON.stringify(text));
});

test("a line ends where it does in Python, and nowhere else", () => {
  for (let code = 0; code < 0x10000; code += 1) {
    const end = String.fromCharCode(code);
    assert.equal(isOpen(`x${end}<<<<<<< Ours`), ends.includes(end), `U+${code.toString(16)}`);
  }
});

test("each mark is found at the place at which its line begins", () => {
  const text = "Dear\n<<<<<<< Ours\nA\n=======\nB\n>>>>>>> Theirs\n";
  assert.deepEqual(marksIn(text).map((at) => text.slice(at, at + 8)), ["<<<<<<< ", ">>>>>>> "]);
});
