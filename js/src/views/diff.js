// How two versions, drafts or labels differ: prompts as a list, lines side by side or unified.
import "../styles/diff.css";
import { differing } from "../parts/differing.js";
import { h, newId } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { Pages } from "../parts/pages.js";
import { rows } from "../parts/rows.js";
import { number } from "../parts/sides.js";

const HEIGHT = 30;
const WIDE = 760;
const NAMES = 200;

export function drawDiff(page) {
  const failure = failing();
  const body = h("div", { class: "anvil-stack" });
  const title = h("h2", { class: "anvil-title" });
  // Narrow pages begin unified; whoever chose is not asked again.
  const mode = { beside: page.root.clientWidth >= WIDE, chosen: false };
  let shown = null;
  let read = ""; // the prompt that was read last

  const show = (state) => {
    title.textContent = `${state.old.address} → ${state.new.address}`;
    shown?.leave();
    shown = comparison(page, failure, state, mode);
    // What was pressed to come here is drawn anew, and keeps the focus.
    const focused = [...(body.firstChild?.children ?? [])].findIndex((one) => one.contains(page.root.getRootNode().activeElement));
    body.replaceChildren(
      sides(state, async (name, args) => {
        const answer = await failure.run(() => page.call(name, { ...args, prompt: (read = shown.name() || read) }));
        if (answer !== undefined) show(answer);
        return answer !== undefined;
      }),
      ...shown.elements);
    shown.begin();
    const again = body.firstChild.children[focused];
    (again?.querySelector("select") ?? again)?.focus();
  };
  page.root.append(title, failure.box, body);
  show(page.state);

  const watch = new ResizeObserver(() => {
    const beside = page.root.clientWidth >= WIDE;
    if (mode.chosen || page.root.clientWidth === 0 || beside === mode.beside) return;
    mode.beside = beside;
    shown.redraw();
  });
  watch.observe(page.root);
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key !== "n" && event.key !== "p") return;
    event.preventDefault();
    event.stopPropagation();
    shown.step(event.key === "n" ? 1 : -1);
  };
  page.root.addEventListener("keydown", keys);
  page.onLeave(() => {
    shown.leave();
    watch.disconnect();
    page.root.removeEventListener("keydown", keys);
  });
}

function sides(state, change) {
  const side = (one, label) => {
    const { labels, versions, latest } = state.choices[one.set];
    const known = new Set(["draft", "latest", ...labels.map(([name]) => name), ...versions]);
    const option = (value, text = value) => h("option", { value, selected: value === one.selector }, text);
    const select = h("select", { "aria-label": `${label}: ${one.place}` },
      known.has(one.selector) ? null : option(one.selector),
      option("draft"),
      latest ? option("latest", `latest (${latest})`) : null,
      labels.length ? h("optgroup", { label: "Labels" }, labels.map(([name, at]) => option(name, `${name} (${at})`))) : null,
      versions.length ? h("optgroup", { label: "Versions" }, versions.map((at) => option(at))) : null);
    return { select, field: h("label", { class: "anvil-diff-side" }, h("span", { class: "anvil-muted" }, label), select) };
  };
  const [old, other] = [side(state.old, "Old"), side(state.new, "New")];
  const choose = async () => {
    if (await change("choose", { old: old.select.value, new: other.select.value })) return;
    old.select.value = state.old.selector;
    other.select.value = state.new.selector;
  };
  old.select.addEventListener("change", choose);
  other.select.addEventListener("change", choose);
  return h("div", { class: "anvil-bar" }, old.field, h("span", { "aria-hidden": "true" }, "→"), other.field,
    h("button", { type: "button", onclick: () => change("swap", {}) }, "Swap"),
    h("button", { type: "button", onclick: choose }, "Refresh"));
}

