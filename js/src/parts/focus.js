// Where the focus goes when what had it is drawn anew.

// The element in `root` that has the focus, or null.
export function focused(root) {
  const active = root.getRootNode().activeElement ?? null;
  return root.contains(active) ? active : null;
}

// What had the focus, or what is called as it was and stands there instead; null for neither.
export function again(root, before) {
  if (!before) return null;
  if (before.isConnected && seen(before)) return before;
  return [...root.querySelectorAll(before.tagName)].find((one) => !one.disabled && called(one) === called(before) && seen(one)) ?? null;
}

// Draws by `draw`; when that took away what had the focus in `root`, its like gets it, else what
// `other()` returns.
export function redrawn(root, draw, other) {
  const before = focused(root);
  draw();
  if (before && focused(root) === null) (again(root, before) ?? other())?.focus();
}

const called = (one) => one.getAttribute("aria-label") ?? one.textContent;
const seen = (one) => one.checkVisibility?.() ?? true;
