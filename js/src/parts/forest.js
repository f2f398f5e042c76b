// What a tree shows: which rows are open and found, and what is chosen. No page is needed here.

// A node: { id, label, kind, note?, badge?, children? }; `id` is its address.
export class Forest {
  constructor(roots = []) {
    this.open = new Set();
    this.words = [];
    this.put(roots);
  }

  // Takes other nodes; what was open and chosen stays, by id.
  put(roots) {
    const chosen = this.nodes ? this.chosen() : [];
    this.roots = roots;
    this.nodes = new Map();
    const enter = (all, parent, depth) => {
      all.forEach((node, at) => {
        Object.assign(node, { parent, depth, at: at + 1, of: all.length, checked: false, low: node.id.toLowerCase(), name: node.label.toLowerCase() });
        this.nodes.set(node.id, node);
        if (node.children) enter(node.children, node, depth + 1);
      });
    };
    enter(roots, null, 1);
    this.found = null;
    for (const id of chosen) this.check(id, true);
    this.filter(this.words.join(" "));
  }

  get(id) {
    return this.nodes.get(id);
  }

  // Shows only what has all words of `text`, what is in it, and what it is in.
  filter(text) {
    this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.matches = 0;
    this.searched = new Map();
    if (!this.words.length) {
      this.found = null;
      return;
    }
    this.found = new Set();
    this.leading = new Set();
    const look = (node, inside) => {
      // All words stand in its address, and one of them in its own name.
      const itself = this.words.every((word) => node.low.includes(word)) && this.words.some((word) => node.name.includes(word));
      let below = false;
      for (const child of node.children ?? []) below = look(child, inside || itself) || below;
      if (itself && !below) this.matches += 1;
      if (below) this.leading.add(node);
      if (itself || below || inside) this.found.add(node);
      return itself || below;
    };
    for (const root of this.roots) look(root, false);
  }

  // The rows to draw, in order: nodes. A search opens what it found.
  rows() {
    const rows = [];
    const add = (all) => {
      for (const node of all) {
        if (this.found && !this.found.has(node)) continue;
        rows.push(node);
        if (node.children?.length && this.isOpen(node)) add(node.children);
      }
    };
    add(this.roots);
    return rows;
  }

  isOpen(node) {
    if (this.found === null) return this.open.has(node.id);
    return this.searched.get(node.id) ?? this.leading.has(node);
  }

  setOpen(node, open) {
    if (this.found !== null) this.searched.set(node.id, open);
    else if (open) this.open.add(node.id);
    else this.open.delete(node.id);
  }

  // Opens all that a node is in.
  reveal(id) {
    for (let one = this.nodes.get(id)?.parent; one; one = one.parent) this.setOpen(one, true);
  }

  // Checks a node with all in it that the search shows, or unchecks it.
  check(id, checked) {
    const node = this.nodes.get(id);
    if (!node) return;
    const set = (one) => {
      if (this.found && !this.found.has(one)) return;
      if (!one.children?.length) one.checked = checked;
      else {
        one.children.forEach(set);
        one.checked = whole(one.children);
      }
    };
    set(node);
    for (let one = node.parent; one; one = one.parent) one.checked = whole(one.children);
  }

  toggle(id) {
    const node = this.nodes.get(id);
    this.check(id, !(this.found ? this.#shownWhole(node) : node.checked === true));
  }

  // The fewest ids that name all that is checked.
  chosen() {
    const ids = [];
    const add = (node) => {
      if (node.checked === true) ids.push(node.id);
      else if (node.checked === "mixed") node.children.forEach(add);
    };
    this.roots.forEach(add);
    return ids;
  }

  // How many leaves of a kind are checked.
  count(kind) {
    let number = 0;
    for (const node of this.nodes.values()) if (node.kind === kind && node.checked !== false) number += 1;
    return number;
  }

  #shownWhole(node) {
    if (!node.children?.length) return node.checked === true;
    return node.children.filter((one) => this.found.has(one)).every((one) => this.#shownWhole(one));
  }
}

function whole(children) {
  if (children.every((one) => one.checked === true)) return true;
  return children.some((one) => one.checked !== false) ? "mixed" : false;
}

// Where a key leads: the index of the row, or { open } or { shut } of the one that is current.
export function step(key, rows, at, isOpen) {
  const node = rows[at];
  const last = rows.length - 1;
  switch (key) {
    case "ArrowDown": return { at: Math.min(last, at + 1) };
    case "ArrowUp": return { at: Math.max(0, at - 1) };
    case "Home": return { at: 0 };
    case "End": return { at: last };
    case "PageDown": return { at: Math.min(last, at + 10) };
    case "PageUp": return { at: Math.max(0, at - 10) };
    case "ArrowRight":
      if (!node?.children?.length) return {};
      return isOpen(node) ? { at: Math.min(last, at + 1) } : { open: node };
    case "ArrowLeft":
      if (node?.children?.length && isOpen(node)) return { shut: node };
      return node?.parent ? { at: rows.indexOf(node.parent) } : {};
    default: return null;
  }
}

// The next row whose label begins with what is typed, from the current one on and around.
export function typed(text, rows, at) {
  const low = text.toLowerCase();
  const start = text.length === 1 ? at + 1 : at;
  for (let number = 0; number < rows.length; number += 1) {
    const index = (start + number) % rows.length;
    if (rows[index].label.toLowerCase().startsWith(low)) return index;
  }
  return at;
}
