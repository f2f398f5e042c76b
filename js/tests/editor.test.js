import assert from "node:assert/strict";
import { test } from "node:test";
import { properties, variables } from "../src/views/editor/completing.js";
import { asJson, breaksOf, lined, retyped, said, same, shown, truths, valuesOf, withBreaks } from "../src/views/editor/form.js";

const EMPTY = { text: "", syntax: "liquid", parameters: [], description: "", tags: [], settings: [] };

test("a value that is typed comes back as it went, whatever its type", () => {
  for (const [json, type] of [['"3"', "string"], ['"a\\nb"', "string"], ["3", "integer"], ["123456789012345678901234567890", "integer"],
    ["true", "boolean"], ['["a", "b"]', "array"], ['"3"', ""], ["3", ""], ['"text"', ""], ['{"a": 1}', ""]]) {
    assert.equal(asJson(shown(json, type), type), json);
  }
});

test("a value keeps its meaning when its type is changed", () => {
  assert.deepEqual(retyped({ type: "string", default: '"3"' }, "integer"), { type: "integer", default: "3" });
  assert.deepEqual(retyped({ type: "integer", enum: ["1", "2"] }, "string"), { type: "string", enum: ['"1"', '"2"'] });
});

test("choices come back of their lines as they went: with line breaks, empty, in quotes", () => {
  const odd = ["kind\nand warm", "a\r\nb", "", " ", "short", " ends ", '"said"', '"half', "3", "null", "{"].map((one) => JSON.stringify(one));
  assert.deepEqual(valuesOf(lined(odd, "string"), "string"), odd);
  assert.deepEqual(valuesOf(lined([...odd, "3", "null", "[1]"], ""), ""), [...odd, "3", "null", "[1]"]);
  assert.deepEqual(valuesOf(lined(["1", "2.5"], "number"), "number"), ["1", "2.5"]);
  assert.equal(lined(['"kind"', '"so so"'], "string"), "kind\nso so");
  assert.deepEqual(valuesOf("kind\n\n warm \n", "string"), ['"kind"', '"warm"']);
});

test("a default is set aside while a value is required", () => {
  const row = { name: "a", type: "string", required: false, description: "", default: '"Ada"' };
  const { default: _, ...rest } = row;
  assert.deepEqual(said({ ...row, required: true }), { ...rest, required: true });
  assert.deepEqual(said(row), row);
});

test("a field for true and false offers what is written, and that there is none", () => {
  const offered = (json) => truths(json).map((one) => one.value);
  assert.deepEqual(offered("true"), ["true", "false"]);
  assert.deepEqual(offered(undefined), ["", "true", "false"]);
  assert.deepEqual(offered(retyped({ type: "string", default: '"abc"' }, "boolean").default), ["abc", "true", "false"]);
});

test("documents are the same when all they say is", () => {
  const row = { name: "a", type: "", required: true, description: "" };
  assert.ok(same({ ...EMPTY, parameters: [row] }, { ...EMPTY, parameters: [{ description: "", required: true, type: "", name: "a" }] }));
  assert.ok(!same({ ...EMPTY, parameters: [row] }, { ...EMPTY, parameters: [{ ...row, default: "1" }] }));
  assert.ok(!same(EMPTY, { ...EMPTY, text: " " }));
});

test("line ends are kept: all of one kind, or each as it is", () => {
  assert.equal(breaksOf("a\r\nb\r\n"), "\r\n");
  for (const mixed of ["a\nb", "a\r\nb\n", "a\rb\r\n", "\n\r\n", ""]) assert.equal(breaksOf(mixed), "\n");
});

test("pasted lines end as those of the prompt do", () => {
  assert.equal(withBreaks("a\nb\r\nc\rd", "\r\n"), "a\r\nb\r\nc\r\nd");
  assert.equal(withBreaks("a\r\nb\n", "\n"), "a\nb\n");
});

test("names are completed from parameters and from what the template assigns", () => {
  const found = variables("{% assign tone = 1 %}{%- for item in list %}", [{ name: "list", type: "array" }]);
  assert.deepEqual(found.map((one) => one.label), ["list", "tone", "item"]);
});

test("what an object holds is completed from its example", () => {
  const rows = [{ name: "user", example: '{"name": "Ada", "address": {"city": "X"}}' }, { name: "bad", example: "{" }];
  assert.deepEqual(properties(["user"], rows).map((one) => one.label), ["name", "address"]);
  assert.deepEqual(properties(["user", "address"], rows).map((one) => one.label), ["city"]);
  for (const path of [["user", "name"], ["nobody"], ["bad"]]) assert.deepEqual(properties(path, rows), []);
});
