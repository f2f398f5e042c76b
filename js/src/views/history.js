// Versions on a line, newest first: search, read, compare, label, roll back.
import "../styles/history.css";
import { reading, textIn } from "../parts/code.js";
import { saying } from "../parts/columns.js";
import { ask } from "../parts/dialog.js";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { focused } from "../parts/focus.js";

const PROMPTS = 200;

const when = (iso) => (iso ? `${iso.slice(0, 16).replace("T", " ")} UTC` : "");

export function drawHistory(page) {
  const failure = failing();
  const inside = insides(page);
  let state = page.state;
  let shown = [];
  let sought = ""; // what is listed; another page that shows the same may seek something else
  let latest = 0;
  const fetch = (start, text) => page.call("page", { start, text });

  // A project has the versions of many sets, and each is called with the name of its own.
  const called = ({ set, version }) => (state.kind === "project" ? `${set.slice(set.lastIndexOf("/") + 1)} ${version}` : version);
  const known = async (set) => (state.sets[set] ??= await page.call("known", { of: set }));
  const pointsTo = (set, name) => state.sets[set]?.labels[name];

  const list = h("ol", { class: "anvil-line", "aria-label": "Versions, newest first" });
  const found = h("span", { role: "status", class: "anvil-muted" });
  const told = h("p", { role: "status", class: "anvil-line-told" });
  const more = h("button", { type: "button", onclick: () => failure.run(async () => {
    const first = shown.length;
    const held = focused(more) !== null;
    const own = latest;
    const answer = await fetch(first, sought);
    if (own !== latest) return; // another list stands there by now
    add(answer);
    if (held && more.hidden) list.children[first]?.querySelector(".anvil-line-actions button").focus();
  }) });
  const moved = aside(page, failure, {
    name: "moves", title: "Moves of labels", older: "Show older moves",
    line: (one) => [
      state.kind === "project" ? `${one.set.slice(one.set.lastIndexOf("/") + 1)} ` : "",
      h("span", { class: "anvil-badge" }, one.label), ` ${one.from ?? "–"} → ${one.to ?? "removed"}`,
      h("span", { class: "anvil-muted" }, ` · ${one.moved_by} · ${when(one.moved_at)}`), one.message ? ` · ${one.message}` : ""],
  });
  const drafted = aside(page, failure, {
    name: "drafts", title: "Changes in the draft", older: "Show older changes",
    line: (one) => [
      h("span", { class: "anvil-badge" }, one.action), state.address.endsWith(`/${one.prompt}`) ? "" : ` as ${one.prompt}`,
      h("span", { class: "anvil-muted" }, ` · ${one.by} · ${when(one.at)}`), one.message ? ` · ${one.message}` : ""],
  });
  const add = (answer) => {
    shown = [...shown, ...answer.rows];
    list.append(...answer.rows.map(row));
    const rest = answer.count - shown.length;
    more.hidden = rest <= 0;
    more.textContent = `Show older versions (${rest.toLocaleString("en")})`;
    const none = sought ? `No version has “${sought}” in it` : state.kind === "prompt" ? "In no published version yet" : "No version is published yet";
    found.textContent = answer.count === 0 ? none : `${answer.count.toLocaleString("en")} ${answer.count === 1 ? "version" : "versions"}`;
  };
  const begin = (answer, what) => {
    inside.leave();
    sought = what;
    shown = [];
    list.replaceChildren();
    add(answer);
    drafted.begin(answer.drafts, what ? { text: what } : {});
  };
  // As many versions stay in sight as were.
  const show = async (now) => {
    told.textContent = now.said ?? "";
    state = now;
    moved.begin(now.moves);
    const [own, what] = [(latest += 1), text.value.trim()];
    const answer = what ? await fetch(0, what) : now;
    const { count, rows } = { ...answer, rows: [...answer.rows] };
    while (rows.length < Math.min(shown.length, count)) {
      const older = await fetch(rows.length, what);
      if (older.rows.length === 0) break;
      rows.push(...older.rows);
    }
    if (own === latest) begin({ ...answer, rows }, what);
  };

  // What fails may fail because somebody else was first: then what is true now is shown with it.
  const change = async (name, args, options) => {
    try {
      await show(await page.call(name, args, options));
    } catch (error) {
      if (error.code !== "gone") await page.call("refresh", args.of ? { of: args.of } : {}).then(show).catch(() => {});
      throw error;
    }
  };

  const text = h("input", { type: "search", placeholder: "Search", "aria-label": state.kind === "project" ? "Search sets, messages, numbers, labels and authors" : "Search messages, numbers, labels and authors" });
  text.addEventListener("input", async () => {
    const [own, what] = [(latest += 1), text.value.trim()];
    const answer = await failure.run(() => fetch(0, what));
    if (own === latest && answer !== undefined) begin(answer, what);
  });
  const refresh = h("button", { type: "button", onclick: () => failure.run(() => change("refresh", {})) }, "Refresh");

  const now = (set) => {
    const all = Object.entries(state.sets[set]?.labels ?? {}).map(([name, version]) => `${name} is at ${version}`);
    return all.length === 0 ? "There is no label yet." : `Now ${all.slice(0, 8).join(", ")}. A label that is there moves here.`;
  };
  const labelling = (one) => `Label… ${called(one)}`;
  const label = ({ set, version }) => failure.run(() => known(set).then(() => ask(page.root, {
    title: `Label ${called({ set, version })}`,
    text: () => now(set),
    fields: [{ name: "name", label: "Label", required: true }, { name: "message", label: "Why" }],
    action: "Label",
    act: (said) => change("label", { of: set, version, expect: pointsTo(set, said.name) ?? "none", ...said }),
  })));
  const unlabel = (name, { set, version }) => failure.run(() => known(set).then(() => ask(page.root, {
    title: `Remove the label ${name}${state.kind === "project" ? ` of ${set}` : ""}`,
    text: () => [`It points to ${pointsTo(set, name) ?? "no version any more"}.`,
      `Whoever asks for @${name} finds nothing from then on; its moves stay in the history.`].join(" "),
    fields: [{ name: "message", label: "Why" }],
    action: "Remove label",
    danger: true,
    act: (said) => change("unlabel", { of: set, name, expect: pointsTo(set, name) ?? version, ...said }),
    back: () => named(labelling({ set, version })),
  })));
  const rollBack = ({ set, version }) => failure.run(async () => {
    let foreseen = await page.call("foresee", { of: set, version });
    await ask(page.root, {
      title: state.kind === "project" ? `Roll back ${set} to ${version}` : `Roll back to ${version}`,
      text: () => rollbackText(version, foreseen),
      fields: [
        { name: "message", label: "Why" },
        ...(foreseen.resets ? [{ name: "draft", label: "Reset the draft too (its history keeps what it is now)", type: "checkbox" }] : []),
      ],
      action: "Roll back",
      work: true,
      act: async (said, options) => {
        try {
          await change("roll_back", { of: set, version, plan: said.draft ? foreseen.draft_plan : foreseen.plan, ...said }, options);
        } catch (error) {
          if (error.code !== "gone") foreseen = await page.call("foresee", { of: set, version });
          throw error;
        }
      },
    });
  });
  const compare = async ({ set, version }, place, button) => {
    const among = await failure.run(() => known(set));
    if (among === undefined) return;
    const { labels, numbers, draft } = among;
    const elsewhere = Object.keys(labels).filter((one) => labels[one] !== version && numbers.includes(labels[one]));
    const others = [...numbers.filter((one) => one !== version), ...(draft ? ["draft"] : []), ...elsewhere];
    const before = numbers[numbers.indexOf(version) + 1];
    const said = await ask(page.root, {
      title: `Compare ${called({ set, version })}`,
      text: "The older one stands on the left.",
      fields: [{ name: "other", label: "With", options: others, value: before ?? others[0] }],
      action: "Compare",
    });
    if (!said) return;
    const opened = await failure.run(() => page.call("compare", { of: set, version, other: said.other }));
    if (opened === undefined) return;
    inside.put(place, "Comparison", button, (box) => page.mount(box, opened));
  };
  const view = async ({ set, version, message }, place, button) => {
    if (inside.is(button)) {
      inside.leave();
      return;
    }
    const whole = await failure.run(() => page.call("version", { of: set, number: version }));
    if (whole === undefined) return;
    if (whole.message === message) whole.message = ""; // it stands above, whole
    inside.put(place, `Version ${called({ set, version })}`, button, (box) => {
      const { element, leave } = content(page, failure, whole, set);
      box.append(element);
      return leave;
    });
  };

  const named = (label) => [...list.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === label) ?? text;
  const alone = state.kind === "prompt"; // labels and rollbacks are of its set
  const row = (version) => {
    const place = h("div", { class: "anvil-line-inside" });
    const action = (said, does) => h("button",
      { type: "button", "aria-label": `${said} ${called(version)}`, onclick: (event) => does(version, place, event.currentTarget) }, said);
    const change_ = version.source ? `rollback to ${version.source}` : version.bump;
    return h("li", {},
      h("div", { class: "anvil-line-head" },
        h("strong", {}, called(version)),
        version.change ? h("span", { class: "anvil-muted" }, version.change) : null,
        version.labels.map((one) => badge(one, alone ? null : () => unlabel(one.name, version))),
        h("span", { class: "anvil-grow anvil-line-message" }, version.message || h("span", { class: "anvil-muted" }, "no message")),
        h("span", { class: "anvil-line-actions" },
          version.change === "removed" ? null : [action("View", view), action("Compare…", compare)],
          alone ? null : [action("Label…", label), action("Roll back…", rollBack)])),
      h("div", { class: "anvil-muted anvil-line-facts" }, `${change_} · ${version.by} · ${when(version.at)}`,
        version.labels.filter((one) => one.at).map((one) => h("span", {}, ` · ${one.name} since ${when(one.at)}, by ${one.by}`))),
      place);
  };

  page.root.append(
    h("h2", { class: "anvil-title" }, page.title), failure.box,
    h("div", { class: "anvil-bar" }, text, refresh, found), told, list, h("div", {}, more), drafted.box, moved.box);
  page.onLeave(() => inside.leave());
  begin(state, "");
  moved.begin(state.moves);
}

