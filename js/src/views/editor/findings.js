// What Python finds in a text: its faults, and how parameters and template stand to each other.
import { h } from "../../parts/dom.js";

// `go(place)` goes to a place of the text, `add()` declares what is missing, `takeApart()` moves
// frontmatter into the form. Returns { boxes, told(check) }: `told` returns what is to be marked in
// the text.
export function findings({ go, add, takeApart }) {
  const matched = h("span", {});
  const missing = h("span", {});
  const unused = h("span", {});
  const adding = h("button", { type: "button", hidden: true, onclick: () => {
    add();
    agreement.focus(); // the button goes when there is nothing to add
  } });
  const agreement = h("div", { class: "anvil-bar anvil-agreement", role: "group", tabindex: "-1", "aria-label": "Parameters and template", hidden: true },
    matched, missing, unused, adding);
  const problems = h("ul", { class: "anvil-problems", "aria-label": "Problems" });
  let drawn = "";

  function agree(found) {
    agreement.hidden = false;
    const names = found.missing.map((one) => one.name);
    matched.textContent = `✓ ${found.matched.length} matched`;
    missing.textContent = names.length ? `+ missing: ${names.join(", ")}` : "+ none missing";
    unused.textContent = found.unused.length ? `○ unused: ${found.unused.join(", ")}` : "○ none unused";
    adding.hidden = names.length === 0;
    adding.textContent = names.length === 1 ? "Add what is missing" : `Add all ${names.length}`;
  }

  function draw(found, frontmatter) {
    const now = JSON.stringify([found, frontmatter]);
    if (now === drawn) return; // a button in it may have the focus
    drawn = now;
    problems.replaceChildren(...found.map((one) => h("li", { class: `anvil-problem-${one.severity}` },
      h("strong", {}, one.severity === "error" ? "✗ Error" : "⚠ Note"),
      one.line ? h("button", { type: "button", class: "anvil-plain", onclick: () => go(one) }, `line ${one.line}`) : null,
      h("span", {}, one.message), one.hint ? h("span", { class: "anvil-muted" }, one.hint) : null)));
    if (frontmatter) {
      problems.append(h("li", {}, h("strong", {}, "⚠ Note"), h("span", {}, "The text opens with frontmatter; as it stands that is part of the template."),
        h("button", { type: "button", onclick: takeApart }, "Move it into the form")));
    }
  }

  return {
    boxes: [agreement, problems],
    told: (answer) => {
      const rendering = answer.preview?.message ? [{ ...answer.preview, severity: "warning" }] : [];
      const found = [...answer.errors.map((one) => ({ ...one, severity: one.note ? "warning" : "error" })), ...rendering];
      draw(found, answer.frontmatter);
      if (answer.agreement) agree(answer.agreement);
      const undeclared = answer.agreement?.missing ?? [];
      return [...found, ...undeclared.map(({ line, column, name }) =>
        ({ line, column, severity: "info", message: `'${name}' is used and not declared` }))];
    },
  };
}
