// Parameters as a form, in step with the template: a row for each, with how it stands.
import { h } from "./dom.js";

const TYPES = ["", "string", "integer", "number", "boolean", "array", "object", "datetime"];

// `changed(rows)` is told what is declared, `valued(values)` what the preview is to go by, and
// `added()` that what was missing is there: its button has gone with it.
export function parameterForm({ changed, valued, added }) {
  let rows = [];
  const values = {};
  const places = new Map();
  const list = h("ul", { class: "anvil-parameters", "aria-label": "Parameters" });
  const missing = h("div", { class: "anvil-bar" });
  const box = h("div", { class: "anvil-stack" }, missing, list,
    h("button", { type: "button", onclick: () => add([{ name: free(), type: "string", required: true, description: "" }]) }, "Add a parameter"));
  const tell = () => changed(structuredClone(rows));
  const add = (some) => {
    rows.push(...some);
    draw();
    tell();
  };
  const free = () => {
    let at = 1;
    while (rows.some((one) => one.name === `name_${at}`)) at += 1;
    return `name_${at}`;
  };

  function draw() {
    places.clear();
    list.replaceChildren(...rows.map(item));
  }

  function item(row) {
    const standing = h("span", { class: "anvil-badge", hidden: true });
    const hint = h("span", { class: "anvil-muted" });
    const set = (name, value) => {
      if (value === undefined) delete row[name];
      else row[name] = value;
      tell();
    };
    const text = (name, label, written) =>
      h("label", { class: "anvil-field" }, h("span", {}, label),
        h("input", { type: "text", value: row[name] ?? "", placeholder: written ? "JSON" : "", oninput: (event) => set(name, written && event.target.value.trim() === "" ? undefined : event.target.value) }));
    const value = h("input", { type: "text", value: values[row.name] ?? "", placeholder: "as the example", oninput: (event) => {
      values[row.name] = event.target.value;
      valued({ ...values });
    } });
    places.set(row.name, { standing, hint, value });
    return h("li", {}, h("details", {},
      h("summary", {}, h("code", {}, row.name), ` ${row.type || "any type"}${row.required ? ", required" : ""} `, standing),
      h("div", { class: "anvil-fields" },
        h("label", { class: "anvil-field" }, h("span", {}, "Name"), h("input", { type: "text", value: row.name, onchange: (event) => { row.name = event.target.value.trim(); draw(); tell(); } })),
        h("label", { class: "anvil-field" }, h("span", {}, "Type"), h("select", { onchange: (event) => { row.type = event.target.value; draw(); tell(); } },
          [...new Set([...TYPES, row.type])].map((one) => h("option", { value: one, selected: one === row.type }, one || "any")))),
        h("label", { class: "anvil-check" }, h("span", {}, "Required"), h("input", { type: "checkbox", checked: row.required, onchange: (event) => set("required", event.target.checked) })),
        text("description", "Description", false),
        text("default", "Default, as JSON", true),
        text("example", "Example, as JSON", true),
        h("label", { class: "anvil-field" }, h("span", {}, "Allowed values, as JSON, one a line"),
          h("textarea", { rows: 2, value: (row.enum ?? []).join("\n"), oninput: (event) => {
            const lines = event.target.value.split("\n").map((one) => one.trim()).filter(Boolean);
            set("enum", lines.length ? lines : undefined);
          } })),
        h("button", { type: "button", onclick: () => { rows = rows.filter((one) => one !== row); draw(); tell(); } }, `Remove ${row.name}`))),
      h("label", { class: "anvil-value" }, h("span", { class: "anvil-visually-hidden" }, `Value of ${row.name} in the preview`), value), hint);
  }

  return {
    box,
    show(declared) {
      rows = structuredClone(declared);
      draw();
    },
    // What Python says: { matched, unused, missing } and the value that each has in the preview.
    agree(agreement, signature) {
      const say = (name, words) => {
        const place = places.get(name);
        if (place === undefined) return;
        place.standing.hidden = false;
        place.standing.textContent = words;
      };
      agreement.matched.forEach((name) => say(name, "✓ used"));
      agreement.unused.forEach((name) => say(name, "○ unused"));
      for (const one of signature ?? []) {
        const place = places.get(one.name);
        if (place === undefined) continue;
        place.value.placeholder = one.value ?? "no value";
        place.hint.textContent = one.problem ?? (one.source === "typed" ? "" : one.source);
      }
      const declare = (some) => {
        add(some.map((one) => ({ name: one.name, type: "string", required: one.required, description: "" })));
        added();
      };
      missing.replaceChildren(...(agreement.missing.length === 0 ? [] : [
        h("span", { class: "anvil-grow" }, "✕ Missing: ", agreement.missing.map((one) => [h("code", {}, one.name), one.near ? ` (did you mean ${one.near}?) ` : " "])),
        h("button", { type: "button", onclick: () => declare(agreement.missing) }, "Add what is missing"),
      ]));
    },
  };
}
