import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../src/parts/columns.js";

test("a column in which no row says anything is left out, and one that any row fills stays", () => {
  assert.deepEqual(saying([["name", "text", "required", ""], ["tone", "", "optional", ""]]), [["name", "text", "required"], ["tone", "", "optional"]]);
  assert.deepEqual(saying([["name", "", ""], ["tone", "", "How it sounds"]]), [["name", ""], ["tone", "How it sounds"]]);
  assert.deepEqual(saying([["", ""]]), [[""]]);
  assert.deepEqual(saying([]), []);
});
