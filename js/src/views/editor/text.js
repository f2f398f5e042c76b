// The template: highlighted, completed, with faults at their lines.
import { autocompletion } from "@codemirror/autocomplete";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { textIn, writing } from "../../parts/code.js";
import { completing } from "./completing.js";
import { breaksOf, withBreaks } from "./form.js";

// Shows `doc` in `parent`; `words()` is what it is completed with. Returns { get, open, set, told,
// go, focus, destroy }: `open` begins with a text, before which there is nothing to go back to, and
// `told` takes [{ line, column, message, severity }].
export function template(parent, doc, { words, changed }) {
  const breaks = new Compartment();
  const extensions = (text) => [
    breaks.of(EditorState.lineSeparator.of(breaksOf(text))),
    writing("Template"),
    autocompletion({ override: [completing(words)] }),
    lintGutter(),
    EditorView.clipboardInputFilter.of((pasted, state) => withBreaks(pasted, state.lineBreak)),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed();
    }),
  ];
  const view = textIn(parent, doc, extensions(doc));
  const place = ({ line, column }) => {
    const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
    const from = Math.min(at.from + Math.max(0, (column ?? 1) - 1), at.to);
    const end = /[%}]\}/.exec(at.text.slice(from - at.from));
    return { from, to: end ? from + end.index + 2 : at.to };
  };
  return {
    get: () => view.state.sliceDoc(),
    open: (text) => view.setState(EditorState.create({ doc: text, extensions: extensions(text) })),
    set: (text) => {
      view.dispatch({ effects: breaks.reconfigure(EditorState.lineSeparator.of(breaksOf(text))) });
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(text) } });
    },
    told: (found) => {
      const all = found.filter((one) => one.line).map((one) => ({ ...place(one), severity: one.severity, message: one.message }));
      view.dispatch(setDiagnostics(view.state, all));
    },
    go: (found) => {
      view.dispatch({ selection: { anchor: place(found).from }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
