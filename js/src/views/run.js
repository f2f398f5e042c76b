// A prompt run over rows: its versions ticked, the rows given, and the grid of what comes of it.
import "../styles/run.css";
import { submitting } from "../parts/dialog.js";
import { h, newId } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { working } from "../parts/working.js";

const MOST = 200;

export function drawRun(page) {
  let { state } = page;
  let leave = null;
  const failure = failing();
  const work = working("Rendering");
  const said = h("p", { class: "anvil-muted", role: "status" });
  const prompt = h("select", { onchange: () => turn() }, state.prompts.map((one) => h("option", { value: one, selected: one === state.prompt }, one)));
  const versions = h("div", { class: "anvil-run-versions" });
  const rows = h("textarea", { rows: 6, spellcheck: "false", class: "anvil-run-rows" });
  const path = h("input", { type: "text", spellcheck: "false", placeholder: "customers.csv" });
  const go = h("button", { type: "submit", class: "anvil-primary" }, "Run");
  const result = h("section", { class: "anvil-inner", "aria-label": "The run", tabindex: "-1", hidden: true });
  const field = (text, control, hint) => {
    const id = newId("hint");
    control.setAttribute("aria-label", text); // what it is called; the hint describes it
    if (hint) control.setAttribute("aria-describedby", id);
    return h("label", { class: "anvil-field" }, h("span", {}, text), control, hint ? h("span", { class: "anvil-hint", id }, hint) : null);
  };

  page.onLeave(() => leave?.());
  page.root.append(
    h("h2", { class: "anvil-title" }, page.title), failure.box,
    h("form", { class: "anvil-run", onsubmit: (event) => { event.preventDefault(); run(); }, onkeydown: submitting },
      state.prompts.length > 1 ? field("Prompt", prompt) : null,
      h("fieldset", {}, h("legend", {}, "Versions, side by side"), versions),
      field("Rows", rows, "JSON objects, one a line: a value for each parameter."),
      field("Or a file of rows", path, "CSV, JSON or JSONL, by its path where the kernel runs; then the rows above are left out."),
      h("div", { class: "anvil-bar" }, go, h("span", { class: "anvil-muted" }, "Prompts are rendered. To call a function on each: %anvil run … --with"))),
    work.box, said, result);
  draw();

  function draw() {
    const shown = state.selectors.slice(0, MOST);
    versions.replaceChildren(...shown.map((one) => {
      const number = state.labels[one];
      return h("label", { class: "anvil-check" }, h("span", {}, one, number ? h("span", { class: "anvil-muted" }, ` ${number}`) : null),
        h("input", { type: "checkbox", value: one, checked: state.chosen.includes(one) }));
    }));
    rows.value = state.row;
  }

  async function turn() {
    const found = await failure.run(() => page.call("about", { prompt: prompt.value }));
    if (!found) return;
    const written = rows.value !== state.row; // what was written is kept
    const before = rows.value;
    state = { ...state, ...found };
    draw();
    if (written) rows.value = before;
  }

  const run = () => failure.run(async () => {
    said.textContent = "";
    const chosen = [...versions.querySelectorAll("input:checked")].map((one) => one.value);
    go.disabled = true;
    try {
      const place = await work.start((options) => page.call("run", { prompt: state.prompt, versions: chosen, rows: rows.value, path: path.value }, options));
      leave?.();
      result.replaceChildren();
      result.hidden = false;
      leave = page.mount(result, place);
      result.focus({ preventScroll: true });
    } catch (error) {
      if (error.code !== "cancelled") throw error;
      said.textContent = "Cancelled: nothing was run.";
    } finally {
      go.disabled = false;
    }
  });
}
