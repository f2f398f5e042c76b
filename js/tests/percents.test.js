import assert from "node:assert/strict";
import { test } from "node:test";
import { closeBrackets, insertBracket } from "@codemirror/autocomplete";
import { liquid } from "@codemirror/lang-liquid";
import { EditorState } from "@codemirror/state";
import { percent, percents } from "../src/parts/percents.js";

// The text after each key was typed as a view would take it.
function typed(keys, doc = "", at = doc.length) {
  let state = EditorState.create({ doc, selection: { anchor: at }, extensions: [percents(), liquid(), closeBrackets()] });
  for (const key of keys) {
    const { head } = state.selection.main;
    const found = percent(state, head, head, key);
    const bracket = found ? null : insertBracket(state, key);
    state = (found ? state.update(found) : bracket ?? state.update(state.replaceSelection(key))).state;
  }
  return state.sliceDoc();
}

test("a tag that is typed key by key is what was typed, with no mark left over", () => {
  for (const text of ["{% if a %}x{% endif %}", "{%- if a -%}x{%- endif -%}", "{% render 'sign' %}", "{% raw %}{{ x }}{% endraw %}", "{{ name }}", "{%\nif a\n%}", "{%%}"]) {
    assert.equal(typed(text), text);
  }
});

test("what stands after it stays", () => {
  assert.equal(typed("{% if a %}", "before\nafter", 7), "before\n{% if a %}after");
});

test("a sign that somebody else put there is not gone over", () => {
  assert.equal(typed("%", "50%", 2), "50%%");
  assert.equal(typed("% ", "{{ a }} 100", 11), "{{ a }} 100% ");
});