function comparison(page, failure, state, mode) {
  if (state.count === 0) {
    const same = h("p", { role: "status", class: "anvil-diff-same" }, `${state.old.address} and ${state.new.address} are the same.`);
    return { elements: [same], name: () => "", begin: () => {}, redraw: () => {}, step: () => {}, leave: () => {} };
  }
  const place = h("div", { class: "anvil-stack anvil-diff-prompt" });
  let current = null;
  let { at, name: named } = state;
  const take = (whole, change) => {
    current?.leave();
    named = whole.name;
    current = prompt(page, failure, whole, mode, step);
    place.replaceChildren(...current.elements);
    if (change !== undefined) current.go(change);
  };
  let latest = 0;
  const open = async (name, change) => {
    const own = (latest += 1);
    const whole = await failure.run(() => page.call("prompt", { name }));
    if (whole !== undefined && own === latest) take(whole, change);
  };
  const list = state.count > 1 ? names(page, failure, state, (to, name, change) => {
    at = to;
    return open(name, change);
  }) : null;
  // Past the last change comes the next prompt, and before the first the one before.
  function step(by) {
    if (current === null || current.step(by)) return;
    const to = at + by;
    if (list !== null && to >= 0 && to < state.count) list.go(to, by > 0 ? 0 : -1);
  }
  if (state.first !== null) take(state.first);
  else open(state.name);
  return {
    elements: [verdict(state), h("div", { class: list === null ? "anvil-stack" : "anvil-diff-columns" }, list?.element, place)],
    name: () => named,
    begin: () => list?.begin(),
    redraw: () => current?.redraw(),
    step,
    leave: () => current?.leave(),
  };
}

function verdict(state) {
  const why = state.reasons.map(({ prompt: name, bump, text }) => h("li", {}, h("span", { class: "anvil-badge" }, bump), " ", h("strong", {}, name), `: ${text}`));
  const rest = state.reason_count - state.reasons.length;
  if (rest > 0) why.push(h("li", { class: "anvil-muted" }, `and ${rest.toLocaleString("en")} more`));
  return h("details", { class: "anvil-diff-verdict", open: state.reason_count <= 4 },
    h("summary", {}, `${state.summary} `, h("span", { class: "anvil-muted" }, `(${state.reason_count === 1 ? "1 reason" : `${state.reason_count.toLocaleString("en")} reasons`})`)),
    h("ul", {}, why));
}

// The prompts that differ, to choose from. `open(at, name, change)` shows one.
function names(page, failure, state, open) {
  const pages = new Pages(NAMES, (start) => failure.run(() => page.call("names", { start })));
  const id = newId("prompts");
  let active = state.at;
  pages.begin(state);
  const list = rows({
    height: HEIGHT,
    most: 420,
    properties: { class: "anvil-rows anvil-diff-names", role: "listbox", "aria-label": "Prompts that differ", "aria-activedescendant": `${id}-${active}` },
    row: (at) => {
      const one = pages.see(at, list.repaint);
      return h("div", { role: "option", id: `${id}-${at}`, "aria-selected": String(at === active), "aria-posinset": at + 1, "aria-setsize": state.count, onclick: () => go(at) },
        one === undefined ? "…" : [h("span", { class: "anvil-diff-name", title: one.name }, one.name), counts(one)]);
    },
  });
  const go = (to, change) => failure.run(async () => {
    active = Math.max(0, Math.min(state.count - 1, to));
    list.show(active);
    list.box.setAttribute("aria-activedescendant", `${id}-${active}`);
    if (pages.get(active) === undefined) await pages.want(active);
    const one = pages.get(active);
    if (one !== undefined) await open(active, one.name, change);
  });
  list.box.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(active + moves[event.key]);
  });
  list.draw(state.count);
  return { element: list.box, go, begin: () => list.show(active) };
}

function counts({ kind, added, removed, others }) {
  return h("span", { class: "anvil-diff-counts" },
    kind === "changed" ? null : h("span", { class: "anvil-badge" }, kind),
    added ? h("span", { class: "anvil-diff-plus", "aria-label": `${added} lines added`, role: "img" }, `+${added.toLocaleString("en")}`) : null,
    removed ? h("span", { class: "anvil-diff-minus", "aria-label": `${removed} lines removed`, role: "img" }, `−${removed.toLocaleString("en")}`) : null,
    others ? h("span", { class: "anvil-muted", title: "parameters and metadata" }, `${others} ${others === 1 ? "field" : "fields"}`) : null);
}

