// A tree of thousands with a box to search it: role=tree, one stop for Tab, the keys of a tree.
import "../styles/tree.css";
import { Forest, step, typed } from "./forest.js";
import { h, newId } from "./dom.js";
import { rows as list } from "./rows.js";

const TYPING = 700;
const ROW = 26;

// `boxes` gives each row a box of three states and `changed` is told of each change; `chosen(node)`
// of the row that is gone to, `acted(node)` of Enter on it. Returns { box, forest, put, search… }.
export function tree({ label, boxes = false, most = 380, changed = () => {}, chosen = () => {}, acted }) {
  const forest = new Forest();
  const id = newId("tree");
  let shown = [];
  let at = 0;
  let text = "";
  let last = 0;
  let selected = null;

  const view = list({
    height: ROW,
    most,
    row: (index) => row(shown[index], index),
    properties: { role: "tree", "aria-label": label, "aria-multiselectable": boxes ? "true" : null, onkeydown: key },
  });
  const found = h("span", { class: "anvil-muted", role: "status" });
  const search = h("input", {
    type: "search", "aria-label": `Search ${label.toLowerCase()}`, placeholder: "Search", class: "anvil-grow", autocomplete: "off", spellcheck: "false",
    oninput: () => {
      forest.filter(search.value);
      at = 0;
      refresh();
      found.textContent = forest.found ? `${forest.matches.toLocaleString("en")} found` : "";
    },
    onkeydown: (event) => {
      if (event.key !== "ArrowDown" || !shown.length) return;
      event.preventDefault();
      view.box.focus();
    },
  });
  const empty = h("p", { class: "anvil-muted", hidden: true }, "Nothing is found.");

  function row(node, index) {
    const parent = Boolean(node.children?.length);
    const open = parent && forest.isOpen(node);
    const element = h("div", {
      id: `${id}-${index}`, role: "treeitem", class: "anvil-tree-row", "data-kind": node.kind,
      "aria-level": node.depth, "aria-setsize": node.of, "aria-posinset": node.at,
      "aria-expanded": parent ? String(open) : null,
      "aria-checked": boxes ? String(node.checked) : null,
      "aria-selected": boxes ? null : String(node.id === selected),
      "aria-label": [node.label, node.badge, node.note].filter(Boolean).join(", "),
      "data-current": index === at,
      onclick: (event) => {
        go(index, false);
        if (event.target.closest(".anvil-tree-turn")) turn(node, !forest.isOpen(node));
        else if (boxes) toggle(node);
        else act(node);
      },
    },
    h("span", { class: "anvil-tree-turn", "aria-hidden": "true" }, parent ? (open ? "▾" : "▸") : ""),
    boxes ? h("span", { class: "anvil-tree-box", "aria-hidden": "true" }, node.checked === true ? "✓" : node.checked === "mixed" ? "–" : "") : null,
    // The spaces show nothing; without them the texts read as one word, which the name is not.
    h("span", { class: "anvil-tree-label" }, node.label),
    node.badge ? [" ", h("span", { class: "anvil-badge" }, node.badge)] : null,
    node.note ? [" ", h("span", { class: "anvil-muted anvil-tree-note" }, node.note)] : null);
    element.style.paddingLeft = `${6 + (node.depth - 1) * 18}px`;
    return element;
  }
  function turn(node, open) {
    forest.setOpen(node, open);
    refresh();
  }
  function toggle(node) {
    forest.toggle(node.id);
    view.repaint();
    changed();
  }
  function act(node) {
    selected = node.id;
    view.repaint();
    (acted ?? chosen)(node);
  }
  function go(index, tell = true) {
    at = Math.max(0, Math.min(shown.length - 1, index));
    view.show(at);
    if (shown.length) view.box.setAttribute("aria-activedescendant", `${id}-${at}`);
    else view.box.removeAttribute("aria-activedescendant");
    if (tell && shown[at]) chosen(shown[at]);
  }
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !shown.length) return;
    const node = shown[at];
    const to = step(event.key, shown, at, (one) => forest.isOpen(one));
    if (to) {
      if (to.open) turn(to.open, true);
      else if (to.shut) turn(to.shut, false);
      else if (to.at !== undefined) go(to.at);
    } else if (event.key === " " && boxes) toggle(node);
    else if (event.key === "Enter" || event.key === " ") {
      if (boxes) toggle(node);
      else act(node);
    } else if (event.key === "*") {
      for (const one of node.parent?.children ?? forest.roots) forest.setOpen(one, true);
      refresh();
    } else if (event.key.length === 1) {
      text = event.timeStamp - last > TYPING ? event.key : text + event.key;
      last = event.timeStamp;
      go(typed(text, shown, at));
    } else return;
    event.preventDefault();
  }
  // Draws anew what is open and found; the row that was current stays so.
  function refresh() {
    const current = shown[at]?.id;
    shown = forest.rows();
    const where = shown.findIndex((one) => one.id === current);
    at = where < 0 ? Math.min(at, Math.max(0, shown.length - 1)) : where;
    view.draw(shown.length);
    view.box.hidden = !shown.length;
    empty.hidden = Boolean(shown.length);
    if (shown.length) view.box.setAttribute("aria-activedescendant", `${id}-${at}`);
  }

  return {
    box: h("div", { class: "anvil-tree" }, h("div", { class: "anvil-bar" }, search, found), view.box, empty),
    forest,
    search,
    refresh,
    put(roots) {
      forest.put(roots);
      refresh();
    },
    select(node) {
      selected = node;
      forest.reveal(node);
      refresh();
      const where = shown.findIndex((one) => one.id === node);
      if (where >= 0) go(where, false);
    },
    focus: () => view.box.focus(),
  };
}