// What a rollback would do, in words: as its dry run said.
function rollbackText(version, { created, version: made, previous, bump, reasons, more, resets }) {
  const why = reasons.length ? `: ${[...reasons, ...(more ? [`and ${more.toLocaleString("en")} more`] : [])].join("; ")}` : "";
  const what = created
    ? `Publishes the content of ${version} again as ${made} (${bump}), after ${previous}${why}. Labels stay where they are.`
    : `${version} is ${made === version ? "the latest version" : `what ${made} is`} already: no version is made.`;
  return `${what} ${resets ? "The draft is left alone unless you say so." : `The draft is what ${version} was already.`}`;
}

function badge({ name, by, at, message }, remove) {
  const how = at ? `${name}: put here by ${by}, ${when(at)}${message ? `: ${message}` : ""}` : name;
  return h("span", { class: "anvil-badge", title: how }, name,
    remove === null ? null : h("button", { type: "button", class: "anvil-line-remove", "aria-label": `Remove the label ${name}`, title: `Remove the label ${name}`, onclick: remove }));
}

// What is open below a version: one thing at a time, which the button that opened it closes.
function insides() {
  let open = null;
  const leave = () => {
    if (open === null) return;
    const { place, button, end } = open;
    open = null;
    const focused = place.contains(document.activeElement) || place.contains(place.getRootNode().activeElement);
    end();
    place.replaceChildren();
    button.setAttribute("aria-expanded", "false");
    if (focused) button.focus();
  };
  return {
    leave,
    is: (button) => open?.button === button,
    // `fill(box)` draws what is opened and returns what takes it away.
    put(place, label, button, fill) {
      leave();
      const close = h("button", { type: "button", class: "anvil-line-close", onclick: leave }, "Close");
      const box = h("div", { class: "anvil-panel anvil-pad anvil-stack", role: "region", tabindex: "-1", "aria-label": label }, close);
      box.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        leave();
      });
      place.replaceChildren(box);
      open = { place, button, end: fill(box) };
      button.setAttribute("aria-expanded", "true");
      box.focus();
    },
  };
}

