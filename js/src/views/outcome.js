// What a plan does, or what was done, as rows: thousands at ease.
import { h } from "../parts/dom.js";
import { rows } from "../parts/rows.js";
import { steadily } from "../parts/steady.js";
import { wholeList } from "../parts/whole.js";

const SIGNS = { add: "+", change: "~", rename: "→", move: "→", keep: "=", same: "=", leave: "–", planned: "~", done: "✓", moved: "!", failed: "✕", cancelled: "–" };
const NARROW = 600; // pixels, below which a row takes two lines: what it is about has one to itself

// Draws { header, rows } of a plan or a report; nothing where there are no rows. A row is what is
// done, by what, with what, and a note.
export function outcomeTable({ header, rows: lines }) {
  if (!lines.length) return h("p", { class: "anvil-muted" }, "Nothing is to be done.");
  const room = h("div", { class: "anvil-outcomes" });
  let narrow = null;
  const draw = () => {
    const now = room.clientWidth > 0 && room.clientWidth < NARROW;
    if (now === narrow) return;
    narrow = now;
    room.classList.toggle("anvil-narrow", narrow);
    const list = rows({
      height: narrow ? 48 : 30,
      most: 240,
      row: (at) => line(lines[at]),
      properties: { role: "list", "aria-label": header.join(", ") },
    });
    steadily(room, () => room.replaceChildren(list.box));
    list.draw(lines.length);
  };
  draw(); // off the page it has no width
  new ResizeObserver(() => requestAnimationFrame(draw)).observe(room);
  return room;
}

function line([action, by, what, note]) {
  return h("div", { role: "listitem", class: "anvil-outcome" },
    h("span", { class: "anvil-sign", "aria-hidden": "true" }, SIGNS[action] ?? "·"),
    h("strong", {}, action), h("span", { class: "anvil-outcome-by", title: by }, by),
    h("span", { class: "anvil-outcome-what", title: what }, what),
    h("span", { class: "anvil-muted anvil-outcome-note", title: note }, note));
}

// What was written after a result was taken, and is not in the plan.
export function untakenNotice(addresses) {
  if (!addresses.length) return "";
  return h("div", { class: "anvil-notice" },
    h("p", {}, h("strong", {}, "⚠ Not in this plan: what was written since the result was taken."), " Go back and take the result again, or go on without it."),
    wholeList("Not in this plan", addresses));
}

// What stays as it is, since it was skipped.
export function skippedNotice(stays) {
  if (!stays.length) return "";
  const told = stays.length === 1 ? "1 stays as it is" : `${stays.length} stay as they are`;
  return h("div", { class: "anvil-notice" }, h("p", {}, h("strong", {}, `Skipped: ${told}`)), wholeList("Skipped", stays));
}
