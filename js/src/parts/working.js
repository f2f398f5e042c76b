// Long work: a bar that says how far it is, and a Cancel that works while it runs.
import { h } from "./dom.js";

// Returns { box, start }: `start(call)` is given { progress, signal } for page.call, and resolves
// or rejects as the call does.
export function working(label) {
  const bar = h("progress", { "aria-label": label, max: "1" });
  const text = h("span", { role: "status" });
  const cancel = h("button", { type: "button" }, "Cancel");
  const box = h("div", { class: "anvil-working", hidden: true }, bar, text, cancel);
  let running = 0; // one that ends leaves the bar to the others
  const start = async (call) => {
    const stop = new AbortController();
    const stopping = () => {
      text.textContent = "Cancelling…";
      stop.abort();
    };
    cancel.addEventListener("click", stopping);
    running += 1;
    box.hidden = false;
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
      box.hidden = running === 0;
    }
  };
  return { box, start };
}
