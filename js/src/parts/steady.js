// What is drawn anew under a person's hands keeps the focus and the caret.

const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";

// Calls `draw`, which puts other elements into `box`: where the focus was in it, there it is again,
// on the control that stands at the same place by then.
export function steadily(box, draw) {
  const root = box.getRootNode();
  const held = root.activeElement;
  const at = held && box.contains(held) ? [...box.querySelectorAll(CONTROLS)].indexOf(held) : -1;
  if (at < 0) return draw();
  const { selectionStart, selectionEnd } = held;
  const made = draw();
  if (root.activeElement === held) return made;
  const now = box.contains(held) ? held : box.querySelectorAll(CONTROLS)[at];
  now?.focus();
  if (now?.setSelectionRange && typeof selectionStart === "number") now.setSelectionRange(selectionStart, selectionEnd);
  return made;
}

// Returns `show(said, make)`, which draws `make()` into `box` where `said` is another than before:
// what is the same stays, with a click that is under way on it.
export function steady(box) {
  let shown = null;
  return (said, make) => {
    const now = JSON.stringify(said);
    if (now === shown) return;
    shown = now;
    steadily(box, () => box.replaceChildren(...make()));
  };
}
