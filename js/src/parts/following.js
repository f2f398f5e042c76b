// Looks every few seconds whether the store was written to; no page is needed.

// `look` resolves when it has looked, and is called again only then: a kernel that is busy is asked
// once. It is left out while `seen` says that nobody looks. `failed` is told of errors; after one
// that says the kernel is gone there is no more looking. Returns what ends it.
export function following({ look, seen, failed, every = 3000, timers = globalThis }) {
  let looking = false;
  const timer = timers.setInterval(async () => {
    if (looking || !seen()) return;
    looking = true;
    try {
      await look();
    } catch (error) {
      if (error.code === "gone") timers.clearInterval(timer); // the page says so
      else failed(error);
    } finally {
      looking = false;
    }
  }, every);
  return () => timers.clearInterval(timer);
}
