// The card of one declared parameter: its fields by its type.
import { h, newId } from "../../parts/dom.js";
import { asJson, lined, retyped, said, shown, truths, valuesOf } from "./form.js";

const TYPES = ["", "string", "number", "integer", "boolean", "array", "object"];
const STATES = { matched: "✓ used", unused: "○ not used", unknown: "?" };
const QUOTED = 'A choice of several lines, or an empty one, stands in quotes: "one\\ntwo"';

// `changed()` is called after each change, `remove()` by its button. Returns { element, row(),
// number(at), told(state, fault), focus() }.
export function card(given, { changed, remove, open }) {
  let row = given; // with the default that is set aside while a value is required
  let place = 0;
  const name = h("input", { value: row.name, spellcheck: "false", oninput: () => {
    change({ name: name.value.trim() });
    number(place);
  } });
  const type = h("select", { onchange: () => {
    row = retyped(row, type.value);
    draw();
    changed();
  } }, TYPES.map((one) => h("option", { value: one, selected: one === row.type }, one || "any")));
  const required = h("input", { type: "checkbox", checked: row.required, onchange: () => {
    change({ required: required.checked });
    ask();
  } });
  const state = h("span", { class: "anvil-badge" }, STATES.unknown);
  const fault = h("p", { class: "anvil-fault", id: newId("fault"), hidden: true });
  const away = h("button", { type: "button", onclick: remove }, "✕");
  const more = h("div", { class: "anvil-stack" });
  const inside = h("details", { open }, h("summary", {}, "Description, default, example, choices"), more);
  let standIn = null;
  name.setAttribute("aria-describedby", fault.id);
  const element = h("li", { class: "anvil-card" },
    h("div", { class: "anvil-card-head" },
      field("Name", name), field("Type", type),
      h("label", { class: "anvil-check" }, h("span", {}, "Required"), required),
      state, away),
    fault, inside);
  draw();

  function change(fields) {
    row = Object.fromEntries(Object.entries({ ...row, ...fields }).filter(([, value]) => value !== undefined));
    changed();
  }

  function number(at) {
    place = at;
    const called = row.name || `parameter ${at + 1}`;
    element.setAttribute("aria-label", called);
    away.setAttribute("aria-label", `Remove ${called}`);
    away.title = `Remove ${called}`;
  }

  // What is required has no default: its field waits unseen.
  function ask() {
    standIn.hidden = row.required;
  }

  function draw() {
    const description = h("textarea", { rows: 1, value: row.description, oninput: () => change({ description: description.value }) });
    const note = h("span", { class: "anvil-muted", id: newId("choices"), hidden: row.type !== "string" && row.type !== "" }, QUOTED);
    const size = Math.min(6, Math.max(2, row.enum?.length ?? 0));
    const choices = h("textarea", { rows: size, value: lined(row.enum ?? [], row.type), "aria-describedby": note.id, oninput: () => {
      const values = valuesOf(choices.value, row.type);
      change({ enum: values.length ? values : undefined });
    } });
    standIn = value("default", "Default");
    ask();
    more.replaceChildren(field("Description", description), standIn, value("example", "Example"),
      h("div", {}, field("Choices, one a line", choices), note));
  }

  // A value that may be there or not: a box that says so, and an input by the type.
  function value(key, label) {
    const has = h("input", { type: "checkbox", checked: row[key] !== undefined, "aria-label": `${label} is given`, title: `${label} is given` });
    const input = row.type === "boolean"
      ? h("select", {}, truths(row[key]).map((one) => h("option", { value: one.value, selected: one.value === (row[key] ?? "") }, one.label)))
      : h("textarea", {
        rows: row.type === "array" || row.type === "object" ? 3 : 1,
        value: row[key] === undefined ? "" : shown(row[key], row.type),
        spellcheck: row.type === "string" ? "true" : "false",
      });
    const put = () => change({ [key]: has.checked ? asJson(input.value, row.type) : undefined });
    has.addEventListener("change", () => {
      if (has.checked && row.type === "boolean" && input.value === "") input.value = "true";
      put();
    });
    input.addEventListener("input", () => {
      has.checked = row.type !== "boolean" || input.value !== "";
      put();
    });
    return h("div", { class: "anvil-given" }, has, field(label, input));
  }

  return {
    element,
    row: () => said(row),
    number,
    isOpen: () => inside.open,
    focus: () => name.focus(),
    told: (stands, found) => {
      state.textContent = found ? "✗ not sound" : STATES[stands];
      fault.hidden = !found;
      fault.textContent = found ? `${found.message}${found.hint ? ` — ${found.hint}` : ""}` : "";
    },
  };
}

function field(label, input) {
  return h("label", { class: "anvil-field" }, h("span", {}, label), input);
}
