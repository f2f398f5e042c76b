// The parameters as a form by type, and how they stand to what the template uses.
import { h, newId } from "../../parts/dom.js";
import { asJson, lined, retyped, rowFor, shown, valuesOf } from "./form.js";

const TYPES = ["", "string", "number", "integer", "boolean", "array", "object"];
const QUOTED = 'A choice of several lines, or an empty one, stands in quotes: "one\\ntwo"';
const STATES = { matched: "✓ used", unused: "○ not used", unknown: "?" };

// `changed()` is called after each change. Returns { box, rows(), set(rows), told(check) }.
export function parameters(changed) {
  let rows = [];
  let cards = [];
  let missing = [];
  const lacking = h("div", { class: "anvil-lacking", hidden: true });
  const list = h("ol", { class: "anvil-cards", "aria-label": "Declared parameters" });
  const none = h("p", { class: "anvil-muted" }, "No parameter is declared.");
  const more = h("button", { type: "button", onclick: () => add([{ name: "", type: "string", required: true, description: "" }], true) }, "Add a parameter");
  const box = h("div", { class: "anvil-stack" }, lacking, none, list, h("div", {}, more));

  function draw() {
    cards = rows.map((_, at) => card(at));
    none.hidden = rows.length > 0;
    list.replaceChildren(...cards.map((one) => one.element));
  }

  function change(at, fields) {
    rows = rows.map((row, index) => index === at ? clean({ ...row, ...fields }) : row);
    changed();
  }

  function add(more_, focus = false) {
    rows = [...rows, ...more_];
    draw();
    if (focus) cards.at(-1).name.focus();
    changed();
  }

  function remove(at) {
    rows = rows.filter((_, index) => index !== at);
    draw();
    (cards[Math.min(at, cards.length - 1)]?.name ?? more).focus();
    changed();
  }

  function card(at) {
    const row = rows[at];
    const called = row.name || `parameter ${at + 1}`;
    const name = h("input", { value: row.name, spellcheck: "false", oninput: () => change(at, { name: name.value.trim() }) });
    const type = h("select", { onchange: () => {
      rows[at] = retyped(rows[at], type.value);
      draw();
      cards[at].type.focus();
      changed();
    } }, TYPES.map((one) => h("option", { value: one, selected: one === row.type }, one || "any")));
    const required = h("input", { type: "checkbox", checked: row.required, onchange: () => {
      change(at, required.checked ? { required: true, default: undefined } : { required: false });
      draw();
      cards[at].required.focus();
    } });
    const description = h("textarea", { rows: 1, value: row.description, oninput: () => change(at, { description: description.value }) });
    const choices = h("textarea", { rows: 2, value: lined(row.enum ?? [], row.type), title: QUOTED, oninput: () => {
      const values = valuesOf(choices.value, row.type);
      change(at, { enum: values.length ? values : undefined });
    } });
    const state = h("span", { class: "anvil-badge" }, STATES.unknown);
    const fault = h("p", { class: "anvil-fault", id: newId("fault"), hidden: true });
    name.setAttribute("aria-describedby", fault.id);
    const element = h("li", { class: "anvil-card", "aria-label": called },
      h("div", { class: "anvil-card-head" },
        field("Name", name), field("Type", type),
        h("label", { class: "anvil-check" }, h("span", {}, "Required"), required),
        state,
        h("button", { type: "button", "aria-label": `Remove ${called}`, title: `Remove ${called}`, onclick: () => remove(at) }, "✕")),
      fault,
      h("details", { open: rows.length <= 2 },
        h("summary", {}, "Description, default, example, choices"),
        h("div", { class: "anvil-stack" },
          field("Description", description),
          row.required ? null : value(at, "default", "Default"),
          value(at, "example", "Example"),
          field("Choices, one a line", choices))));
    return { element, name, type, required, state, fault };
  }

  // A value that may be there or not: a box that says so, and an input by the type.
  function value(at, key, label) {
    const row = rows[at];
    const has = h("input", { type: "checkbox", checked: row[key] !== undefined, "aria-label": `${label} is given`, title: `${label} is given` });
    const written = row[key] === undefined ? "" : shown(row[key], row.type);
    const input = row.type === "boolean"
      ? h("select", {}, ["true", "false"].map((one) => h("option", { value: one, selected: one === written }, one)))
      : h("textarea", { rows: row.type === "array" || row.type === "object" ? 3 : 1, value: written, spellcheck: row.type === "string" ? "true" : "false" });
    const put = () => change(at, { [key]: has.checked ? asJson(input.value, rows[at].type) : undefined });
    has.addEventListener("change", put);
    input.addEventListener("input", () => {
      has.checked = true;
      put();
    });
    return h("div", { class: "anvil-given" }, has, field(label, input));
  }

  function told({ agreement, faults }) {
    const state = (row) => agreement === null ? "unknown" : agreement.matched.includes(row.name) ? "matched" : agreement.unused.includes(row.name) ? "unused" : "unknown";
    rows.forEach((row, at) => {
      const found = faults.find((one) => one.place === "parameters" && one.row === at);
      cards[at].state.textContent = found ? "✗ not sound" : STATES[state(row)];
      cards[at].fault.hidden = !found;
      cards[at].fault.textContent = found ? `${found.message}${found.hint ? ` — ${found.hint}` : ""}` : "";
    });
    if (agreement === null) return;
    missing = agreement.missing;
    lacking.hidden = missing.length === 0;
    lacking.replaceChildren(...(missing.length ? [
      h("p", {}, h("strong", {}, `${missing.length} used and not declared`)),
      h("ul", { class: "anvil-stack" }, missing.map((one) => h("li", { class: "anvil-bar" },
        h("code", {}, one.name),
        h("span", { class: "anvil-muted" }, [one.partial ? `in the partial ${one.partial}` : `line ${one.line}`, one.near ? `did you mean ${one.near}?` : ""].filter(Boolean).join(" · ")),
        h("button", { type: "button", onclick: () => add([rowFor(one)]) }, `Add ${one.name}`)))),
    ] : []));
  }

  return {
    box,
    told,
    rows: () => rows,
    addMissing: () => add(missing.map(rowFor)),
    set: (given) => {
      rows = given;
      draw();
    },
  };
}

function field(label, input) {
  return h("label", { class: "anvil-field" }, h("span", {}, label), input);
}

function clean(row) {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}
