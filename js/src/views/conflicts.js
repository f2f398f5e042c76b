// The resolver: every conflict seen and decided, the whole plan seen, and then carried out.
import { h, newId } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { keeping } from "../parts/keeping.js";
import { rows as rowsOf } from "../parts/rows.js";
import { addressOf, counted, listed, step, titled } from "../parts/undecided.js";
import { working } from "../parts/working.js";
import { drawConflict } from "./conflict.js";
import { outcomeTable } from "./outcome.js";
import "../styles/conflicts.css";

export function drawConflicts(page) {
  let { state } = page;
  let { rows } = state;
  let shown = [];
  let at = -1; // the place in `rows` of the one that is open
  let kept = keeping(`anvil.decisions.${state.id}`);
  const drafts = new Map(); // results that were written and not taken yet, by key
  const failure = failing();
  const work = working("Working…");
  const said = h("p", { class: "anvil-muted", role: "status" });

  // Every call that takes long: one at a time, with its progress and its errors shown here.
  const run = (name, args = {}) => failure.run(() => work.start(({ progress, signal }) => page.call(name, args, { progress, signal })));

  const counter = h("p", { class: "anvil-counter", role: "status" });
  const filter = h("select", { "aria-label": "Kind", onchange: () => list() });
  const open = h("input", { type: "checkbox", onchange: () => list() });
  const previous = h("button", { type: "button", onclick: () => go(-1) }, "↑ Previous");
  const next = h("button", { type: "button", onclick: () => go(1) }, "Next ↓");
  const box = rowsOf({
    height: 34,
    most: 374,
    row,
    properties: { id: newId("conflicts"), role: "listbox", "aria-label": "Conflicts", class: "anvil-rows anvil-conflict-list", onkeydown: byKey },
  });
  const detail = h("div", { class: "anvil-conflict", role: "region", "aria-label": "Conflict" });
  const resume = h("div", { class: "anvil-notice", hidden: true });
  const bulk = h("details", { class: "anvil-bulk", ontoggle: () => bulk.open && drawBulk() },
    h("summary", {}, "Decide all that is left at once"), h("div", { class: "anvil-bulk-room" }));
  const file = h("input", { type: "file", accept: ".json,application/json", hidden: true, "aria-label": "File of decisions", onchange: load });
  const preview = h("button", { type: "button", class: "anvil-primary", onclick: () => plan(false) }, "Preview the plan");
  const skip = h("button", { type: "button", onclick: () => plan(true) }, "Skip what is left…");
  const planned = h("div", { class: "anvil-plan", role: "region", "aria-label": "Plan", tabindex: "-1", hidden: true });
  const result = h("div", { class: "anvil-plan", role: "region", "aria-label": "Result", tabindex: "-1", hidden: true });
  const deciding = h("div", { class: "anvil-deciding" },
    h("div", { class: "anvil-bar" },
      filter, h("label", { class: "anvil-check" }, h("span", {}, "Only what is left"), open),
      h("span", { class: "anvil-bar anvil-grow anvil-end" }, previous, next)),
    bulk,
    h("div", { class: "anvil-resolver" }, box.box, detail),
    h("div", { class: "anvil-bar" },
      preview, skip, h("span", { class: "anvil-grow" }),
      h("button", { type: "button", onclick: save }, "Save decisions…"),
      h("button", { type: "button", onclick: () => file.click() }, "Load decisions…"), file));
  page.root.append(
    h("div", { class: "anvil-bar" }, h("h2", { class: "anvil-title anvil-grow" }, page.title), counter,
      h("button", { type: "button", onclick: async () => take(await run("refresh")) }, "Refresh")),
    failure.box, resume, result, deciding, work.box, said, planned);

  let item = null; // the conflict that is drawn
  page.onLeave(() => item?.leave());

  // What the list shows

  function begin() {
    const found = kept.get();
    offer(found?.decisions ?? {});
    for (const [key, texts] of Object.entries(found?.drafts ?? {})) drafts.set(key, texts);
    refill();
    planWhole();
  }

  // An import has a plan without conflicts, too; a sync that left none has nothing to plan.
  function planWhole() {
    if (!rows.length && !state.done && state.verb === "Import") plan(false);
  }

  // Puts another state in the place of this one.
  function take(answer) {
    if (!answer) return;
    if (answer.state) {
      const was = rows[at]?.[0];
      ({ state } = answer);
      ({ rows } = state);
      kept = keeping(`anvil.decisions.${state.id}`);
      at = rows.findIndex(([key]) => key === was);
      refill();
      planWhole();
    } else {
      state.left = answer.left;
      for (const one of rows) if (one[0] in answer.changed) one[2] = answer.changed[one[0]];
      list();
      tell();
    }
    if (!answer.stays) planned.hidden = true;
    keep();
  }

  async function refill() {
    const kind = Number(filter.value || -1);
    const kinds = counted(rows, state.kinds);
    filter.replaceChildren(
      h("option", { value: "-1" }, `All kinds (${state.total})`),
      ...kinds.map((one, number) => h("option", { value: String(number) }, `${one.kind} (${one.all})`)));
    filter.value = kind < kinds.length ? String(kind) : "-1";
    tell();
    list();
    showResult();
    if (at < 0 && rows.length) show(step(rows, listed(rows), -1, 1) ?? 0);
    else if (at >= 0) show(at);
    else detail.replaceChildren();
    while (rows.length < state.total) {
      const now = rows;
      const more = await failure.run(() => page.call("rows", { start: rows.length }));
      if (now !== rows || !more?.length) return;
      rows.push(...more);
      list();
    }
  }

  function tell() {
    counter.textContent = state.total ? `${state.left} of ${state.total} left` : "No conflicts";
    counter.classList.toggle("anvil-settled", !state.left);
    preview.disabled = state.left > 0;
    preview.title = state.left ? "Decide what is left first, or skip it" : "";
    skip.hidden = !state.left || (state.verb === "Settle" && state.left === state.total);
    bulk.hidden = !state.left;
    if (bulk.open) drawBulk();
  }

  function list() {
    shown = listed(rows, { kind: Number(filter.value), open: open.checked });
    box.draw(shown.length);
    next.disabled = previous.disabled = step(rows, shown, at, 1) === null;
    mark();
  }

  function row(place) {
    const number = shown[place];
    const [key, kind, choice] = rows[number];
    return h("div", { role: "option", id: idOf(number), "aria-selected": String(number === at), class: "anvil-conflict-row", onclick: () => show(number) },
      h("span", { class: choice ? "anvil-sign" : "anvil-sign anvil-open-sign", "aria-hidden": "true" }, choice ? "✓" : "●"),
      h("span", { class: "anvil-conflict-name", title: addressOf(key) }, addressOf(key)),
      h("span", { class: "anvil-muted anvil-conflict-kind" }, state.kinds[kind]),
      h("span", { class: choice ? "anvil-badge" : "anvil-muted" }, choice || "to decide"));
  }

  function idOf(number) {
    return `${box.box.id}-${number}`;
  }

  function mark() {
    const place = shown.indexOf(at);
    if (place < 0) box.box.removeAttribute("aria-activedescendant");
    else box.box.setAttribute("aria-activedescendant", idOf(at));
  }

  function byKey(event) {
    const place = shown.indexOf(at);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: shown.length - 1, PageDown: place + 10, PageUp: place - 10 }[event.key];
    if (to === undefined || !shown.length) return;
    event.preventDefault();
    show(shown[Math.max(0, Math.min(shown.length - 1, to))]);
  }

  function go(by) {
    const to = step(rows, shown, at, by);
    if (to !== null) show(to);
  }

  async function show(number) {
    at = number;
    const place = shown.indexOf(at);
    if (place >= 0) box.show(place);
    mark();
    next.disabled = previous.disabled = step(rows, shown, at, 1) === null;
    const [key] = rows[at];
    const conflict = await failure.run(() => page.call("show", { key }));
    if (!conflict || rows[at]?.[0] !== key) return;
    item?.leave();
    item = drawConflict(detail, {
      conflict,
      draft: drafts.get(key),
      check: (texts) => page.call("check", { key, texts }),
      decide: (choice, texts) => decide(key, choice, texts),
      undecide: async () => take(await run("undecide", { key })),
      onDraft: (texts) => {
        drafts.set(key, texts);
        keep();
      },
    });
  }

  async function decide(key, choice, texts) {
    const answer = await run("decide", texts ? { key, choice, texts } : { key, choice });
    if (!answer) return;
    if (choice === "merged") drafts.delete(key);
    take(answer);
    if (!answer.state) {
      item?.decided(choice);
      box.repaint();
    }
  }

  // All that is left of a kind

  async function drawBulk() {
    const number = Number(filter.value);
    const kind = number < 0 ? "" : state.kinds[number];
    const choices = (await failure.run(() => page.call("choices", { kind }))) ?? [];
    bulk.lastChild.replaceChildren(
      h("p", { class: "anvil-muted" }, kind ? `Of the kind “${kind}”. What comes of it:` : "Of all kinds; the list above chooses one. What comes of it:"),
      h("ul", { class: "anvil-choices" }, choices.map((one) =>
        h("li", {},
          h("button", { type: "button", onclick: () => decideAll(one.choice, kind) }, `${titled(one.choice)}: all ${one.count}`),
          h("span", {}, one.outcomes.slice(0, 2).join(" · ") + (one.outcomes.length > 2 ? " · …" : ""))))));
  }

  async function decideAll(choice, kind) {
    take(await run("decide_all", { choice, kind }));
    bulk.open = false;
    if (at >= 0 && rows[at]) show(at);
  }

  // Decisions that are kept

  let keeper = null;
  let decided = {}; // as Python had them last
  let offered = {}; // made before, and neither taken nor forgotten yet

  // Keeps what is known here: it needs no kernel.
  function keepNow() {
    clearTimeout(keeper);
    keeper = null;
    const all = { decisions: { ...offered, ...decided }, drafts: Object.fromEntries(drafts) };
    if (Object.keys(all.decisions).length || drafts.size) kept.set(all);
    else kept.forget();
  }
  function keep() {
    clearTimeout(keeper);
    keeper = setTimeout(async () => {
      keepNow();
      try {
        decided = finished() ? {} : await page.call("saved");
        keepNow();
      } catch {
        // the kernel is gone: what was kept before stays
      }
    }, 400);
  }
  const leaving = () => {
    if (keeper !== null) keepNow();
  };
  const finished = () => Boolean(state.done) && !state.undone && !state.left;
  window.addEventListener("pagehide", leaving);
  page.onLeave(() => {
    leaving();
    window.removeEventListener("pagehide", leaving);
  });

  function offer(decisions) {
    const count = Object.keys(decisions).length;
    if (!count || state.left < state.total) return;
    offered = decisions;
    const done = (action) => async () => {
      if (!await action()) return;
      resume.hidden = true;
      offered = {};
      keep();
    };
    resume.hidden = false;
    resume.replaceChildren(
      h("p", {}, `${count} ${count === 1 ? "decision was" : "decisions were"} made on this plan before, in this browser.`),
      h("div", { class: "anvil-bar" },
        h("button", { type: "button", class: "anvil-primary", onclick: done(() => resumed(decisions)) }, "Go on with them"),
        h("button", { type: "button", onclick: done(() => true) }, "Forget them")));
  }

  async function resumed(decisions) {
    const answer = await run("resume", { saved: decisions });
    if (!answer) return false;
    take(answer);
    const left = answer.unknown.length ? `; ${answer.unknown.length} are of other conflicts: ${answer.unknown.slice(0, 3).join(", ")}` : "";
    said.textContent = `${answer.taken} ${answer.taken === 1 ? "decision" : "decisions"} taken${left}. Look at them before you go on.`;
    return true;
  }

  async function save() {
    const saved = await failure.run(() => page.call("saved"));
    if (!saved) return;
    const url = URL.createObjectURL(new Blob([JSON.stringify(saved, null, 2)], { type: "application/json" }));
    h("a", { href: url, download: state.file }).click();
    URL.revokeObjectURL(url);
  }

  async function load() {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    const decisions = await failure.run(async () => {
      try {
        return JSON.parse(await chosen.text());
      } catch {
        throw Object.assign(new Error(`${chosen.name} is no JSON`), { code: "invalid-source", hint: "Take a file that was saved here." });
      }
    });
    if (decisions !== undefined) await resumed(decisions);
  }

  // The plan, and what comes of it

  async function plan(skipping) {
    const made = await run("plan", { skip: skipping });
    if (!made) return;
    const stays = made.stays.length
      ? h("div", { class: "anvil-notice" },
        h("p", {}, h("strong", {}, `Skipped: ${made.stays.length} ${made.stays.length === 1 ? "stays" : "stay"} as ${made.stays.length === 1 ? "it is" : "they are"}`)),
        h("ul", {}, made.stays.slice(0, 20).map((one) => h("li", {}, one)), made.stays.length > 20 ? h("li", {}, `… and ${made.stays.length - 20} more`) : null))
      : null;
    planned.hidden = false;
    planned.replaceChildren(
      h("h3", {}, made.title), stays ?? "", outcomeTable(made),
      h("div", { class: "anvil-bar" },
        h("button", { type: "button", class: "anvil-primary", disabled: !made.plan, onclick: () => apply(made.plan, skipping) }, state.verb),
        h("button", { type: "button", onclick: () => { planned.hidden = true; } }, "Back"),
        made.plan ? h("span", { class: "anvil-muted" }, `plan ${made.plan}`) : null));
    planned.focus({ preventScroll: true });
  }

  async function apply(id, skipping) {
    const answer = await run("apply", { plan: id, skip: skipping });
    if (!answer) return;
    // What is written on those that were skipped stays; that of a side that moved comes back.
    for (const key of answer.settled) drafts.delete(key);
    for (const [key, texts] of Object.entries(answer.drafts)) drafts.set(key, texts);
    take(answer);
    result.focus({ preventScroll: true });
  }

  async function undo() {
    const answer = await run("undo");
    if (!answer) return;
    take(answer);
    said.textContent = answer.said;
  }

  function showResult() {
    const { done, undone } = state;
    result.hidden = !done;
    // What was imported is done; a sync may have left something in conflict.
    deciding.hidden = (Boolean(done) && !undone && state.verb === "Import") || !rows.length;
    if (!done) return;
    result.replaceChildren(
      h("h3", {}, h("span", { "aria-hidden": "true" }, undone ? "↩ " : done.left.length ? "⚠ " : "✓ "), undone ? `Taken back. ${done.title}` : done.title),
      done.left.length ? h("p", {}, `${done.left.length} ${done.left.length === 1 ? "was" : "were"} not begun, and decided as before: preview the plan again to go on.`) : "",
      done.stays.length ? h("ul", { class: "anvil-muted" }, done.stays.slice(0, 20).map((one) => h("li", {}, one))) : "",
      outcomeTable(done),
      done.undo && !undone
        ? h("div", { class: "anvil-bar" }, h("button", { type: "button", onclick: undo }, "Undo the import"), h("span", { class: "anvil-muted" }, "as long as nothing was built on it"))
        : "",
      undone ? h("div", { class: "anvil-bar" }, h("button", { type: "button", onclick: () => plan(false), disabled: state.left > 0 }, "Preview the plan again")) : "");
  }

  begin();
}
