// A question inside the widget, which keeps the focus until it is answered.
import { h, newId } from "./dom.js";

// Asks with `fields` ({name, label, value?, type?, checked?}) and returns their values, or null.
export function ask(root, { title, text = "", fields = [], action, danger = false }) {
  return new Promise((resolve) => {
    const before = root.getRootNode().activeElement ?? null;
    const id = newId("dialog");
    const inputs = fields.map((one) => ({ one, input: input(one) }));
    const done = (value) => {
      box.close();
      box.remove();
      before?.focus?.();
      resolve(value);
    };
    const values = () =>
      Object.fromEntries(inputs.map(({ one, input: it }) => [one.name, one.type === "checkbox" ? it.checked : it.value]));
    const box = h(
      "dialog",
      { class: "anvil-dialog", "aria-labelledby": id, oncancel: (event) => { event.preventDefault(); done(null); } },
      h("form", { onsubmit: (event) => { event.preventDefault(); done(values()); }, onkeydown: submitting },
        h("h3", { id }, title),
        text ? h("p", {}, text) : null,
        inputs.map(({ one, input: it }) => h("label", { class: one.type === "checkbox" ? "anvil-check" : "anvil-field" }, h("span", {}, one.label), it)),
        h("div", { class: "anvil-bar anvil-end" },
          h("button", { type: "button", onclick: () => done(null) }, "Cancel"),
          h("button", { type: "submit", class: danger ? "anvil-danger" : "anvil-primary" }, action))),
    );
    root.append(box);
    box.showModal();
  });
}

// JupyterLab keeps Enter from a form's own default.
export function submitting(event) {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

function input({ type = "text", value = "", checked = false, required = false, options }) {
  if (options) return h("select", {}, options.map((one) => h("option", { value: one, selected: one === value }, one)));
  if (type === "textarea") return h("textarea", { rows: 3, value, required });
  return h("input", { type, value, checked, required });
}
