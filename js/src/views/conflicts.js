// The resolver: every conflict seen and decided, the whole plan seen, and then carried out.
import { h, newId } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { held, redrawn } from "../parts/focus.js";
import { remembered, remembering } from "../parts/remembering.js";
import { addressOf, counted, Resolving } from "../parts/resolving.js";
import { rows as rowsOf } from "../parts/rows.js";
import { once } from "../parts/turns.js";
import { wholeList } from "../parts/whole.js";
import { working } from "../parts/working.js";
import { drawConflict } from "./conflict.js";
import { outcomeTable, skippedNotice, untakenNotice } from "./outcome.js";
import { drawTogether } from "./together.js";
import "../styles/conflicts.css";

export function drawConflicts(page) {
  const all = new Resolving(page.state, ...remembered(page.state));
  const memory = remembering(all, () => page.call("saved"));
  page.onLeave(memory.end);
  const failure = failing();
  const work = working("Working…");
  const said = h("p", { class: "anvil-muted", role: "status" });

  // Every call that takes long: one at a time, with its progress and its errors shown here.
  let busy = 0;
  const run = async (name, args = {}) => {
    busy += 1;
    try {
      return await failure.run(() => work.start(({ progress, signal }) => page.call(name, args, { progress, signal })));
    } finally {
      busy -= 1;
      setTimeout(follow); // once its answer was taken
    }
  };
  // What has the focus when something is begun may be gone by its end.
  const hold = (action) => held(page.root, action, () => {
    if (!planned.hidden) return planned;
    if (deciding.hidden) return result;
    return box.box.hidden ? preview : box.box;
  });

  // Another page decides on the same conflicts: what it did is shown here.
  let heard = 0;
  page.on("changed", (number) => {
    heard = Math.max(heard, number);
    follow();
  });
  async function follow() {
    if (busy || !all.isBehind(heard)) return;
    const answer = await failure.beside(() => page.call("now"));
    if (busy || !answer || !all.isBehind(answer.state.number)) return;
    await hold(() => take(answer));
    said.textContent = "What was decided in another window is shown here.";
  }

  const counter = h("p", { class: "anvil-counter", role: "status" });
  const filter = h("select", { "aria-label": "Kind", onchange: () => refilter() });
  const open = h("input", { type: "checkbox", onchange: () => refilter() });
  const previous = h("button", { type: "button", onclick: () => go(-1) }, "↑ Previous");
  const next = h("button", { type: "button", onclick: () => go(1) }, "Next ↓");
  const box = rowsOf({
    height: 46,
    most: 374,
    row,
    properties: { id: newId("conflicts"), role: "listbox", "aria-label": "Conflicts", class: "anvil-rows anvil-conflict-list", onkeydown: byKey },
  });
  const none = h("p", { class: "anvil-muted", hidden: true }, "Nothing is left of these.");
  const detail = h("div", { class: "anvil-conflict", role: "region", "aria-label": "Conflict" });
  const resume = h("div", { class: "anvil-notice", hidden: true });
  const bulk = h("details", { class: "anvil-bulk", ontoggle: () => bulk.open && drawBulk() },
    h("summary", {}, "Decide all that is left at once"), h("div", { class: "anvil-bulk-room" }));
  const file = h("input", { type: "file", accept: ".json,application/json", hidden: true, "aria-label": "File of decisions", onchange: load });
  const preview = h("button", { type: "button", class: "anvil-primary", onclick: once(() => plan(false)) }, "Preview the plan");
  const skip = h("button", { type: "button", onclick: once(() => plan(true)) }, "Skip what is left…");
  const planned = h("div", { class: "anvil-plan", role: "region", "aria-label": "Plan", tabindex: "-1", hidden: true });
  const result = h("div", { class: "anvil-plan", role: "region", "aria-label": "Result", tabindex: "-1", hidden: true });
  const deciding = h("div", { class: "anvil-deciding" },
    h("div", { class: "anvil-bar" },
      filter, h("label", { class: "anvil-check" }, h("span", {}, "Only what is left"), open),
      h("span", { class: "anvil-bar anvil-grow anvil-end" }, previous, next)),
    bulk,
    h("div", { class: "anvil-resolver" }, h("div", { class: "anvil-listed" }, box.box, none), detail),
    h("div", { class: "anvil-bar" },
      preview, skip, h("span", { class: "anvil-grow" }),
      h("button", { type: "button", onclick: save }, "Save decisions…"),
      h("button", { type: "button", onclick: () => file.click() }, "Load decisions…"), file));
  page.root.append(
    h("div", { class: "anvil-bar" }, h("h2", { class: "anvil-title anvil-grow" }, page.title), counter,
      h("button", { type: "button", onclick: once(() => hold(async () => take(await run("refresh")))) }, "Refresh")),
    failure.box, resume, result, deciding, work.box, said, planned);

  let item = null; // the conflict that is drawn
  page.onLeave(() => item?.leave());

  // What the list shows

  function begin() {
    offer();
    refill();
    if (all.planned) plan(false);
  }

  // Takes what a call answered: all anew, or what changed.
  function take(answer) {
    if (!answer) return;
    if (all.take(answer)) {
      memory.moved();
      refill();
      if (all.planned) plan(false);
    } else {
      list();
      tell();
    }
    planned.hidden = true;
    memory.keep();
  }

  async function refill() {
    const { state } = all;
    filter.replaceChildren(
      h("option", { value: "-1" }, `All kinds (${state.total.toLocaleString("en")})`),
      ...counted(all.rows, state.kinds).map((one, number) =>
        h("option", { value: String(number) }, `${one.kind} (${one.all.toLocaleString("en")})`)));
    filter.value = String(all.filter.kind);
    tell();
    list();
    showResult();
    const { first } = all;
    if (first === null) {
      item?.leave();
      item = null;
      detail.replaceChildren();
    } else show(first);
    while (!all.complete) {
      const { rows } = all;
      const more = await failure.beside(() => page.call("rows", { start: rows.length }));
      if (!all.more(rows, more)) return;
      list();
    }
  }

  function tell() {
    counter.textContent = all.counter;
    counter.classList.toggle("anvil-settled", !all.state.left);
    preview.disabled = !all.canPlan;
    preview.title = all.canPlan ? "" : "Decide what is left first, or skip it";
    skip.hidden = !all.canSkip;
    skip.title = `What is skipped ${all.state.skipping}`;
    bulk.hidden = !all.state.left;
    if (bulk.open) drawBulk();
  }

  function refilter() {
    all.list({ kind: Number(filter.value), open: open.checked });
    list();
    if (bulk.open) drawBulk();
  }

  function list() {
    box.draw(all.shown.length);
    box.box.hidden = !all.shown.length;
    none.hidden = !box.box.hidden;
    mark();
  }

  function row(place) {
    const number = all.shown[place];
    const found = all.rows[number];
    const [, kind, choice] = found;
    const selected = String(number === all.at);
    return h("div", { role: "option", id: idOf(number), "aria-selected": selected, class: "anvil-conflict-row", onclick: () => show(number) },
      h("span", { class: choice ? "anvil-sign" : "anvil-sign anvil-open-sign", "aria-hidden": "true" }, choice ? "✓" : "●"),
      h("span", { class: "anvil-conflict-name", title: addressOf(found) }, addressOf(found)),
      h("span", { class: "anvil-muted anvil-conflict-kind" }, all.state.kinds[kind]),
      h("span", { class: choice ? "anvil-badge" : "anvil-muted" }, choice || "to decide"));
  }

  function idOf(number) {
    return `${box.box.id}-${number}`;
  }

  function mark() {
    next.disabled = previous.disabled = all.next(1) === null;
    if (all.shown.includes(all.at)) box.box.setAttribute("aria-activedescendant", idOf(all.at));
    else box.box.removeAttribute("aria-activedescendant");
  }

  function byKey(event) {
    const to = all.moved(event.key);
    if (to === null) return;
    event.preventDefault();
    show(to);
  }

  function go(by) {
    const to = all.next(by);
    if (to !== null) show(to);
  }

  async function show(number) {
    all.at = number;
    const place = all.shown.indexOf(number);
    if (place >= 0) box.show(place);
    mark();
    const { key } = all;
    const conflict = await failure.beside(() => page.call("show", { key }));
    if (!conflict || all.key !== key) return;
    all.drafts.learn(key, conflict.decided.merged);
    // What looks the same stays, with the place at which somebody writes.
    if (item?.key === key && item.shows(conflict, all.drafts.has(key))) item.decided(conflict.decided.choice, all.written);
    else redrawn(detail, () => draw(key, conflict), () => detail.querySelector("button"));
  }

  function draw(key, conflict) {
    item?.leave();
    item = drawConflict(detail, {
      conflict,
      draft: all.drafts.get(key),
      check: (texts) => page.call("check", { key, texts }),
      decide: (choice, texts) => hold(() => decide(key, choice, texts)),
      undecide: once(() => hold(() => undecide(key))),
      onDraft: (texts) => {
        const was = all.written;
        all.drafts.write(key, texts);
        if (all.written) planned.hidden = true; // it is in no plan yet
        if (was !== all.written) item.decided("merged", all.written);
        memory.keep();
      },
    });
  }

  async function decide(key, choice, texts) {
    const sent = texts && { ...texts }; // one may write on while it is tried
    const answer = await run("decide", sent ? { key, choice, texts: sent } : { key, choice });
    if (!answer) return;
    if (sent) all.drafts.take(key, sent);
    else all.drafts.give(key);
    take(answer);
    if (answer.state) return;
    if (item?.key === key) item.decided(choice, all.written);
    box.repaint();
  }

  async function undecide(key) {
    const answer = await run("undecide", { key });
    if (!answer) return;
    all.drafts.give(key);
    take(answer);
  }

  // All that is left of a kind

  let drawn = 0;
  async function drawBulk() {
    drawn += 1;
    const own = drawn;
    const kind = all.state.kinds[all.filter.kind] ?? "";
    const found = await failure.run(() => page.call("choices", { kind }));
    if (!found || own !== drawn) return;
    drawTogether(bulk.lastChild, {
      kind,
      ...found,
      outcomes: (choice, start) => failure.run(() => page.call("outcomes", { choice, kind, start })),
      decide: (choice) => hold(() => decideAll(choice, kind)),
    });
  }

  async function decideAll(choice, kind) {
    take(await run("decide_all", { choice, kind }));
    bulk.open = false;
    if (all.key !== undefined) show(all.at);
  }

  // Decisions that are kept

  function offer() {
    const count = all.offered;
    if (!count) return;
    const done = (action) => once(() => hold(async () => {
      if (!await action()) return;
      resume.hidden = true;
      all.settleEarlier();
      memory.keep();
    }));
    resume.hidden = false;
    resume.replaceChildren(
      h("p", {}, `${count} ${count === 1 ? "decision was" : "decisions were"} made on this plan before, in this browser.`),
      h("div", { class: "anvil-bar" },
        h("button", { type: "button", class: "anvil-primary", onclick: done(() => resumed(all.earlier)) }, "Go on with them"),
        h("button", { type: "button", onclick: done(() => true) }, "Forget them")));
  }

  async function resumed(decisions) {
    const answer = await run("resume", { saved: decisions });
    if (!answer) return false;
    take(answer);
    const { taken, unknown } = answer;
    const left = unknown.length ? `; ${unknown.length} are of other conflicts: ${unknown.slice(0, 3).join(", ")}` : "";
    said.textContent = `${taken} ${taken === 1 ? "decision" : "decisions"} taken${left}. Look at them before you go on.`;
    return true;
  }

  async function save() {
    const saved = await failure.run(() => page.call("saved"));
    if (!saved) return;
    const url = URL.createObjectURL(new Blob([JSON.stringify(saved, null, 2)], { type: "application/json" }));
    h("a", { href: url, download: all.state.file }).click();
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

  const plan = (skipping) => hold(async () => {
    const made = await run("plan", { skip: skipping });
    if (!made) return;
    if (made.state) {
      take(made);
      said.textContent = "Somebody has changed the store meanwhile: these are the conflicts by now.";
      if (all.planned || (!skipping && !all.canPlan)) return; // it is planned already, or not to be
    }
    const bar = h("div", { class: "anvil-bar" });
    // There is nothing to go back to where nothing is to be decided.
    const back = all.deciding ? h("button", { type: "button", onclick: () => hold(() => { planned.hidden = true; }) }, "Back") : null;
    const again = () => h("button", { type: "button", class: "anvil-primary", onclick: once(() => plan(skipping)) }, "Preview the plan again");
    const go = once(() => hold(async () => {
      if (await apply(made.plan, skipping)) return;
      // What did not hold does not stand there as if it did.
      redrawn(bar, () => bar.replaceChildren(again(), ...(back ? [back] : [])), () => bar.firstChild);
    }));
    bar.append(...[h("button", { type: "button", class: "anvil-primary", disabled: !made.plan, onclick: go }, all.state.verb), back, made.plan ? h("span", { class: "anvil-muted" }, `plan ${made.plan}`) : null].filter(Boolean));
    planned.hidden = false;
    planned.replaceChildren(h("h3", {}, made.title), untakenNotice(all.untaken), skippedNotice(made.stays), outcomeTable(made), bar);
    planned.focus({ preventScroll: true });
  });

  async function apply(id, skipping) {
    const answer = await run("apply", { plan: id, skip: skipping });
    if (!answer) return false;
    all.applied(answer);
    take(answer);
    result.focus({ preventScroll: true });
    return true;
  }

  const undo = once(() => hold(async () => {
    const answer = await run("undo");
    if (!answer) return;
    take(answer);
    said.textContent = answer.said;
  }));

  function showResult() {
    const { done, undone } = all.state;
    result.hidden = !done;
    deciding.hidden = !all.deciding;
    if (!done) return;
    const again = () => h("button", { type: "button", onclick: once(() => plan(false)), disabled: !all.canPlan }, "Preview the plan again");
    result.replaceChildren(
      h("h3", {}, h("span", { "aria-hidden": "true" }, undone ? "↩ " : done.left.length ? "⚠ " : "✓ "), undone ? `Taken back. ${done.title}` : done.title),
      done.left.length
        ? h("p", {}, `${done.left.length} ${done.left.length === 1 ? "was" : "were"} not begun, and decided as before: preview the plan again to go on.`)
        : "",
      done.stays.length ? wholeList("Skipped", done.stays) : "",
      outcomeTable(done),
      done.undo && !undone
        ? h("div", { class: "anvil-bar" },
          h("button", { type: "button", onclick: undo }, "Undo the import"), h("span", { class: "anvil-muted" }, "as long as nothing was built on it"))
        : "",
      undone ? h("div", { class: "anvil-bar" }, again()) : "");
  }

  begin();
}