// The prompts of one version, each fetched when it is opened.
function content(page, failure, { version, digest, message, reasons, prompts }, set) {
  const editors = [];
  const prompt = (name) => {
    const place = h("div", { class: "anvil-stack" });
    const details = h("details", {}, h("summary", {}, name), place);
    details.addEventListener("toggle", async () => {
      if (!details.open || place.childElementCount > 0) return;
      const found = await failure.run(() => page.call("prompt", { of: set, number: version, name }));
      if (found === undefined || place.childElementCount > 0) return;
      const code = h("div", { class: "anvil-line-code" });
      place.append(code, table("Parameters", found.parameters), table("Metadata", found.metadata));
      editors.push(textIn(code, found.template, reading(`${name} of ${version}`)));
    });
    return details;
  };
  const list = h("div", { class: "anvil-stack anvil-line-prompts" }, prompts.slice(0, PROMPTS).map(prompt));
  const whole = () => {
    all.remove();
    list.append(...prompts.slice(PROMPTS).map(prompt));
    list.children[PROMPTS].querySelector("summary").focus();
  };
  const all = h("button", { type: "button", class: "anvil-line-all", hidden: prompts.length <= PROMPTS, onclick: whole },
    `Show all ${prompts.length.toLocaleString("en")} prompts`);
  const element = h("div", { class: "anvil-stack" },
    h("h3", {}, `Version ${version}: ${prompts.length.toLocaleString("en")} ${prompts.length === 1 ? "prompt" : "prompts"}`),
    message ? h("p", { class: "anvil-line-message" }, message) : null,
    reasons.length ? h("ul", { class: "anvil-line-reasons" }, reasons.map((one) => h("li", {}, one))) : null,
    list, all,
    h("p", { class: "anvil-muted anvil-line-digest" }, digest));
  if (prompts.length === 1) list.firstChild.open = true;
  return { element, leave: () => editors.forEach((one) => one.destroy()) };
}

