// The draft was changed elsewhere meanwhile: what both did, and what is to be saved.
import { h } from "../../parts/dom.js";
import { threeWay } from "../../parts/threeway.js";

// `said` is what Python answers; `save()` saves, `back()` leaves, `changed()` hears of
// each change of the result, `follow()` goes on where a renamed prompt is. Returns { text, save,
// focus, destroy }: `text()` is the result, or null where there is none to write.
export function conflictOf(parent, said, { result, changed, save, back, follow }) {
  const last = said.changed;
  const who = last ? `${last.actor} saved it at ${new Date(last.at).toTimeString().slice(0, 5)}${last.message ? `: ${last.message}` : ""}.` : "";
  const head = (title, text) => [h("h3", { tabindex: "-1" }, title), h("p", {}, text)];
  const leave = h("button", { type: "button", onclick: back }, "Back to my text");
  if (said.removed) {
    const { renamed } = said;
    const title = renamed ? "The prompt was renamed meanwhile"
      : last ? "The prompt was removed from the draft meanwhile" : "The set was deleted meanwhile, and the prompt with it";
    const what = renamed
      ? `It is ${renamed} now. Your text is kept here: go on there, or save it as another prompt under the old name.`
      : `Your text is kept here. Saving ${last ? "puts the prompt into the draft again" : "makes the set again, with this prompt"}.`;
    const box = h("div", { class: "anvil-stack" }, head(title, what),
      h("div", { class: "anvil-bar" },
        renamed ? h("button", { type: "button", class: "anvil-primary", onclick: follow }, `Go on as ${renamed}`) : null,
        h("button", { type: "button", class: renamed ? null : "anvil-primary", onclick: save },
          renamed ? "Save it under the old name" : "Save it again"), leave));
    parent.replaceChildren(box);
    return {
      text: () => null,
      save: renamed ? () => box.querySelector("button").focus() : save, // which of the two is for a person to say
      focus: () => box.querySelector("h3").focus(),
      destroy: () => box.remove(),
    };
  }
  const go = h("button", { type: "button", class: "anvil-primary", onclick: () => now() }, "Save the result");
  const room = h("div");
  const box = h("div", { class: "anvil-stack" },
    head("The draft was changed elsewhere meanwhile", `${who} Nothing was saved over it. Settle where both changed the same lines, then save the result.`),
    room, h("div", { class: "anvil-bar anvil-end" }, leave, go));
  parent.replaceChildren(box);
  const merged = threeWay(room, {
    base: said.base, ours: said.ours, theirs: said.theirs, result: result ?? said.result,
    onChange: ({ left }) => {
      go.disabled = left > 0;
      changed();
    },
  });
  const now = () => {
    if (merged.left() === 0) save();
    else merged.next();
  };
  go.disabled = merged.left() > 0;
  return {
    text: merged.text,
    save: now,
    focus: () => box.querySelector("h3").focus(),
    destroy: () => {
      merged.destroy();
      box.remove();
    },
  };
}
