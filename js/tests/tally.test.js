import assert from "node:assert/strict";
import { test } from "node:test";
import { tallied, tally } from "../src/parts/tally.js";

test("one is told as one, and several as several", () => {
  assert.equal(tally(1, "conflicts"), "1 conflict");
  assert.equal(tally(0, "conflicts"), "0 conflicts");
  assert.equal(tally(1_200, "problems"), "1,200 problems");
  assert.equal(tally(1, "to push"), "1 to push");
});

test("what there is nothing of is not told", () => {
  assert.equal(tallied({ added: 3, modified: 0, conflicts: 1, problems: 1, cancelled: 2 }), "3 added, 1 conflict, 1 problem, 2 not begun");
  assert.equal(tallied({ added: 0 }), "");
});
