// `{%` closes itself as `{%%}`, and the `%` that came by itself is gone over when it is typed: the
// language's own way of closing (in lang-liquid) leaves the typed one beside it.
import { EditorSelection, Prec, RangeSet, RangeValue, StateEffect, StateField } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

const mark = new class extends RangeValue {}();
mark.startSide = 1; // what is typed before it pushes it on
mark.endSide = -1;

const put = StateEffect.define({ map: (at, changes) => changes.mapPos(at, 1) });

// The places of each `%` that came by itself and stands there still.
const own = StateField.define({
  create: () => RangeSet.empty,
  update: (places, change) => {
    const added = change.effects.filter((one) => one.is(put)).map((one) => mark.range(one.value, one.value + 1));
    const kept = change.docChanged ? places.map(change.changes) : places;
    return added.length ? kept.update({ add: added, sort: true }) : kept;
  },
});

function isOwn(state, at) {
  let found = false;
  state.field(own).between(at, at + 1, (from, to) => {
    found ||= from === at && to === at + 1;
  });
  return found && state.sliceDoc(at, at + 1) === "%";
}

// What typing `text` over from–to is to do where that is a `%` of ours; else null.
export function percent(state, from, to, text) {
  if (text !== "%" || from !== to || !state.selection.ranges.every((one) => one.empty)) return null;
  const said = { scrollIntoView: true, userEvent: "input.type" };
  const at = state.selection.ranges;
  if (at.every(({ head }) => isOwn(state, head))) {
    return { ...said, ...state.changeByRange(({ head }) =>
      ({ changes: { from: head, to: head + 1, insert: "%" }, range: EditorSelection.cursor(head + 1) })) };
  }
  if (!at.every(({ head }) => state.sliceDoc(head - 1, head + 1) === "{}")) return null;
  return { ...said, ...state.changeByRange(({ head }) =>
    ({ changes: { from: head, insert: "%%" }, effects: put.of(head + 1), range: EditorSelection.cursor(head + 1) })) };
}

export function percents() {
  return [own, Prec.highest(EditorView.inputHandler.of((view, from, to, text) => {
    const change = percent(view.state, from, to, text);
    if (change === null) return false;
    view.dispatch(change);
    return true;
  }))];
}
