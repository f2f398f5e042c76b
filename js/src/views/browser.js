// All that a store has as a tree, and beside it what is chosen, or another view of it.
import "../styles/browser.css";
import { saying } from "../parts/columns.js";
import { ask } from "../parts/dialog.js";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { following } from "../parts/following.js";
import { palette } from "../parts/palette.js";
import { counted } from "../parts/published.js";
import { tree } from "../parts/tree.js";
import { working } from "../parts/working.js";

export function drawBrowser(page) {
  let state = page.state;
  let names = [];
  let here = "";
  let leave = null;
  let number = 0;
  const failure = failing();
  const work = working("Working", { after: 400 });
  const head = h("div", { class: "anvil-browser-head" });
  const crumbs = h("nav", { class: "anvil-crumbs", "aria-label": "Where this is" });
  const panel = h("div", { class: "anvil-browser-panel" });
  const kindOf = (address) => ["", "project", "set", "prompt"][address ? address.split("/").length : 0];
  const shown = tree({ label: "Prompts", chosen: () => {}, acted: (node) => show(node.id), most: 460 });

  function plant() {
    const own = new Map(names);
    const projects = new Map(state.projects.map(([name, title]) => [name, { id: name, label: name, kind: "project", title, children: [] }]));
    for (const [address, , count, latest] of state.sets) {
      const [project, name] = address.split("/");
      const children = (own.get(address) ?? []).map((one) => ({ id: `${address}/${one}`, label: one, kind: "prompt" }));
      projects.get(project)?.children.push({ id: address, label: name, kind: "set", note: `${counted(count, "prompt")}${latest ? ` · ${latest}` : ""}`, children });
    }
    const roots = [...projects.values()];
    for (const one of roots) one.note = counted(one.children.length, "set");
    shown.put(roots);
  }
  function take(found) {
    state = found;
    if (found.names) names = found.names;
    top();
    plant();
  }
  const change = (name, args, then) => failure.run(async () => {
    take(await page.call(name, args));
    await show(then ?? here);
  });

  function top() {
    const organisation = h("select", { "aria-label": "Organisation", onchange: () => change("switch_organisation", { organisation: organisation.value }, "") }, state.organisations.map((one) => h("option", { value: one, selected: one === state.organisation }, `@${one}`)));
    head.replaceChildren(
      h("h2", { class: "anvil-title" }, page.title), organisation, h("code", { title: state.location }, state.store), h("button", { type: "button", onclick: another }, "Other store…"),
      h("div", { class: "anvil-bar anvil-browser-actions" },
        h("button", { type: "button", onclick: () => create("") }, "New project…"),
        openers("").map((one) => h("button", { type: "button", onclick: () => open(one, "") }, one.label)),
        h("button", { type: "button", onclick: commands, "aria-keyshortcuts": "Control+K Meta+K" }, "Commands… (Ctrl-K)")));
  }
  const openers = (address) => state.openers.filter((one) => one.kinds.includes(kindOf(address)));

  async function another() {
    const said = await ask(page.root, { title: "Show another store", text: "The path of a file, or a postgresql:// URL without its password.", fields: [{ name: "store", label: "Store", required: true }], action: "Show it" });
    if (said) await change("switch_store", said, "");
  }
  async function create(inside) {
    const what = { "": "project", project: "set", set: "prompt" }[kindOf(inside)];
    const said = await ask(page.root, {
      title: inside ? `New ${what} in ${inside}` : "New project",
      fields: [{ name: "name", label: "Name", required: true }, what === "prompt" ? { name: "template", label: "Text", type: "textarea", required: true } : { name: "title", label: "Title" }],
      action: "Create",
    });
    if (!said) return;
    const { name, ...rest } = said;
    const address = inside ? `${inside}/${name}` : name;
    await change("create", { address, ...rest }, address);
  }
  async function rename(address) {
    const names = address.split("/");
    const said = await ask(page.root, { title: `Rename ${address}`, text: names.length < 3 ? "The addresses of what is in it follow." : "", fields: [{ name: "name", label: "New name", value: names.at(-1), required: true }], action: "Rename" });
    if (said) await change("rename", { address, ...said }, [...names.slice(0, -1), said.name].join("/"));
  }
  async function describe(address, known) {
    const fields = [{ name: "description", label: "Description", type: "textarea", value: known.description ?? known.metadata?.description ?? "" }];
    if (known.kind !== "prompt") fields.unshift({ name: "title", label: "Title", value: known.title });
    const said = await ask(page.root, { title: `Describe ${address}`, fields, action: "Save" });
    if (said) await change("describe", { address, ...said });
  }
  async function remove(address) {
    const goes = await failure.run(() => work.start((options) => page.call("what_goes", { address }, options)));
    if (!goes) return;
    const { inside = [], rendered_by: by, force } = goes;
    const prompt = kindOf(address) === "prompt";
    const lists = [];
    if (inside.length) lists.push({ text: "This goes:", items: inside.map((one) => one.text) });
    if (by.length) lists.push({ warning: true, text: `${counted(by.length, "other prompt")} ${by.length === 1 ? "renders" : "render"} it, and could not be rendered without it:`, items: by });
    const others = prompt ? (by.length ? "" : " No other prompt renders it.") : inside.some((one) => one.prompts) ? "Prompts are rendered by those of their own set alone, and these go with it." : inside.length ? "" : "It is empty.";
    const said = await ask(page.root, {
      title: `Delete ${address}?`,
      text: (prompt ? "It goes from the draft; versions and history keep it." : "") + others,
      lists,
      fields: force ? [{ name: "force", label: "Delete all of it, for ever", type: "checkbox" }] : [],
      action: "Delete", danger: true,
    });
    if (!said) return;
    await failure.run(async () => {
      take(await work.start((options) => page.call("delete", { address, ...said }, options)));
      await show(address.split("/").slice(0, -1).join("/"));
    });
  }

  function away() {
    leave?.();
    leave = null;
  }
  function path(address, view) {
    const parts = address ? address.split("/") : [];
    const whole = parts.map((_, at) => parts.slice(0, at + 1).join("/"));
    const plain = (text, to, last) => h("li", {}, last ? h("span", { "aria-current": "page" }, text) : h("button", { type: "button", class: "anvil-plain", onclick: () => show(to) }, text));
    crumbs.replaceChildren(h("ol", {}, plain(`@${state.organisation}`, "", !parts.length && !view), parts.map((one, at) => plain(one, whole[at], !view && at === parts.length - 1)), view ? plain(view, "", true) : null));
  }
  async function show(address) {
    number += 1;
    const now = number;
    away();
    here = address;
    path(address);
    if (!address) {
      panel.replaceChildren(h("p", { class: "anvil-muted" }, state.sets.length ? "Choose a project, a set or a prompt." : "Nothing is here yet: make a project, or a set in one."));
      return;
    }
    shown.select(address);
    await failure.run(async () => {
      const known = await page.call("show", { address });
      if (now === number) draw(address, known);
    });
  }
  async function open(opener, address) {
    number += 1;
    const now = number;
    await failure.run(async () => {
      const place = await page.call("open_view", { name: opener.name, address });
      if (now !== number) return;
      away();
      here = address;
      path(address, opener.label);
      const inner = h("section", { class: "anvil-inner", "aria-label": place.title });
      panel.replaceChildren(inner);
      leave = page.mount(inner, place);
    });
  }
  function draw(address, known) {
    const kind = kindOf(address);
    const inside = { project: "set", set: "prompt" }[kind];
    const button = (text, run, danger) => h("button", { type: "button", class: danger ? "anvil-danger" : null, onclick: run }, text);
    panel.replaceChildren(
      h("h3", {}, known.title || address.split("/").at(-1), " ", h("span", { class: "anvil-badge" }, kind)),
      h("p", {}, known.description || known.metadata?.description || h("span", { class: "anvil-muted" }, "No description")),
      h("div", { class: "anvil-bar" },
        openers(address).map((one) => button(one.label, () => open(one, address))),
        inside ? button(`New ${inside}…`, () => create(address)) : null,
        button("Rename…", () => rename(address)), button("Describe…", () => describe(address, known)), button("Delete…", () => remove(address), true)),
      ...(kind === "prompt" ? prompt(known) : group(known)));
  }
  const group = (known) => [
    h("p", { class: "anvil-muted" }, known.kind === "set" ? `${counted(known.count, "prompt")} · ${known.latest ? `latest ${known.latest} of ${counted(known.versions, "version")}` : "nothing published"}` : counted(known.count, "set")),
    ...(known.labels && Object.keys(known.labels).length ? [h("p", {}, Object.entries(known.labels).map(([name, to]) => h("span", { class: "anvil-badge" }, `${name} → ${to}`)))] : []),
  ];
  const prompt = (known) => [
    h("pre", { tabindex: "0", role: "region", "aria-label": "Text" }, known.template),
    ...(known.parameters.length ? [parameters(known.parameters)] : []),
    h("p", { class: "anvil-muted" }, known.versions.length ? `In ${counted(known.versions.length, "version")}: ${known.versions.slice(0, 20).join(", ")}${known.versions.length > 20 ? ", …" : ""}` : "In no published version yet"),
  ];
  function parameters(known) {
    const lines = saying(known.map((one) => [one.name, one.type ?? "any", one.required ? "yes" : "no", one.description ?? ""]));
    return h("table", { "aria-label": "Parameters" },
      h("thead", {}, h("tr", {}, ["Parameter", "Type", "Required", "Description"].slice(0, lines[0].length).map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", {}, lines.map(([name, ...cells]) => h("tr", {}, h("th", { scope: "row" }, name), cells.map((one) => h("td", {}, one))))));
  }

  function commands() {
    const all = [];
    for (const one of openers("")) all.push({ label: `Open: ${one.label}`, run: () => open(one, "") });
    all.push({ label: "New project…", run: () => create("") }, { label: "Other store…", run: another });
    if (here) {
      for (const one of openers(here)) all.push({ label: `${one.label}: ${here}`, run: () => open(one, here) });
      all.push({ label: `Rename ${here}…`, run: () => rename(here) }, { label: `Delete ${here}…`, run: () => remove(here) });
    }
    for (const id of shown.forest.nodes.keys()) all.push({ label: `Go to ${id}`, run: () => show(id) });
    palette(page.root, all);
  }
  page.root.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !page.root.querySelector("dialog[open]")) {
      event.preventDefault();
      event.stopPropagation();
      commands();
    }
  });
  page.onLeave(following({
    look: async () => {
      if (await page.call("generation") !== state.generation) take(await page.call("refresh"));
    },
    seen: () => document.visibilityState === "visible" && page.root.isConnected && page.root.offsetParent,
    failed: failure.show,
  }));
  page.onLeave(away);

  page.root.append(head, failure.box, work.box, h("div", { class: "anvil-browser" }, shown.box, h("div", { class: "anvil-browser-panel" }, crumbs, panel)));
  top();
  plant();
  show("");
  failure.run(async () => {
    names = await page.call("names");
    plant();
  });
}
