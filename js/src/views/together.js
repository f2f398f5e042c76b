// Deciding all conflicts of a kind at once, after what would come of each was said.
import { h } from "../parts/dom.js";

// Draws into `room`. `left` is how many conflicts are to be decided, `choices` are what Python
// offers for them, `outcomes(choice, start)` resolves to { count, start, rows } of addresses and
// outcomes, or to nothing when that failed; `decide(choice)` reports.
export function drawTogether(room, { kind, left, choices, outcomes, decide }) {
  room.replaceChildren(
    h("p", { class: "anvil-muted" },
      kind ? `Of the kind “${kind}”. What comes of it:` : "Of all kinds; the list above chooses one. What comes of it:"),
    h("ul", { class: "anvil-choices anvil-together" }, choices.map((one) =>
      h("li", {},
        h("button", { type: "button", onclick: () => decide(one.choice) }, `${one.title}: all ${one.count.toLocaleString("en")}`),
        h("div", {}, wordings(one),
          one.count < left ? h("p", { class: "anvil-muted" }, withoutIt(left - one.count)) : null,
          one.wordings > 1 ? each(one, outcomes) : null)))));
}

function withoutIt(count) {
  return count === 1 ? "One does not have this choice, and stays to decide."
    : `${count.toLocaleString("en")} do not have this choice, and stay to decide.`;
}

// The outcomes in words, with how many conflicts have them, the most frequent first.
function wordings({ count, wordings: all, outcomes }) {
  if (all === 1) return h("p", {}, outcomes[0][0]);
  const told = outcomes.reduce((sum, [, some]) => sum + some, 0);
  return h("ul", { class: "anvil-wordings" },
    outcomes.map(([outcome, some]) => h("li", {}, h("strong", {}, `${some.toLocaleString("en")} × `), outcome)),
    told < count ? h("li", { class: "anvil-muted" }, `and ${(count - told).toLocaleString("en")} more, each said below`) : null);
}

// What would come of every single one: fetched in pages, when it is opened.
function each({ choice, title, count }, outcomes) {
  const list = h("ul", { class: "anvil-each", tabindex: "0", "aria-label": `What comes of ${title} for each` });
  const more = h("button", { type: "button", hidden: true, onclick: fetch });
  const box = h("details", { ontoggle: () => box.open && !list.childElementCount && fetch() },
    h("summary", {}, `What comes of each of the ${count.toLocaleString("en")}`), list, more);
  async function fetch() {
    more.disabled = true;
    const found = await outcomes(choice, list.childElementCount);
    more.disabled = false;
    if (!found || found.start !== list.childElementCount) return;
    list.append(...found.rows.map(([address, outcome]) => h("li", {}, h("strong", {}, address), h("span", {}, outcome))));
    const rest = found.count - list.childElementCount;
    more.hidden = rest <= 0;
    more.textContent = `Show more (${rest.toLocaleString("en")})`;
  }
  return box;
}
