// What was typed before and not saved: to be read, restored or thrown away.
import { h } from "../../parts/dom.js";

// `restore(record)` puts a record into the editor and returns whether it could; `drop(record)`
// throws one away; `after()` takes the focus when no offer is left. Returns { box, add, remove }.
export function offering({ restore, drop, after }) {
  const made = new Map(); // by id
  const box = h("div", { class: "anvil-stack", role: "status" });

  function remove(id) {
    made.get(id)?.remove();
    made.delete(id);
  }

  function add(record) {
    const { id } = record;
    const whole = record.conflict?.result ?? record.document.text;
    made.set(id, h("div", { class: "anvil-notice anvil-bar", role: "group", "aria-label": said(record) },
      h("details", { class: "anvil-grow" }, h("summary", {}, said(record)),
        h("pre", { class: "anvil-kept", tabindex: "0", role: "region", "aria-label": "The unsaved text", dir: "auto" }, whole)),
      h("button", { type: "button", onclick: () => {
        if (!restore(record)) return;
        drop(record);
        remove(id);
      } }, "Restore"),
      h("button", { type: "button", onclick: () => {
        drop(record);
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

function said({ at, document, conflict, place }) {
  const when = new Date(at);
  const day = when.toLocaleDateString() === new Date().toLocaleDateString() ? "" : `${when.toLocaleDateString()} `;
  const text = conflict?.result ?? document.text;
  const where = place ? `, of ${place.at(-1)}` : "";
  return `Unsaved ${conflict ? "result" : "text"} of ${day}${when.toTimeString().slice(0, 5)}${where}, ${text.length.toLocaleString("en")} characters.`;
}
