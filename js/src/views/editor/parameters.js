// The parameters as a form by type, and how they stand to what the template uses.
import { h } from "../../parts/dom.js";
import { steadily, steady } from "../../parts/steady.js";
import { card } from "./card.js";
import { rowFor, sameRow } from "./form.js";

const MOST_OPEN = 2; // with more cards than these, each starts folded

// `changed()` is called after each change. Returns { box, rows(), set(rows), addMissing(),
// told(check) }.
export function parameters(changed) {
  let cards = [];
  let missing = [];
  const lacking = h("div", { class: "anvil-lacking", hidden: true });
  const list = h("ol", { class: "anvil-cards", "aria-label": "Declared parameters" });
  const none = h("p", { class: "anvil-muted" }, "No parameter is declared.");
  const more = h("button", { type: "button", onclick: () => {
    add([{ name: "", type: "string", required: true, description: "" }]);
    cards.at(-1).focus();
  } }, "Add a parameter");
  const box = h("div", { class: "anvil-stack" }, lacking, none, list, h("div", {}, more));
  const showLacking = steady(lacking);

  function made(row, open) {
    const one = card(row, { changed, open, remove: () => remove(one) });
    return one;
  }

  function numbered() {
    cards.forEach((one, at) => one.number(at));
    none.hidden = cards.length > 0;
  }

  function add(rows) {
    const open = cards.length + rows.length <= MOST_OPEN;
    const added = rows.map((row) => made(row, open));
    cards = [...cards, ...added];
    list.append(...added.map((one) => one.element));
    numbered();
    changed();
  }

  // A second click comes before the next check: what was added just now is not added again.
  function addMissing(uses) {
    const known = new Set(cards.map((one) => one.row().name));
    add(uses.filter((one) => !known.has(one.name)).map(rowFor));
  }

  function remove(one) {
    const at = cards.indexOf(one);
    cards = cards.filter((other) => other !== one);
    one.element.remove();
    numbered();
    const next = cards[Math.min(at, cards.length - 1)];
    if (next) next.focus();
    else more.focus();
    changed();
  }

  // Cards that say what they should stay as they are, with what is open and typed in them.
  function set(rows) {
    const before = cards;
    const open = new Map(before.map((one) => [one.row().name, one.isOpen()]));
    cards = rows.map((row, at) => before[at] && sameRow(before[at].row(), row) ? before[at]
      : made(row, open.get(row.name) ?? rows.length <= MOST_OPEN));
    steadily(list, () => {
      cards.forEach((one, at) => {
        if (one === before[at]) return;
        if (before[at]) before[at].element.replaceWith(one.element);
        else list.append(one.element);
      });
      for (const one of before.slice(cards.length)) one.element.remove();
    });
    numbered();
  }

  function told({ agreement, faults }) {
    const state = (name) => ["matched", "unused"].find((one) => agreement?.[one].includes(name)) ?? "unknown";
    cards.forEach((one, at) => one.told(state(one.row().name), faults.find((fault) => fault.place === "parameters" && fault.row === at)));
    missing = agreement?.missing ?? []; // of a text with an error nothing is known
    lacking.hidden = missing.length === 0;
    showLacking(missing, () => missing.length ? [
      h("p", {}, h("strong", {}, `${missing.length} used and not declared`)),
      h("ul", { class: "anvil-stack" }, missing.map((one) => h("li", { class: "anvil-bar" },
        h("code", {}, one.name),
        h("span", { class: "anvil-muted" },
          [one.partial ? `in the partial ${one.partial}` : `line ${one.line}`, one.near ? `did you mean ${one.near}?` : ""].filter(Boolean).join(" · ")),
        h("button", { type: "button", onclick: () => {
          addMissing([one]);
          cards.at(-1).focus();
        } }, `Add ${one.name}`)))),
    ] : []);
  }

  return {
    box,
    told,
    set,
    rows: () => cards.map((one) => one.row()),
    addMissing: () => addMissing(missing),
  };
}
