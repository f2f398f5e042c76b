// All of a list of names: what is too long for its place is scrolled, by the keyboard too.
import "../styles/whole.css";
import { h } from "./dom.js";

const MOST = 8; // so many are seen without scrolling

// `label` says of what; it is read out, and not seen.
export function wholeList(label, items) {
  const scrolled = items.length > MOST;
  return h("div", {},
    h("ul", { class: scrolled ? "anvil-whole anvil-scrolled" : "anvil-whole", "aria-label": label, tabindex: scrolled ? "0" : null },
      items.map((one) => h("li", {}, one))),
    scrolled && h("p", { class: "anvil-muted" }, `${items.length.toLocaleString("en")} in all`));
}
