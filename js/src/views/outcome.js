// What a plan does, or what was done, as rows: thousands at ease.
import { h } from "../parts/dom.js";
import { rows } from "../parts/rows.js";

const SIGNS = { add: "+", change: "~", rename: "→", move: "→", keep: "=", same: "=", leave: "–", planned: "~", done: "✓", moved: "!", failed: "✕", cancelled: "–" };

// Draws { header, rows } of a plan or a report; nothing where there are no rows.
export function outcomeTable({ header, rows: lines }) {
  if (!lines.length) return h("p", { class: "anvil-muted" }, "Nothing is to be done.");
  const list = rows({
    height: 30,
    most: 240,
    row: (at) => line(lines[at]),
    properties: { role: "list", "aria-label": header.join(", ") },
  });
  list.draw(lines.length);
  return list.box;
}

function line([action, what, where, note]) {
  return h("div", { role: "listitem", class: "anvil-outcome" },
    h("span", { class: "anvil-sign", "aria-hidden": "true" }, SIGNS[action] ?? "·"),
    h("strong", {}, action), h("span", {}, what),
    h("span", { class: "anvil-outcome-where", title: where }, where),
    h("span", { class: "anvil-muted anvil-outcome-note", title: note }, note));
}
