// Where the focus goes when what had it is drawn anew.

// The element in `root` that has the focus, or null.
export function focused(root) {
  const active = root.getRootNode().activeElement ?? null;
  return root.contains(active) ? active : null;
}

// What had the focus, or what is called as it was and stands there instead; null for neither.
export function again(root, before) {
  if (!before) return null;
  if (before.isConnected && !before.disabled && seen(before)) return before;
  return [...root.querySelectorAll(before.tagName)].find((one) => !one.disabled && called(one) === called(before) && seen(one)) ?? null;
}

// Draws by `draw`; when that took away what had the focus in `root`, its like gets it, else what
// `other()` returns.
export function redrawn(root, draw, other) {
  const before = focused(root);
  draw();
  if (before && focused(root) === null) (again(root, before) ?? other())?.focus();
}

// Resolves to what `action()` does; when what had the focus in `root` could not keep it, what is
// called so now gets it, else what `other()` returns.
export async function held(root, action, other = () => null) {
  const before = focused(root);
  try {
    return await action();
  } finally {
    if (before && lost(root)) (again(root, before) ?? other())?.focus();
  }
}

function lost(root) {
  const page = root.getRootNode();
  const { activeElement: active } = page;
  return !active || active === page.body || (root.contains(active) && (active.disabled || !seen(active)));
}

const called = (one) => one.getAttribute("aria-label") ?? one.textContent;
const seen = (one) => one.checkVisibility?.() ?? true;