// One prompt. `past(by)` is asked for what lies beyond the first or last change.
function prompt(page, failure, whole, mode, past) {
  const { name } = whole;
  const pieces = whole.pieces;
  let changes = number(pieces);
  let now = null;
  let loaded = null;
  let left = false;
  const lines = differing({
    label: `Lines of ${name}`,
    unfold: (start, count) => failure.run(() => page.call("lines", { name, start, count })),
  });
  const said = h("span", { role: "status", class: "anvil-muted" });
  const say = () => {
    said.textContent = now === null ? `${changes.toLocaleString("en")} ${changes === 1 ? "change" : "changes"}` : `Change ${now + 1} of ${changes.toLocaleString("en")}`;
  };
  const go = async (to) => {
    if (to < 0) await loaded;
    if (changes === 0) return;
    now = to < 0 ? changes - 1 : to;
    lines.show(now);
    say();
  };
  const step = (by) => {
    const to = now === null ? (by > 0 ? 0 : changes - 1) : now + by;
    if (to < 0 || to >= changes) return false;
    go(to);
    return true;
  };
  const redraw = () => {
    lines.draw(pieces, mode.beside);
    for (const [button, beside] of modes) button.setAttribute("aria-pressed", String(beside === mode.beside));
    if (now !== null) lines.show(now);
  };
  const toggle = (text, beside) => [h("button", { type: "button", onclick: () => { Object.assign(mode, { beside, chosen: true }); redraw(); } }, text), beside];
  const modes = [toggle("Side by side", true), toggle("Unified", false)];
  const rest = async (start) => {
    for (let next = start; next !== null;) {
      const from = next;
      const answer = await failure.run(() => page.call("pieces", { name, start: from }));
      if (answer === undefined || left) return;
      changes = number(answer.pieces, changes, pieces.at(-1));
      lines.more(answer.pieces);
      say();
      next = answer.next;
    }
  };
  say();
  redraw();
  loaded = whole.next === null ? Promise.resolve() : rest(whole.next);
  const head = h("div", { class: "anvil-bar" }, h("h3", {}, name), counts({ ...whole, others: 0 }), h("span", { class: "anvil-grow" }));
  const tools = whole.pieces.length === 0 ? [] : [
    h("div", { class: "anvil-bar" },
      h("span", { role: "group", "aria-label": "How lines are shown", class: "anvil-diff-modes" }, modes.map(([button]) => button)),
      h("button", { type: "button", title: "Key: p", onclick: () => past(-1) }, "↑ Previous change"),
      h("button", { type: "button", title: "Key: n", onclick: () => past(1) }, "↓ Next change"),
      said),
    lines.box,
  ];
  return {
    elements: [head, ...fields(whole), ...tools],
    redraw,
    step,
    go,
    leave: () => { left = true; },
  };
}

function fields({ rows: found, reasons }) {
  const made = [];
  if (reasons.length > 0) {
    made.push(h("ul", { class: "anvil-diff-reasons", "aria-label": "What the differences call for" }, reasons.map(({ bump, text }) => h("li", {}, h("span", { class: "anvil-badge" }, bump), " ", text))));
  }
  if (found.length > 0) {
    made.push(h("div", { class: "anvil-diff-fields", tabindex: "0", role: "region", "aria-label": "Parameters and metadata" },
      h("table", {},
        h("thead", {}, h("tr", {}, ["Field", "Old", "New"].map((one) => h("th", { scope: "col" }, one)))),
        h("tbody", {}, found.map(([what, old, other]) => h("tr", {}, h("th", { scope: "row" }, what), h("td", {}, value(old, "−")), h("td", {}, value(other, "+"))))))));
  }
  return made;
}

function value(text, sign) {
  return text === "–" ? h("span", { class: "anvil-muted" }, "–") : [h("b", { "aria-hidden": "true" }, `${sign} `), text];
}
