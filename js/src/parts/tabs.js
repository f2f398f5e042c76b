// Panels of which one is seen, chosen by tabs: the arrow keys go from tab to tab.
import { h, newId } from "./dom.js";

// `panels` are [{ name, label, content }]; returns { box, choose(name), label(name, text) }.
export function tabs(about, panels) {
  const made = panels.map(({ name, label, content }) => {
    const id = newId(`tab-${name}`);
    const tab = h("button", { type: "button", role: "tab", id, "aria-controls": `${id}-panel`, onclick: () => choose(name), onkeydown: key }, label);
    const panel = h("div", { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, class: "anvil-tabpanel" }, content);
    return { name, tab, panel };
  });
  const box = h("div", { class: "anvil-tabs" },
    h("div", { role: "tablist", "aria-label": about, class: "anvil-tablist" }, made.map((one) => one.tab)),
    made.map((one) => one.panel));

  function choose(name) {
    for (const one of made) {
      const is = one.name === name;
      one.tab.setAttribute("aria-selected", String(is));
      one.tab.tabIndex = is ? 0 : -1;
      one.panel.hidden = !is;
    }
  }

  function key(event) {
    const now = made.findIndex((one) => one.tab === event.currentTarget);
    const at = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: made.length - 1 }[event.key];
    if (at === undefined) return;
    event.preventDefault();
    const next = made[(at + made.length) % made.length];
    choose(next.name);
    next.tab.focus();
  }

  choose(panels[0].name);
  return {
    box,
    choose,
    label: (name, text) => {
      made.find((one) => one.name === name).tab.textContent = text;
    },
  };
}
