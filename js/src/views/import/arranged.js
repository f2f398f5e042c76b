// How a bundle was to be imported when the kernel or the page went: kept by the file's digest.
import { h } from "../../parts/dom.js";
import { keeping } from "../../parts/keeping.js";

const placeOf = (state) => keeping(`anvil.import.${state.digest}`);
const arrangementOf = ({ into, map, organisation, labels }) => ({ into, map, organisation, labels });
const same = (one, other) => JSON.stringify(arrangementOf(one)) === JSON.stringify(arrangementOf(other));
const isPlain = ({ into, map, organisation, labels }, own) => !into && !map.length && organisation === own && !labels;

// An arrangement in words: what differs from how a bundle is imported without being told more.
export function arrangedText({ into, map, organisation, labels }, own) {
  return [into && `into ${into}`, ...map, organisation !== own && `for @${organisation}`, labels && "labels move"].filter(Boolean);
}

// Keeps the arrangement that stands, or forgets it where there is nothing to say of it.
export function keepArrangement(state) {
  if (!state.digest) return; // another page verified it
  if (state.done || isPlain(state, state.own)) placeOf(state).forget();
  else placeOf(state).set(arrangementOf(state));
}

// What was kept and is another one than what stands; null where there is none.
export function arrangedBefore(state) {
  if (!state.verified || state.done) return null;
  const kept = placeOf(state).get();
  return kept && !same(kept, state) && state.organisations.includes(kept.organisation) ? kept : null;
}

// A notice that offers it: { box, draw }. `again(kept)` arranges it so.
export function arrangementOffer(again) {
  const box = h("div", { class: "anvil-notice anvil-bar", role: "status", hidden: true });
  const draw = (state) => {
    const kept = arrangedBefore(state);
    box.hidden = kept === null;
    if (kept === null) return box.replaceChildren();
    const leave = () => {
      placeOf(state).forget();
      draw(state);
    };
    return box.replaceChildren(
      h("span", { class: "anvil-grow" }, `This bundle was planned before: ${arrangedText(kept, state.own).join(" · ")}.`),
      h("button", { type: "button", onclick: () => again(kept) }, "Plan it so again"),
      h("button", { type: "button", onclick: leave }, "Leave it"));
  };
  return { box, draw };
}
