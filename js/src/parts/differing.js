// The lines of a difference: unified or side by side, folded where equal, unfolded in place.
import { h } from "./dom.js";
import { pairs, parts } from "./sides.js";

const SIGNS = { removed: "−", added: "+", equal: "" };
const TOGETHER = 50;
const LINE = 20;

// `unfold(start, count)` resolves to lines, or to undefined when it failed. Returns { box, draw,
// more, show }: `draw(pieces, beside)` draws anew, `more(pieces)` adds to the end where that is
// enough, `show(change)` marks a change and scrolls it into view.
export function differing({ label, unfold }) {
  const box = h("div", { class: "anvil-diff", role: "region", tabindex: "0", "aria-label": label });
  let all = [];
  let besideEachOther = false;

  // Only the side in which a selection begins is copied.
  box.addEventListener("mousedown", (event) => {
    const side = event.target.closest?.("[data-side]")?.dataset.side;
    if (side) box.dataset.selecting = side;
    else delete box.dataset.selecting;
  });

  const fold = (piece) => {
    const button = h("button", { type: "button", class: "anvil-diff-fold" });
    const say = () => { button.textContent = `⋯ ${piece.count.toLocaleString("en")} equal lines: show`; };
    say();
    button.addEventListener("click", async () => {
      button.disabled = true;
      const lines = await unfold(piece.fold, piece.count);
      button.disabled = false;
      if (lines === undefined || lines.length === 0) return;
      const at = all.indexOf(piece);
      const rest = piece.count - lines.length;
      all.splice(at, 0, ...lines);
      button.before(...drawn(lines));
      if (rest > 0) {
        piece.fold += lines.length;
        piece.count = rest;
        say();
      } else {
        all.splice(all.indexOf(piece), 1);
        button.remove();
        box.focus({ preventScroll: true });
      }
    });
    return button;
  };
  const drawn = (pieces) =>
    besideEachOther
      ? pairs(pieces).map((one) => (one.fold === undefined ? pair(one) : fold(one)))
      : pieces.map((one) => (one.fold === undefined ? unified(one) : fold(one)));
  // Parts that are out of sight cost nothing to lay out.
  const put = (rows) =>
    box.append(...parts(rows, TOGETHER).map((some) =>
      h("div", { class: "anvil-diff-part", style: `contain-intrinsic-height: auto ${some.length * LINE}px` }, some)));

  return {
    box,
    draw(pieces, beside) {
      all = pieces;
      besideEachOther = beside;
      delete box.dataset.selecting;
      box.classList.toggle("anvil-diff-beside", beside);
      box.replaceChildren();
      put(drawn(all));
    },
    more(pieces) {
      // A change that goes on would begin a block of its own side by side: then all is drawn anew.
      const goesOn = pieces[0]?.change !== undefined && all.at(-1)?.change === pieces[0].change;
      all.push(...pieces);
      if (goesOn && besideEachOther) this.draw(all, true);
      else put(drawn(pieces));
    },
    show(change) {
      for (const one of box.querySelectorAll(".anvil-diff-now")) one.classList.remove("anvil-diff-now");
      const rows = box.querySelectorAll(`[data-change="${change}"]`);
      for (const one of rows) one.classList.add("anvil-diff-now");
      if (rows.length === 0) return;
      const place = () => { box.scrollTop += rows[0].getBoundingClientRect().top - box.getBoundingClientRect().top - LINE * 2; };
      place();
      // What was out of sight had only a guess of its height.
      requestAnimationFrame(place);
    },
  };
}

function unified(line) {
  return h("div", { class: `anvil-diff-row anvil-diff-${line.kind}`, "data-change": line.change },
    h("span", { class: "anvil-diff-number" }, line.old ?? ""),
    h("span", { class: "anvil-diff-number" }, line.new ?? ""),
    sign(line.kind), text(line));
}

function pair(row) {
  return h("div", { class: "anvil-diff-row", "data-change": row.change }, half(row.old, "old"), half(row.new, "new"));
}

function half(line, side) {
  if (line === null) return h("div", { class: "anvil-diff-half anvil-diff-none" });
  return h("div", { class: `anvil-diff-half anvil-diff-${line.kind}`, "data-side": side },
    h("span", { class: "anvil-diff-number" }, line[side] ?? ""), sign(line.kind), text(line));
}

function sign(kind) {
  return kind === "equal" ? h("span", { class: "anvil-diff-sign" }) : h("span", { class: "anvil-diff-sign", role: "img", "aria-label": kind }, SIGNS[kind]);
}

function text(line) {
  const tag = line.kind === "added" ? "ins" : "del";
  return h("span", { class: "anvil-diff-text", dir: "auto" },
    line.spans === undefined ? line.text : line.spans.map(([said, changed]) => (changed && said ? h(tag, {}, said) : said)),
    line.open ? h("em", { class: "anvil-diff-open" }, " no newline at the end") : null);
}
