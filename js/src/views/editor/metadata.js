// What is said about a prompt, and what a model is to be called with.
import { h, newId } from "../../parts/dom.js";
import { steadily } from "../../parts/steady.js";
import { asJson, lined, shown, valuesOf } from "./form.js";

const KNOWN = ["model", "temperature", "max_tokens", "response_schema"];

// `changed()` is called after each change. Returns { box, fields(), set(document), told(check) }.
export function metadata(changed) {
  let fields = { description: "", tags: [], settings: [], syntax: "liquid" };
  const known = newId("settings");
  const description = h("textarea", { rows: 2, oninput: () => put({ description: description.value }) });
  const tags = h("textarea", { rows: 2, oninput: () => put({ tags: valuesOf(tags.value, "string").map((one) => JSON.parse(one)) }) });
  const syntax = h("select", { onchange: () => put({ syntax: syntax.value }) },
    h("option", { value: "liquid" }, "liquid: a template"), h("option", { value: "plain" }, "plain: text as it stands"));
  const settings = h("ol", { class: "anvil-stack", "aria-label": "Settings" });
  const faults = h("ul", { class: "anvil-fault", hidden: true });
  const more = h("button", { type: "button", onclick: () => {
    put({ settings: [...fields.settings, ["", '""']] });
    draw();
    settings.lastElementChild.querySelector("input").focus();
  } }, "Add a setting");
  const box = h("div", { class: "anvil-stack" }, faults,
    label("Description", description), label("Tags, one a line", tags), label("Syntax", syntax),
    h("h4", {}, "Model settings"), settings, h("div", {}, more),
    h("datalist", { id: known }, KNOWN.map((one) => h("option", { value: one }))));

  function put(changes) {
    fields = { ...fields, ...changes };
    changed();
  }

  function draw() {
    settings.replaceChildren(...fields.settings.map(([key, json], at) => {
      const change = (pair) => put({ settings: fields.settings.map((one, index) => index === at ? pair(one) : one) });
      const name = h("input", { value: key, list: known, "aria-label": `Name of setting ${at + 1}`, oninput: () => change(([, value]) => [name.value.trim(), value]) });
      const value = h("textarea", { rows: json.length > 60 ? 4 : 1, value: json === '""' ? "" : shown(json, ""), "aria-label": `Value of ${key || `setting ${at + 1}`}`, spellcheck: "false", oninput: () => change(([one]) => [one, asJson(value.value, "")]) });
      return h("li", { class: "anvil-setting" }, name, value,
        h("button", { type: "button", "aria-label": `Remove ${key || `setting ${at + 1}`}`, onclick: () => {
          put({ settings: fields.settings.filter((_, index) => index !== at) });
          draw();
          more.focus();
        } }, "✕"));
    }));
  }

  return {
    box,
    fields: () => fields,
    // What says the same already stays as it was typed, with the caret in it.
    set: (document) => {
      const before = fields;
      fields = { description: document.description, tags: document.tags, settings: document.settings, syntax: document.syntax };
      const moved = (name) => JSON.stringify(before[name]) !== JSON.stringify(fields[name]);
      if (moved("description")) description.value = fields.description;
      if (moved("tags")) tags.value = lined(fields.tags.map((one) => JSON.stringify(one)), "string");
      if (moved("syntax")) syntax.value = fields.syntax;
      if (moved("settings")) steadily(settings, draw);
    },
    told: (check) => {
      const found = check.faults.filter((one) => one.place !== "parameters");
      faults.hidden = found.length === 0;
      faults.replaceChildren(...found.map((one) => h("li", {}, `${one.message}${one.hint ? ` — ${one.hint}` : ""}`)));
    },
  };
}

function label(text, input) {
  return h("label", { class: "anvil-field" }, h("span", {}, text), input);
}
