// A list that draws only the rows that are seen: thousands at ease.
import { h } from "./dom.js";
import { rowsIn, scrollTo } from "./window.js";

// `row(at)` returns the element of a row; all rows are `height` pixels high, and the list is
// `most` pixels high at most. `properties` are of the list: its role and its label; it can take the
// focus, for keys. A `head` of the same height stays at the top. `draw(count)` draws anew, `show(at)` scrolls a row into view.
export function rows({ height, most = 360, row, head = null, properties = {} }) {
  const room = h("div", { class: "anvil-rows-room", role: "presentation" });
  const box = h("div", { class: "anvil-rows", tabindex: "0", ...properties }, head, room);
  const above = head === null ? 0 : height;
  let count = 0;
  let drawn = "";
  const paint = (again = false) => {
    // Before it is on the page a list has no height of its own.
    const shown = box.clientHeight || Math.min(most, count * height);
    const { first, end } = rowsIn({ count, height, top: box.scrollTop, shown });
    const now = `${first} ${end}`;
    if (now === drawn && !again) return;
    drawn = now;
    const made = [];
    for (let at = first; at < end; at += 1) {
      const element = row(at);
      element.style.cssText += `position:absolute;left:0;right:0;top:${at * height}px;height:${height}px`;
      made.push(element);
    }
    room.replaceChildren(...made);
  };
  box.addEventListener("scroll", () => paint(), { passive: true });
  return {
    box,
    draw(all) {
      count = all;
      room.style.height = `${count * height}px`;
      box.style.height = `${Math.min(most, Math.max(1, count) * height + above) + 2}px`;
      paint(true);
    },
    repaint: () => paint(true),
    show(at) {
      box.scrollTop = scrollTo({ at, height, top: box.scrollTop, shown: box.clientHeight - above });
      paint(true);
    },
  };
}
