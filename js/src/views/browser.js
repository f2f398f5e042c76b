// All that a store has as a tree, and beside it what is chosen, or another view of it.
import "../styles/browser.css";
import { saying } from "../parts/columns.js";
import { ask } from "../parts/dialog.js";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { focused, redrawn } from "../parts/focus.js";
import { following } from "../parts/following.js";
import { palette } from "../parts/palette.js";
import { counted } from "../parts/published.js";
import { renamed } from "../parts/renamed.js";
import { tree } from "../parts/tree.js";
import { storageOf } from "../parts/unsaved.js";
import { working } from "../parts/working.js";

export function drawBrowser(page) {
  let state = page.state;
  let names = [];
  let here = "";
  let leave = null;
  let number = 0;
  let drawn = "";
  let above = "";
  const failure = failing();
  const work = working("Working", { after: 400 });
  const head = h("div", { class: "anvil-browser-head" });
  const crumbs = h("nav", { class: "anvil-crumbs", "aria-label": "Where this is" });
  const panel = h("div", { class: "anvil-browser-panel" });
  const elsewhere = h("div", { class: "anvil-notice anvil-bar", role: "status", hidden: true });
  const side = h("div", { class: "anvil-browser-panel" }, crumbs, elsewhere, panel);
  const kindOf = (address) => ["", "project", "set", "prompt"][address ? address.split("/").length : 0];
  const within = (address) => ({ project: "set", set: "prompt" })[kindOf(address)];
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
  const change = async (name, args, then, options) => {
    take(await page.call(name, args, options));
    await show(then ?? here);
  };

  function top() {
    const now = JSON.stringify([state.organisation, state.organisations, state.store, state.location, state.openers]);
    if (now === above) return;
    above = now;
    const switched = async () => {
      await failure.run(() => change("switch_organisation", { organisation: organisation.value }, ""));
      organisation.value = state.organisation;
    };
    const organisation = h("select", { "aria-label": "Organisation", onchange: switched },
      state.organisations.map((one) => h("option", { value: one, selected: one === state.organisation }, `@${one}`)));
    redrawn(head, () => head.replaceChildren(
      h("h2", { class: "anvil-title" }, page.title), organisation, h("code", { title: state.location }, state.store), h("button", { type: "button", onclick: another }, "Other store…"),
      h("div", { class: "anvil-bar anvil-browser-actions" },
        h("button", { type: "button", onclick: () => create("") }, "New project…"),
        openers("").map((one) => h("button", { type: "button", onclick: () => open(one, "") }, one.label)),
        h("button", { type: "button", onclick: commands, "aria-keyshortcuts": "Control+K Meta+K" }, "Commands… (Ctrl-K)"))), () => null);
  }
  const openers = (address) => state.openers.filter((one) => one.kinds.includes(kindOf(address)));

  // What is typed is kept by the store it is typed for, too.
  const question = (asked) => failure.run(() => ask(page.root, {
    ...asked, name: JSON.stringify([state.location, state.organisation, asked.title]), back: start,
  }));
  const another = () => question({
    title: "Show another store", text: "The path of a file, or a postgresql:// URL without its password.",
    fields: [{ name: "store", label: "Store", required: true }], action: "Show it", work: true,
    act: (said, options) => change("switch_store", said, "", options),
  });
  const create = (inside) => {
    const what = { "": "project", project: "set", set: "prompt" }[kindOf(inside)];
    return question({
      title: inside ? `New ${what} in ${inside}` : "New project",
      fields: [{ name: "name", label: "Name", required: true }, what === "prompt" ? { name: "template", label: "Text", type: "textarea", required: true } : { name: "title", label: "Title" }],
      action: "Create",
      act: async ({ name, ...rest }) => {
        const made = await page.call("create", { inside, name, ...rest });
        take(made);
        await show(made.address);
      },
    });
  };
  const rename = async (address) => {
    const names = address.split("/"), prompt = kindOf(address) === "prompt";
    const by = prompt ? await failure.run(() => work.start((options) => page.call("rendered_by", { address }, options))) : [];
    if (!by) return;
    const broken = `${counted(by.length, "other prompt")} ${by.length === 1 ? "renders" : "render"} it, and cannot be rendered until ${by.length === 1 ? "it names" : "they name"} the new one:`;
    await question({
      title: `Rename ${address}`, text: prompt ? "" : "The addresses of what is in it follow.",
      lists: by.length ? [{ warning: true, text: broken, items: by }] : [],
      fields: [{ name: "name", label: "New name", value: names.at(-1), required: true }], action: "Rename",
      act: async (said) => {
        const moved = await page.call("rename", { address, ...said });
        take(moved);
        await show(moved.address);
        renamed(storageOf(window), state.location, address, moved.address);
      },
    });
  };
  // What is known of it may be older than the question.
  const describeAt = async (address) => {
    const known = await failure.run(() => knownOf(address));
    if (known) await describe(address, known);
    else if (known === null) await show(address);
  };
  const describe = (address, began) => {
    let known = began;
    const described = (one) => one.description ?? one.metadata?.description ?? "";
    const fields = [{ name: "description", label: "Description", type: "textarea", value: described(known) }];
    if (known.kind !== "prompt") fields.unshift({ name: "title", label: "Title", value: known.title });
    return question({
      title: `Describe ${address}`, fields, action: "Save",
      text: () => {
        if (known === began) return "";
        const said = [known.title, described(known)].filter(Boolean).map((one) => `“${one}”`).join(", ");
        return `Another has described it meanwhile: ${said || "with nothing"}. Save again to put yours in its place.`;
      },
      act: async (said) => {
        try {
          await change("describe", { address, ...said, was: { description: described(known), ...(known.kind === "prompt" ? {} : { title: known.title }) } });
        } catch (error) {
          if (error.code === "conflict") {
            known = await page.call("show", { address });
            await show(address);
          }
          throw error;
        }
      },
    });
  };
  async function remove(address) {
    const goes = await failure.run(() => work.start((options) => page.call("what_goes", { address }, options)));
    if (!goes) return;
    const { inside = [], rendered_by: by, force } = goes;
    const prompt = kindOf(address) === "prompt";
    const lists = [];
    if (inside.length) lists.push({ text: "This goes:", items: inside.map((one) => one.text) });
    if (by.length) lists.push({ warning: true, text: `${counted(by.length, "other prompt")} ${by.length === 1 ? "renders" : "render"} it, and could not be rendered without it:`, items: by });
    const others = prompt ? (by.length ? "" : " No other prompt renders it.") : inside.some((one) => one.prompts) ? "Prompts are rendered by those of their own set alone, and these go with it." : inside.length ? "" : "It is empty.";
    await question({
      title: `Delete ${address}?`,
      text: (prompt ? "It goes from the draft; versions and history keep it." : "") + others,
      lists,
      fields: force ? [{ name: "force", label: "Delete all of it, for ever", type: "checkbox" }] : [],
      action: "Delete", danger: true, work: true,
      act: async (said, options) => {
        take(await page.call("delete", { address, ...said }, options));
        await show(address.split("/").slice(0, -1).join("/"));
      },
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
  const show = (address) => failure.run(async () => {
    number += 1;
    const now = number;
    const known = address ? await knownOf(address) : null;
    if (now === number) put(address, known);
  });
  // What is known of it, or null when it is not there any more.
  async function knownOf(address) {
    try {
      return await page.call("show", { address });
    } catch (error) {
      if (error.code === "not-found") return null;
      throw error;
    }
  }
  const seen = (address, known) => h("div", { class: "anvil-stack" }, !address ? nothing() : known ? draw(address, known) : gone(address));
  function put(address, known, made = seen(address, known)) {
    redrawn(side, () => {
      away();
      here = address;
      elsewhere.hidden = true;
      path(address);
      panel.replaceChildren(made);
      if (address) shown.select(address);
    }, start);
    drawn = made.innerHTML;
  }
  const start = () => panel.querySelector("[tabindex='-1']");
  const nothing = () => h("p", { class: "anvil-muted", tabindex: "-1" },
    state.sets.length ? "Choose a project, a set or a prompt." : "Nothing is here yet: make a project, or a set in one.");
  const lost = (address) => `${address} is not there any more: it was deleted or renamed elsewhere.`;
  function gone(address) {
    const parts = address.split("/");
    const over = parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join("/")).filter(isThere).at(-1) ?? "";
    return [h("p", { class: "anvil-notice", tabindex: "-1" }, lost(address)),
      h("div", { class: "anvil-bar" }, h("button", { type: "button", onclick: () => show(over) }, `Go to ${over || `@${state.organisation}`}`))];
  }
  function isThere(address) {
    const [project, set, prompt] = address.split("/");
    if (!set) return state.projects.some(([name]) => name === project);
    const at = `${project}/${set}`;
    return prompt ? names.some(([one, all]) => one === at && all.includes(prompt)) : state.sets.some(([one]) => one === at);
  }
  // After others have written: what is shown follows, but not under whom it has the focus of, and
  // a view that is open stays.
  async function follow() {
    const [now, address] = [number, here];
    if (leave) {
      tell(address && !isThere(address) ? `${lost(address)} What is open here stays.` : "");
      return;
    }
    const known = address ? await knownOf(address) : null;
    if (now !== number) return;
    const made = seen(address, known);
    if (made.innerHTML === drawn) tell("");
    else if (focused(panel)) {
      const look = h("button", { type: "button", onclick: () => show(address) }, known ? "Show it as it is now" : "Look at it");
      tell(known ? `${address} was changed elsewhere.` : lost(address), look);
    } else put(address, known, made);
  }
  function tell(text, ...actions) {
    if (elsewhere.hidden ? text === "" : text === elsewhere.firstChild?.textContent) return;
    elsewhere.hidden = text === "";
    elsewhere.replaceChildren(h("span", { class: "anvil-grow" }, text), ...actions);
  }
  async function open(opener, address) {
    number += 1;
    const now = number;
    await failure.run(async () => {
      const place = await page.call("open_view", { name: opener.name, address });
      if (now !== number) return;
      const held = focused(side) !== null;
      away();
      here = address;
      elsewhere.hidden = true;
      path(address, opener.label);
      const inner = h("section", { class: "anvil-inner", "aria-label": place.title, tabindex: "-1" });
      panel.replaceChildren(inner);
      leave = page.mount(inner, place);
      if (held && !focused(inner)) inner.focus();
    });
  }
  function draw(address, known) {
    const kind = kindOf(address);
    const inside = within(address);
    // Called after what it deletes: the next one's button is not its like when that is gone.
    const button = (text, run, danger) =>
      h("button", { type: "button", class: danger ? "anvil-danger" : null, "aria-label": danger ? `${text} ${address}` : null, onclick: run }, text);
    return [
      h("h3", { tabindex: "-1" }, known.title || address.split("/").at(-1), " ", h("span", { class: "anvil-badge" }, kind)),
      h("p", {}, known.description || known.metadata?.description || h("span", { class: "anvil-muted" }, "No description")),
      h("div", { class: "anvil-bar" },
        openers(address).map((one) => button(one.label, () => open(one, address))),
        inside ? button(`New ${inside}…`, () => create(address)) : null,
        button("Rename…", () => rename(address)), button("Describe…", () => describe(address, known)), button("Delete…", () => remove(address), true)),
      ...(kind === "prompt" ? prompt(known) : group(known)),
    ];
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
      if (within(here)) all.push({ label: `New ${within(here)} in ${here}…`, run: () => create(here) });
      all.push({ label: `Rename ${here}…`, run: () => rename(here) }, { label: `Describe ${here}…`, run: () => describeAt(here) }, { label: `Delete ${here}…`, run: () => remove(here) });
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
      if (await page.call("generation") === state.generation) return;
      take(await page.call("refresh"));
      await follow();
    },
    seen: () => document.visibilityState === "visible" && page.root.isConnected && page.root.offsetParent,
    failed: failure.show,
  }));
  page.onLeave(away);

  page.root.append(head, failure.box, work.box, h("div", { class: "anvil-browser" }, shown.box, side));
  top();
  plant();
  show("");
  failure.run(async () => {
    names = await page.call("names");
    plant();
  });
}
