// Long work: a bar that says how far it is, and a Cancel that works while it runs.
import { h } from "./dom.js";

// Returns { box, start }: `start(call)` is given { progress, signal } for page.call, and resolves
// or rejects as the call does. What takes less than `after` milliseconds shows no bar.
export function working(label, { after = 0 } = {}) {
  const bar = h("progress", { "aria-label": label, max: "1" });
  const text = h("span", { role: "status" });
  const cancel = h("button", { type: "button" }, "Cancel");
  const box = h("div", { class: "anvil-working", hidden: true }, bar, text, cancel);
  let running = 0; // one that ends leaves the bar to the others
  let waiting = null;
  const start = async (call) => {
    const stop = new AbortController();
    const stopping = () => {
      text.textContent = "Cancelling…";
      stop.abort();
    };
    cancel.addEventListener("click", stopping);
    running += 1;
    if (after === 0) box.hidden = false;
    else if (running === 1) waiting = setTimeout(() => { box.hidden = false; }, after);
    text.textContent = label;
    bar.removeAttribute("value");
    try {
      return await call({
        signal: stop.signal,
        progress: ({ text: said, share }) => {
          text.textContent = said;
          if (share === null || share === undefined) bar.removeAttribute("value");
          else bar.value = share;
        },
      });
    } finally {
      cancel.removeEventListener("click", stopping);
      running -= 1;
      if (running === 0) {
        clearTimeout(waiting);
        box.hidden = true;
      }
    }
  };
  return { box, start };
}
