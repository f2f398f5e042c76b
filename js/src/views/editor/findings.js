// What Python finds in a text: its faults, and how parameters and template stand to each other.
import { h } from "../../parts/dom.js";
import { steady } from "../../parts/steady.js";

// `go(place)` goes to a place of the text, `add(names)` declares what is missing, `takeApart()` moves
// frontmatter into the form, `makeLiquid()` makes plain text a template. Returns { boxes,
// told(check, plain) }: `told` returns what is to be marked in the text.
export function findings({ go, add, takeApart, makeLiquid }) {
  const agreement = h("div", { class: "anvil-bar anvil-agreement", role: "group", "aria-label": "Parameters and template" });
  const problems = h("ul", { class: "anvil-problems", "aria-label": "Problems" });
  const [showAgreement, showProblems] = [steady(agreement), steady(problems)]; // a button in it may have the focus

  // How the form stands to the text of now: of a text with an error nothing is known.
  function agree(found, plain) {
    const [matched, unused] = [found?.matched ?? [], found?.unused ?? []];
    const missing = (found?.missing ?? []).map((one) => one.name);
    showAgreement([found === null, plain, matched.length, missing, unused], () => found === null
      ? [h("span", { class: "anvil-muted" }, "Parameters are compared with the template once it has no error.")]
      : [
        h("span", {}, plain ? "Plain text: it stands as it is, and takes no parameters" : `✓ ${matched.length} matched`),
        plain ? "" : h("span", {}, missing.length ? `+ missing: ${missing.join(", ")}` : "+ none missing"),
        plain && !unused.length ? "" : h("span", {}, unused.length ? `○ unused: ${unused.join(", ")}` : "○ none unused"),
        missing.length
          ? h("button", { type: "button", onclick: () => add(missing) }, missing.length === 1 ? "Add what is missing" : `Add all ${missing.length}`)
          : "",
      ]);
  }

  function draw(found, frontmatter) {
    showProblems([found, frontmatter], () => [
      ...found.map((one) => h("li", { class: `anvil-problem-${one.severity}` },
        h("strong", {}, one.severity === "error" ? "✗ Error" : "⚠ Note"),
        one.line ? h("button", { type: "button", class: "anvil-plain", onclick: () => go(one) }, `line ${one.line}`) : null,
        h("span", {}, one.message), one.hint ? h("span", { class: "anvil-muted" }, one.hint) : null,
        one.remedy === "liquid" ? h("button", { type: "button", onclick: makeLiquid }, "Make it Liquid") : null)),
      frontmatter ? h("li", {}, h("strong", {}, "⚠ Note"),
        h("span", {}, "The text opens with frontmatter; as it stands that is part of the template."),
        h("button", { type: "button", onclick: takeApart }, "Move it into the form")) : "",
    ]);
  }

  return {
    boxes: [agreement, problems],
    told: (answer, plain) => {
      const rendering = answer.preview?.message ? [{ ...answer.preview, severity: "warning" }] : [];
      const found = [...answer.errors.map((one) => ({ ...one, severity: one.note ? "warning" : "error" })), ...rendering];
      draw(found, answer.frontmatter);
      agree(answer.agreement, plain);
      const undeclared = answer.agreement?.missing ?? [];
      return [...found, ...undeclared.map(({ line, column, name }) =>
        ({ line, column, severity: "info", message: `'${name}' is used and not declared` }))];
    },
  };
}
