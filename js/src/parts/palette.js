// A list of commands to type into: those whose words begin with what is typed, or have it.
import { h, newId } from "./dom.js";
import { ranked } from "./ranking.js";

// `commands`: [{ label, run }]. Opens inside `root`, keeps the focus, and gives it back.
export function palette(root, commands) {
  const before = root.getRootNode().activeElement ?? null;
  const id = newId("palette");
  let shown = [];
  let at = 0;
  const list = h("div", { id, role: "listbox", class: "anvil-palette-list", "aria-label": "Commands" });
  const input = h("input", { type: "text", role: "combobox", "aria-label": "Command or address", "aria-expanded": "true", "aria-controls": id, "aria-autocomplete": "list", placeholder: "Type a command or an address", autocomplete: "off", oninput: () => { at = 0; draw(); } });
  const box = h("dialog", { class: "anvil-dialog", "aria-label": "Commands", oncancel: (event) => { event.preventDefault(); close(); }, onkeydown: key },
    h("div", { class: "anvil-field" }, input), list);
  function draw() {
    shown = ranked(input.value, commands);
    at = Math.max(0, Math.min(at, shown.length - 1));
    list.replaceChildren(...shown.map((one, index) => h("div", { id: `${id}-${index}`, role: "option", "aria-selected": String(index === at), onclick: () => run(one) }, one.label)));
    if (shown.length) input.setAttribute("aria-activedescendant", `${id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }
  function key(event) {
    if (event.key === "ArrowDown") at += 1;
    else if (event.key === "ArrowUp") at -= 1;
    else if (event.key === "Enter" && shown[at]) {
      event.preventDefault();
      run(shown[at]);
      return;
    } else return;
    event.preventDefault();
    draw();
  }
  function close() {
    box.close();
    box.remove();
    before?.focus?.();
  }
  function run(one) {
    close();
    one.run();
  }
  root.append(box);
  box.showModal();
  input.focus();
  draw();
}