function table(label, found) {
  if (found.length === 0) return "";
  return h("table", { class: "anvil-line-table", "aria-label": label }, h("caption", {}, label),
    h("tbody", {}, saying(found).map(([name, ...cells]) => h("tr", {}, h("th", { scope: "row" }, name), cells.map((one) => h("td", {}, one))))));
}

// What goes with the versions, fetched when it is opened: moves of labels, changes in the draft.
function aside(page, failure, { name, title, older, line }) {
  const summary = h("summary", {});
  const list = h("ul", { class: "anvil-line-moves", "aria-label": `${title}, newest first` });
  const more = h("button", { type: "button", hidden: true }, older);
  const box = h("details", {}, summary, list, more);
  let count = 0;
  let drawn = 0;
  let asked = {};
  let age = 0;
  const fetch = () => failure.run(async () => {
    const own = age;
    const { rows } = await page.call(name, { start: drawn, ...asked });
    if (own !== age) return; // another list stands there by now
    list.append(...rows.map((one) => h("li", {}, line(one))));
    drawn += rows.length;
    more.hidden = drawn >= count;
  });
  box.addEventListener("toggle", () => { if (box.open && drawn === 0) fetch(); });
  more.addEventListener("click", fetch);
  return {
    box,
    begin(all, args = {}) {
      age += 1;
      asked = args;
      count = all;
      drawn = 0;
      box.hidden = count === 0;
      list.replaceChildren();
      summary.textContent = `${title} (${count.toLocaleString("en")})`;
      if (box.open && count > 0) fetch();
    },
  };
}
