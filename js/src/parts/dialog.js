// A question inside the widget, which keeps the focus until it is answered.
import { h, newId } from "./dom.js";
import { failing } from "./failing.js";

// Asks with `fields` ({name, label, value?, type?, checked?, options?}) and returns their values, or
// null. `lists` are shown below the text: {text, items, warning?}, the items by their first few. When the field called `watched` is given another value, `watch(values)` resolves to what is
// to be said from then on, {title, text, action}; while it fails, that is shown and nothing can be
// answered but no.
export function ask(root, { title, text = "", lists = [], fields = [], action, danger = false, watch, watched }) {
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
    const failure = failing();
    const heading = h("h3", { id }, title);
    const told = h("p", { hidden: !text, "aria-live": watch ? "polite" : null }, text);
    const go = h("button", { type: "submit", class: danger ? "anvil-danger" : "anvil-primary" }, action);
    let latest = 0;
    const look = async () => {
      const own = (latest += 1);
      go.disabled = true;
      const now = await failure.run(() => watch(values()));
      if (own !== latest || now === undefined) return;
      [heading.textContent, told.textContent, go.textContent] = [now.title, now.text, now.action];
      go.disabled = false;
    };
    inputs.find(({ one }) => watch && one.name === watched)?.input.addEventListener("change", look);
    const box = h(
      "dialog",
      { class: "anvil-dialog", "aria-labelledby": id, oncancel: (event) => { event.preventDefault(); done(null); } },
      h("form", { onsubmit: (event) => { event.preventDefault(); if (!go.disabled) done(values()); }, onkeydown: submitting },
        heading, told, lists.map(listed),
        inputs.map(({ one, input: it }) => h("label", { class: one.type === "checkbox" ? "anvil-check" : "anvil-field" }, h("span", {}, one.label), it)),
        failure.box,
        h("div", { class: "anvil-bar anvil-end" },
          h("button", { type: "button", onclick: () => done(null) }, "Cancel"), go)),
    );
    root.append(box);
    box.showModal();
  });
}

// JupyterLab keeps Enter from a form's own default, and from a text's: a field submits, and a text
// of several lines gets another one.
export function submitting(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.target.tagName === "TEXTAREA") {
    event.preventDefault();
    document.execCommand("insertText", false, "\n"); // as typed: it can be undone
    return;
  }
  if (event.target.tagName !== "INPUT") return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

const MOST = 8;

function listed({ text, items, warning = false }) {
  const more = items.length - MOST;
  return h("div", { class: warning ? "anvil-notice" : null }, h("p", {}, warning ? "⚠ " : "", text),
    h("ul", { class: "anvil-dialog-list" }, items.slice(0, MOST).map((one) => h("li", {}, one)), more > 0 ? h("li", {}, `… and ${more} more`) : null));
}

function input({ type = "text", value = "", checked = false, required = false, options }) {
  if (options) return h("select", {}, options.map((one) => typeof one === "string" ? { value: one, label: one } : one).map((one) => h("option", { value: one.value, selected: one.value === value }, one.label)));
  if (type === "textarea") return h("textarea", { rows: 3, value, required });
  return h("input", { type, value, checked, required });
}
