// What a plan does, or what was done, as rows: thousands at ease.
import { h } from "../parts/dom.js";
import { rows } from "../parts/rows.js";

const SHOWN = 20; // of a long list, so many are named
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

// What was written after a result was taken, and is not in the plan.
export function untakenNotice(addresses) {
  if (!addresses.length) return "";
  return h("div", { class: "anvil-notice" },
    h("p", {}, h("strong", {}, "⚠ Not in this plan: what was written since the result was taken."), " Go back and take the result again, or go on without it."),
    h("ul", {}, stayed(addresses)));
}

// What stays as it is, since it was skipped.
export function skippedNotice(stays) {
  if (!stays.length) return "";
  const told = stays.length === 1 ? "1 stays as it is" : `${stays.length} stay as they are`;
  return h("div", { class: "anvil-notice" }, h("p", {}, h("strong", {}, `Skipped: ${told}`)), h("ul", {}, stayed(stays)));
}

// A list of them, by the first few.
export function stayed(stays) {
  const more = stays.length - SHOWN;
  return [...stays.slice(0, SHOWN).map((one) => h("li", {}, one)), ...(more > 0 ? [h("li", {}, `… and ${more} more`)] : [])];
}
