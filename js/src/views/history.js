// The versions of a set, newest first, with what can be done to each.
import { ask } from "../parts/dialog.js";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";

export function drawHistory(page) {
  const failure = failing();
  const list = h("ol", { class: "anvil-line", "aria-label": "Versions, newest first" });
  const show = ({ versions }) => list.replaceChildren(...versions.map(row));
  const change = (name, args) => failure.run(async () => show(await page.call(name, args)));

  const label = async (version) => {
    const said = await ask(page.root, {
      title: `Label ${version.version}`,
      fields: [{ name: "name", label: "Label", required: true }, { name: "message", label: "Why" }],
      action: "Label",
    });
    if (said) await change("label", { version: version.version, expect: "none", ...said });
  };
  const rollBack = async (version) => {
    const said = await ask(page.root, {
      title: `Roll back to ${version.version}`,
      text: "Publishes its content as a new version. The draft is left alone unless you say so.",
      fields: [{ name: "message", label: "Why" }, { name: "draft", label: "Reset the draft too", type: "checkbox" }],
      action: "Roll back",
    });
    if (said) await change("roll_back", { version: version.version, ...said });
  };
  const row = (version) =>
    h("li", {},
      h("strong", {}, version.version),
      version.labels.map((one) => h("span", { class: "anvil-badge" }, one)),
      h("span", { class: "anvil-muted" }, `${version.bump} · ${version.published_by} · ${version.published_at.slice(0, 16).replace("T", " ")} UTC`),
      h("span", {}, version.message),
      h("button", { type: "button", onclick: () => label(version) }, "Label…"),
      h("button", { type: "button", onclick: () => rollBack(version) }, "Roll back…"));

  page.root.append(h("h2", { class: "anvil-title" }, page.title), failure.box, list);
  show(page.state);
}
