// What Jupyter loads: draws the view that the model names, and takes it away again.
import "./anvil.css";
import { Channel } from "./channel.js";
import { h } from "./parts/dom.js";
import { mount } from "./mount.js";
import { newLine } from "./parts/newline.js";

let views = 0;

function render({ model, el }) {
  const channel = new Channel(model);
  const root = h("section", {
    class: "anvil",
    "aria-label": model.get("title"),
    // What is typed here is no shortcut of the notebook.
    "data-lm-suppress-shortcuts": "true",
    "data-anvil-view": model.get("view"),
  });
  // JupyterLab's own keys are bound to what has the focus, and it asks that element alone: a letter
  // on a button, or an arrow on a list of choices, would be a command of the notebook.
  root.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));
  root.addEventListener("keydown", newLine);
  el.append(root);
  const rule = hideBeside(el);
  const leave = mount(root, { key: 0, view: model.get("view"), title: model.get("title"), state: model.get("state") }, channel);
  const notice = h("p", { class: "anvil-notice", role: "status", hidden: true }, "The kernel was restarted or is gone: run this cell again. What you typed is kept.");
  root.prepend(notice);
  const gone = () => {
    notice.hidden = false;
    root.classList.add("anvil-dead");
    channel.end();
  };
  // A model is born alive, and the event comes when it no longer is.
  model.on("comm_live_update", gone);
  return () => {
    model.off("comm_live_update", gone);
    rule.remove();
    leave();
    channel.end();
  };
}

// While this page is alive it shows all that the static output beside it does.
function hideBeside(el) {
  const style = h("style");
  const name = `anvil-alive-${++views}`;
  el.classList.add(name);
  style.textContent = `.jp-OutputArea-child:has(.${name}) + .jp-OutputArea-child:has(.anvil-beside) { display: none; }`;
  document.head.append(style);
  return style;
}

export default { render };
