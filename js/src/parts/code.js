// CodeMirror as every view uses it: Liquid, JupyterLab's colours, and no key that traps the focus.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewline } from "@codemirror/commands";
import { liquid } from "@codemirror/lang-liquid";
import { HighlightStyle, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: "var(--anvil-code-keyword)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--anvil-code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--anvil-code-number)" },
  { tag: [tags.variableName, tags.propertyName], color: "var(--anvil-code-name)" },
  { tag: [tags.function(tags.variableName), tags.modifier], color: "var(--anvil-code-filter)" },
  { tag: [tags.comment, tags.blockComment], color: "var(--anvil-code-comment)", fontStyle: "italic" },
  { tag: [tags.brace, tags.bracket, tags.punctuation, tags.processingInstruction, tags.operator], color: "var(--anvil-code-mark)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--jp-content-font-color1, var(--anvil-text))", backgroundColor: "var(--jp-cell-editor-background, var(--anvil-ground))", fontSize: "var(--anvil-code-size)" },
  ".cm-content": { fontFamily: "var(--anvil-code)", caretColor: "var(--jp-editor-cursor-color, var(--anvil-text))" },
  ".cm-scroller": { fontFamily: "var(--anvil-code)", lineHeight: "1.5" },
  ".cm-cursor": { borderLeftColor: "var(--jp-editor-cursor-color, var(--anvil-text))" },
  ".cm-gutters": { color: "var(--anvil-muted)", backgroundColor: "var(--anvil-raised)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--anvil-brand) 8%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--anvil-brand) 25%, transparent) !important" },
  ".cm-tooltip": { color: "var(--anvil-text)", backgroundColor: "var(--anvil-raised)", border: "1px solid var(--anvil-border)" },
});

// What every text has, editable or not; `label` is what a screen reader calls it.
export function shared(label) {
  return [
    look,
    syntaxHighlighting(colours),
    lineNumbers(),
    highlightSpecialChars(),
    drawSelection(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, dir: "auto" }),
    keymap.of(searchKeymap),
    highlightSelectionMatches(),
  ];
}

// Liquid to read: highlighted, selectable, reached by Tab.
export function reading(label) {
  return [...shared(label), liquid(), EditorState.readOnly.of(true), EditorView.contentAttributes.of({ tabindex: "0" })];
}

// Liquid to write. `completions` is liquid()'s own configuration: {tags, filters, variables,
// properties}; Tab leaves the text, as everywhere on the page. Nothing stands in a prompt that nobody
// typed: no bracket closes itself, and a new line begins with no blanks.
export function writing(label, completions = {}) {
  return [
    ...shared(label),
    liquid(completions),
    history(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    bracketMatching(),
    autocompletion(),
    keymap.of([{ key: "Enter", run: insertNewline, shift: insertNewline }, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
  ];
}

// Shows a text in `parent`. In Voilà the page draws before its element is in the document, where
// its root is no document: only a shadow root is passed on.
export function textIn(parent, doc, extensions) {
  const root = parent.getRootNode();
  return new EditorView({
    parent,
    root: root instanceof ShadowRoot ? root : undefined,
    state: EditorState.create({ doc, extensions }),
  });
}
