// A list of lines: a short one whole, and of a long one what is seen, fetched as it comes into sight.
import "../styles/paged.css";
import { h } from "./dom.js";
import { Pages } from "./pages.js";
import { rows } from "./rows.js";

// `first` is { count, start, rows }, the first page; `more(start)` resolves to the one from there on,
// or to undefined when that failed. `line(row)` is the text of a row.
export function paged(label, first, more, line) {
  if (first.count <= first.rows.length) {
    return h("ul", { tabindex: "0", "aria-label": label }, first.rows.map((row) => h("li", {}, line(row))));
  }
  const pages = new Pages(first.rows.length, more);
  const list = rows({
    height: 24,
    most: 240,
    properties: { class: "anvil-rows anvil-paged", role: "list", "aria-label": label },
    row: (at) => {
      const row = pages.see(at, list.repaint);
      return h("div", { role: "listitem", "aria-setsize": first.count, "aria-posinset": at + 1 }, row === undefined ? "…" : line(row));
    },
  });
  pages.begin(first);
  list.draw(first.count);
  return list.box;
}
