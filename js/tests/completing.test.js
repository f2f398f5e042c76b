import assert from "node:assert/strict";
import { test } from "node:test";
import { CompletionContext } from "@codemirror/autocomplete";
import { liquid } from "@codemirror/lang-liquid";
import { EditorState } from "@codemirror/state";
import { completing } from "../src/views/editor/completing.js";

const words = () => ({
  tags: ["if", "render", "message"],
  filters: ["upcase", "json"],
  roles: ["system", "user"],
  partials: ["footer"],
  parameters: [{ name: "customer", type: "object", example: '{"name": "Ada"}' }, { name: "items" }],
});

function offered(text) {
  const state = EditorState.create({ doc: text, extensions: [liquid()] });
  return completing(words)(new CompletionContext(state, text.length, false))?.options.map((one) => one.label) ?? null;
}

test("inside a tag parameters, what they hold, filters, tags, roles and partials are offered", () => {
  assert.ok(offered("Dear {{ cu").includes("customer"));
  assert.deepEqual(offered("Dear {{ customer.n"), ["name"]);
  assert.deepEqual(offered("{{ customer.name | up"), ["upcase", "json"]);
  assert.deepEqual(offered("{% re"), ["if", "render", "message"]);
  assert.ok(offered("{% if it").includes("items"));
  assert.deepEqual(offered("{% message sy"), ["system", "user"]);
  assert.deepEqual(offered("{% render 'fo"), ["footer"]);
  assert.deepEqual(offered("{%- render \"fo"), ["footer"]);
  assert.ok(offered("{% if customer %}x{% endif %} {{ cu").includes("customer"));
});

test("in prose nothing is offered: Enter begins a line there", () => {
  for (const text of ["hello cu", "Hello\nin", "{{ customer }} wi", "<p>cu", "one item", "{% if items %}it", "a | up", "}} cu"]) {
    assert.equal(offered(text), null, text);
  }
});
