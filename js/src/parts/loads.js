// Which load of this window the page is, and which one went before it in the same window.

const NAME = "anvil.load";
const MINE = Symbol.for(NAME);

// Returns [load, gone], two names; `gone` is empty in a window that was never loaded before. It is
// worked out once for a page, by whichever widget in it asks first. A window that was copied from
// another finds the load before that one's, which is gone for both.
export function loads(page = globalThis) {
  if (page[MINE] === undefined) {
    const load = Math.random().toString(36).slice(2);
    page[MINE] = [load, trying(() => page.sessionStorage.getItem(NAME)) ?? ""];
    page.addEventListener?.("pagehide", ({ persisted }) => {
      if (!persisted) trying(() => page.sessionStorage.setItem(NAME, load));
    });
  }
  return page[MINE];
}

function trying(action) {
  try {
    return action();
  } catch {
    return null; // a page that may keep nothing
  }
}
