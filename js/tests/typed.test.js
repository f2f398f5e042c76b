import assert from "node:assert/strict";
import { test } from "node:test";
import { Typed } from "../src/parts/typed.js";

const FIELDS = [
  { name: "name", value: "old" },
  { name: "text", type: "textarea" },
  { name: "force", type: "checkbox" },
  { name: "bump", options: ["patch", "minor"], value: "patch" },
];

test("what was typed and left stands there the next time, and nothing else does", () => {
  const typed = new Typed();
  typed.keep("Rename a", FIELDS, { name: "new", text: "", force: true, bump: "minor" });
  assert.deepEqual(typed.begin("Rename a", FIELDS), {
    values: { name: "new", text: undefined, force: undefined, bump: "patch" },
    kept: true,
    moved: false,
  });
  assert.equal(typed.begin("Rename b", FIELDS).kept, false);
});

test("what was typed over and changed meanwhile is told", () => {
  const typed = new Typed();
  typed.keep("Describe", [{ name: "text", value: "old" }], { text: "mine" });
  const now = typed.begin("Describe", [{ name: "text", value: "theirs" }]);
  assert.deepEqual(now, { values: { text: "mine" }, kept: true, moved: true });
});

test("what was typed back to what stood there, and what was answered, is not kept", () => {
  const typed = new Typed();
  const fields = [{ name: "text", value: "old" }];
  typed.keep("Describe", fields, { text: "mine" });
  typed.keep("Describe", fields, { text: "old" });
  assert.equal(typed.begin("Describe", fields).kept, false);
  typed.keep("Describe", fields, { text: "mine" });
  typed.drop("Describe");
  assert.equal(typed.begin("Describe", fields).kept, false);
});
