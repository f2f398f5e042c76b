// What was typed before and not saved: to be read, restored or thrown away.
import { h } from "../../parts/dom.js";

// `restore(id)` asks for a record to be put into the editor, `discard(id)` throws one away; `after()`
// takes the focus when no offer is left. Returns { box, add(record), remove(id) }.
export function offering({ restore, discard, after }) {
  const made = new Map(); // by id
  const box = h("div", { class: "anvil-stack", role: "status" });

  function remove(id) {
    made.get(id)?.remove();
    made.delete(id);
  }

  function add(record) {
    const { id } = record;
    made.set(id, h("div", { class: "anvil-notice anvil-bar", role: "group", "aria-label": said(record) },
      h("details", { class: "anvil-grow" }, h("summary", {}, said(record)),
        h("pre", { class: "anvil-kept", tabindex: "0", role: "region", "aria-label": "The unsaved text", dir: "auto" }, textOf(record))),
      h("button", { type: "button", onclick: () => restore(id) }, "Restore"),
      h("button", { type: "button", onclick: () => {
        discard(id);
        const one = made.get(id);
        const beside = one.nextElementSibling ?? one.previousElementSibling;
        remove(id);
        if (beside) beside.querySelector("summary").focus();
        else after();
      } }, "Discard")));
    box.append(made.get(id));
  }

  return { box, add, remove };
}

// Of a prompt that is gone there is no result, but the text that was to be saved.
const isResult = ({ conflict }) => Boolean(conflict && !conflict.said.removed);
const textOf = (record) => isResult(record) ? record.conflict.result : record.document.text;

function said(record) {
  const { at, place } = record;
  const when = new Date(at);
  const day = when.toLocaleDateString() === new Date().toLocaleDateString() ? "" : `${when.toLocaleDateString()} `;
  const where = place ? `, of ${place.at(-1)}` : "";
  return `Unsaved ${isResult(record) ? "result" : "text"} of ${day}${when.toTimeString().slice(0, 5)}${where}, ${textOf(record).length.toLocaleString("en")} characters.`;
}
