// Decisions and written results outlive the page: the browser keeps them, by the plan they are of.
import { keeping } from "./keeping.js";

const WAIT = 400; // from a change until it is kept, in milliseconds
const placeOf = (id) => keeping(`anvil.decisions.${id}`);

// What was kept of a plan, and of the one in whose place it came.
export function remembered({ id, before }) {
  return [placeOf(id).get(), before ? placeOf(before).get() : null];
}

// Keeps what `all` knows; `saved()` resolves to the decisions as Python has them. Returns { keep,
// moved, end }: `moved()` keeps all under another plan's name at once, since another view may begin
// with it.
export function remembering(all, saved) {
  let place = placeOf(all.state.id);
  let timer = null;

  // What is known here: it needs no kernel.
  const keepNow = () => {
    clearTimeout(timer);
    timer = null;
    const now = all.keptOver(place.get());
    if (now) place.set(now);
    else place.forget();
  };
  const keep = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      keepNow();
      try {
        all.decided(all.finished ? {} : await saved());
        keepNow();
      } catch {
        // the kernel is gone: what was kept before stays
      }
    }, WAIT);
  };
  const leaving = () => {
    if (timer !== null) keepNow();
  };
  window.addEventListener("pagehide", leaving);
  return {
    keep,
    moved() {
      place = placeOf(all.state.id);
      keepNow();
    },
    end() {
      leaving();
      window.removeEventListener("pagehide", leaving);
    },
  };
}
