// What the prompt renders to, with values that can be changed here and are not saved.
import { h } from "../../parts/dom.js";

const SOURCES = { example: "example", default: "default", enum: "first choice", placeholder: "stand-in", absent: "no value", typed: "typed here" };

// `changed()` is called when a value is typed. Returns { box, values(), set(values), told(check) }.
export function preview(changed) {
  let values = {};
  let inputs = new Map();
  let drawn = "";
  const list = h("div", { class: "anvil-values" });
  const summary = h("summary", {}, "Values");
  const given = h("details", { open: true, hidden: true }, summary, list);
  const problem = h("div", { class: "anvil-fault", role: "status", hidden: true });
  const output = h("div", { class: "anvil-rendered", tabindex: "0", role: "region", "aria-label": "Rendered" });
  const counts = h("p", { class: "anvil-muted" });
  const box = h("div", { class: "anvil-stack" }, given, problem, output, counts);

  function draw(signature) {
    inputs = new Map(signature.map((one) => {
      const note = h("span", { class: "anvil-muted" });
      const input = h("textarea", { rows: 1, value: values[one.name] ?? "", spellcheck: "false", oninput: () => {
        values = { ...values, [one.name]: input.value };
        changed();
      } });
      return [one.name, { input, note }];
    }));
    list.replaceChildren(...[...inputs].map(([name, { input, note }]) =>
      h("label", { class: "anvil-value" }, h("code", {}, name), input, note)));
  }

  function told({ signature, preview: made, errors }) {
    if (signature !== null) {
      const now = JSON.stringify(signature.map((one) => [one.name, one.type]));
      if (now !== drawn) draw(signature);
      drawn = now;
      given.hidden = signature.length === 0;
      summary.textContent = `Values of ${signature.length} ${signature.length === 1 ? "parameter" : "parameters"}`;
      for (const one of signature) {
        const { input, note } = inputs.get(one.name);
        input.placeholder = one.value ?? "";
        input.setAttribute("aria-invalid", String(one.problem !== null));
        note.textContent = one.problem ? `✗ ${one.problem}` : SOURCES[one.source];
      }
    }
    const failed = made === null ? errors.find((one) => !one.note) : "message" in made ? made : null;
    problem.hidden = !failed;
    output.classList.toggle("anvil-stale", Boolean(failed));
    if (failed) {
      problem.replaceChildren(h("p", {}, failed.message), failed.hint ? h("p", { class: "anvil-muted" }, failed.hint) : "",
        output.childElementCount ? h("p", { class: "anvil-muted" }, "Below is the last text that rendered.") : "");
      return;
    }
    if (made === null) return;
    output.replaceChildren(...(made.messages === null
      ? [h("pre", { dir: "auto" }, made.text)]
      : made.messages.map((one) => h("article", {}, h("h4", {}, one.role), h("pre", { dir: "auto" }, one.content)))));
    const { characters, tokens } = made.counts;
    counts.textContent = `${characters.toLocaleString("en")} characters, about ${tokens.toLocaleString("en")} tokens${made.cut ? "; the beginning is shown" : ""}`;
  }

  return {
    box,
    told,
    values: () => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")),
    set: (others) => {
      values = others;
      drawn = "";
    },
  };
}
