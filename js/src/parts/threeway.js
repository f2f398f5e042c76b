// Three texts beside each other, piece by piece, and below them the result, to be written on.
import { EditorState, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";
import { diff, presentableDiff } from "@codemirror/merge";
import { chosen, chunksOf, linesOf, marksIn, proposed } from "./chunks.js";
import { textIn, writing } from "./code.js";
import { h, newId } from "./dom.js";
import "../styles/threeway.css";

const KINDS = {
  ours: (labels) => `only ${labels.ours} changed it`,
  theirs: (labels) => `only ${labels.theirs} changed it`,
  both: () => "both changed it alike",
  conflict: () => "both changed it",
};
const NAMES = { base: "Base", ours: "Mine", theirs: "Theirs" };

// Shows three texts in `parent`. `base` is null where there is none; `result` is a text to begin
// with, in place of what the pieces propose. `labels` are of { base, ours, theirs }; `onChange` is
// told { text, left }: the result, and how many conflicts are still open in it. Returns { text,
// left, set, next, previous, focus, destroy }.
export function threeWay(parent, { base, ours, theirs, result = null, labels: said = {}, onChange = () => {} }) {
  const labels = { ...NAMES, ...said };
  const chunks = chunksOf(base, ours, theirs);
  const changed = chunks.filter((one) => one.kind !== "same");
  const conflicts = changed.filter((one) => one.kind === "conflict");

  // The places of the pieces in the result: they move as it is written on.
  const places = StateField.define({
    create: () => {
      let at = 0;
      return chunks.flatMap((one) => {
        const from = at;
        at += proposed(one, labels).length;
        return one.kind === "same" ? [] : [{ from, to: at }];
      });
    },
    update: (value, { changes }) =>
      changes.empty ? value : value.map(({ from, to }) => ({ from: changes.mapPos(from, -1), to: changes.mapPos(to, 1) })),
    provide: (field) => EditorView.decorations.from(field, (all) => (view) => marks(view.state, all)),
  });
  const pieceAt = (state, at) => {
    const { from, to } = state.field(places)[at];
    return state.sliceDoc(from, to);
  };
  // The conflicts in which marks stand, by their pieces, and the lines with marks elsewhere.
  const openOnes = (state) => {
    const all = state.field(places);
    const open = new Set();
    const stray = [];
    for (const mark of marksIn(state.doc.toString())) {
      const at = all.findIndex(({ from, to }, piece) => changed[piece].kind === "conflict" && from <= mark && mark < to);
      if (at < 0) stray.push(state.doc.lineAt(mark).number);
      else open.add(at);
    }
    return { open: [...open], stray };
  };

  const status = h("p", { class: "anvil-grow", role: "status" });
  const next = h("button", { type: "button", onclick: () => step(1) }, "Next ↓");
  const previous = h("button", { type: "button", onclick: () => step(-1) }, "Previous ↑");
  const rows = changed.map((chunk, at) => row(chunk, at));
  const list = h("ol", { class: "anvil-chunks", "aria-label": "Where the texts differ" }, withGaps());
  const room = h("div", { class: "anvil-panel anvil-threeway-result" });
  const title = h("h4", { id: newId("result") }, "Result");
  const box = h("div", { class: "anvil-threeway" },
    h("div", { class: "anvil-bar" }, status, changed.length > 1 ? [previous, next] : null),
    list, title, room);
  parent.append(box);

  const view = textIn(room, chunks.map((one) => proposed(one, labels)).join(""), [
    writing("Result", {}),
    EditorState.lineSeparator.of("\n"), // every other character is kept as it is
    places,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) tell();
    }),
  ]);
  if (result !== null && result !== view.state.doc.toString()) set(result);
  tell(false);

  function tell(aloud = true) {
    const { open, stray } = openOnes(view.state);
    status.textContent = statusOf(open.length, conflicts.length, stray);
    rows.forEach(({ sign, buttons }, at) => {
      const now = pieceAt(view.state, at);
      const taken = Object.keys(buttons).find((choice) => chosen(changed[at], choice) === now);
      sign.textContent = open.includes(at) ? "open" : taken ? `${labels[taken] ?? "Both"} taken` : "edited";
      sign.classList.toggle("anvil-open", open.includes(at));
      for (const [choice, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(choice === taken));
    });
    if (aloud) onChange({ text: view.state.doc.toString(), left: open.length });
  }

  // Changes only what differs, so that the pieces stay where they are.
  function set(text) {
    const now = view.state.doc.toString();
    const found = diff(now, text, { timeout: 500 });
    view.dispatch({ changes: found.map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: text.slice(fromB, toB) })) });
  }

  function take(at, choice) {
    const { from, to } = view.state.field(places)[at];
    view.dispatch({ changes: { from, to, insert: chosen(changed[at], choice) }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  }

  // To the next piece, or the one before, that is open; of all when none is.
  function step(by) {
    const { open } = openOnes(view.state);
    const among = open.length ? open : changed.map((_, at) => at);
    const now = rows.findIndex(({ element }) => element.contains(box.getRootNode().activeElement));
    const at = by > 0 ? among.find((one) => one > now) ?? among[0] : among.findLast((one) => one < now) ?? among.at(-1);
    if (at === undefined) return;
    rows[at].element.scrollIntoView({ block: "nearest" });
    rows[at].element.focus();
  }

  function row(chunk, at) {
    const number = conflicts.indexOf(chunk) + 1;
    const name = number ? `Conflict ${number} of ${conflicts.length}` : "Change";
    const sign = h("span", { class: "anvil-badge" });
    const id = newId("chunk");
    const choices = base === null ? ["ours", "theirs", "both"] : ["ours", "theirs", "both", "base"];
    const buttons = Object.fromEntries(choices.map((choice) => [choice,
      h("button", { type: "button", "aria-pressed": "false", "aria-describedby": id, onclick: () => take(at, choice) },
        choice === "both" ? "Take both" : `Take ${labels[choice].toLowerCase()}`)]));
    const element = h("li", { class: `anvil-chunk anvil-chunk-${chunk.kind}`, tabindex: "-1", "aria-labelledby": id },
      h("div", { class: "anvil-bar" },
        h("strong", { id }, `${name}, line ${chunk.line}`), h("span", { class: "anvil-muted" }, KINDS[chunk.kind](labels)), sign,
        h("span", { class: "anvil-bar anvil-end anvil-grow" }, Object.values(buttons))),
      h("div", { class: "anvil-sides" },
        base === null ? null : side(labels.base, chunk.base, null),
        side(labels.ours, chunk.ours, base === null ? chunk.theirs : chunk.base),
        side(labels.theirs, chunk.theirs, base === null ? chunk.ours : chunk.base)));
    return { element, sign, buttons };
  }

  function withGaps() {
    let at = 0;
    return chunks.map((one) => {
      if (one.kind !== "same") return rows[at++].element;
      const count = linesOf(one.ours).length;
      return h("li", { class: "anvil-muted anvil-gap" }, count === 1 ? "1 line that is the same" : `${count} lines that are the same`);
    });
  }

  function marks(state, all) {
    const lines = new Set();
    const { open } = openOnes(state);
    all.forEach(({ from, to }, at) => {
      if (!open.includes(at)) return;
      for (let line = state.doc.lineAt(from); ; line = state.doc.line(line.number + 1)) {
        lines.add(line.from);
        if (line.to + 1 >= to || line.number === state.doc.lines) break;
      }
    });
    return Decoration.set([...lines].sort((one, two) => one - two).map((at) => Decoration.line({ class: "anvil-open-line" }).range(at)));
  }

  return {
    text: () => view.state.doc.toString(),
    left: () => openOnes(view.state).open.length,
    set,
    next: () => step(1),
    previous: () => step(-1),
    focus: () => (rows[0]?.element ?? view).focus(),
    destroy: () => {
      view.destroy();
      box.remove();
    },
  };
}

// How much is left to choose, in words.
function statusOf(open, all, stray) {
  const marks = stray.length ? `A mark of a conflict stands in line ${stray.join(", ")}` : "";
  if (all === 0 && !open) return marks || "No conflict: the two changes fit together.";
  if (!open) return marks || `All ${all} settled`;
  return [`${open} of ${all} ${all === 1 ? "conflict" : "conflicts"} left`, marks].filter(Boolean).join(". ");
}

// One side of a piece; words that the other text does not have are marked.
function side(label, text, against) {
  const words = [];
  let at = 0;
  for (const { fromB, toB } of against === null || text.length > 20_000 ? [] : presentableDiff(against, text, { scanLimit: 500, timeout: 100 })) {
    words.push(text.slice(at, fromB));
    if (toB > fromB) words.push(h("ins", {}, text.slice(fromB, toB)));
    at = toB;
  }
  words.push(text.slice(at));
  return h("figure", {},
    h("figcaption", {}, label),
    text === "" ? h("p", { class: "anvil-muted" }, "(nothing)") : h("pre", { dir: "auto" }, words));
}
