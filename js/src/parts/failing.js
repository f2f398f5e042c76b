// What went wrong, where it went wrong: the message, and what to do next.
import { h } from "./dom.js";

// A region that shows one error at a time. `run(action)` shows what the action fails with.
export function failing() {
  const box = h("div", { class: "anvil-error", role: "alert", hidden: true });
  let before = null; // what had the focus when it was said
  const clear = () => {
    box.hidden = true;
    box.replaceChildren();
  };
  const dismiss = () => {
    clear();
    before?.focus?.();
  };
  const show = (error) => {
    const { activeElement } = box.getRootNode();
    if (!box.contains(activeElement)) before = activeElement;
    box.hidden = false;
    const code = error.code ?? "failed";
    const said = error.message.startsWith(`${code}: `) ? error.message : `${code}: ${error.message}`; // said once
    const lines = [h("p", {}, h("strong", {}, code), said.slice(code.length))];
    if (error.hint) lines.push(h("p", { class: "anvil-hint" }, error.hint));
    box.replaceChildren(...lines, h("button", { type: "button", class: "anvil-plain", onclick: dismiss }, "Dismiss"));
  };
  const run = async (action) => {
    clear();
    try {
      return await action();
    } catch (error) {
      show(error);
      return undefined;
    }
  };
  // For what nobody asked for just now: it leaves an error of what they did where it is.
  const beside = async (action) => {
    try {
      return await action();
    } catch (error) {
      show(error);
      return undefined;
    }
  };
  return { box, show, clear, run, beside };
}
