// Where each target stands, what a sync would do, and doing what was seen.
import "../styles/sync.css";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { focused, redrawn } from "../parts/focus.js";
import { paged } from "../parts/paged.js";
import { tallied, tally } from "../parts/tally.js";
import { once, turns } from "../parts/turns.js";
import { working } from "../parts/working.js";

const DELETE = "Delete there what was deleted here too";
const SIGNS = { added: "+ add ", modified: "~ change ", removed: "− remove ", conflict: "⚠ ", waiting: "", problem: "⚠ " };
const WORDS = { completed: "✓ Done", partial: "⚠ Done in part", cancelled: "⚠ Cancelled", conflict: "⚠ Conflicts: nothing was done", planned: "Planned", refused: "⚠ This would be refused" };

export function drawSync(page) {
  const failure = failing();
  const work = working("Working");
  const list = h("ul", { class: "anvil-sync-rows", "aria-label": "Targets" });
  const plan = h("section", { class: "anvil-sync-plan", "aria-label": "Plan", tabindex: "-1", hidden: true });
  const { remote, targets } = page.state;

  let leave = () => {};
  let current = null; // what is shown and can be acted on: { report, options, moved }
  page.onLeave(() => leave());
  const status = async () => rows(await work.start((options) => page.call("status", {}, options)));
  const look = () => failure.run(status);
  const lookBeside = () => failure.beside(status);
  page.on("settled", lookBeside);

  // One after the other: what was asked for last is what is shown.
  const { turn } = turns();
  const settle = once((own) => turn(() => failure.run(async () => {
    if (own !== current) return;
    const place = await page.call("settle");
    const room = h("section", { class: "anvil-inner", "aria-label": place.title, tabindex: "-1" });
    current = null;
    redrawn(plan, () => plan.replaceChildren(room), () => room);
    leave = page.mount(room, place);
  })));
  const make = (target, direction, options = {}) => {
    let before = rest();
    return turn(() => failure.run(async () => {
      before = rest() ?? before;
      try {
        show(await work.start((waiting) => page.call("plan", { target, direction, ...options }, waiting)), options);
      } catch (error) {
        if (before !== null && !plan.hidden) show(before.report, before.options, before);
        throw error;
      }
    }));
  };
  const apply = once((own, how) => turn(() => failure.run(async () => {
    if (own !== current) return; // another was asked for meanwhile
    const { report, options } = own;
    const said = { target: report.target, direction: report.direction, plan: report.plan, ...how, ...options };
    rest();
    try {
      show(await work.start((waiting) => page.call("apply", said, waiting)), options);
    } catch (error) {
      show(report, options, { moved: error.code === "plan-moved", force: how.force });
      throw error;
    } finally {
      lookBeside();
    }
  })));

  // What is shown does not hold any more, or is being done: it can be acted on no more, and goes
  // where nobody is at work in it. Returns what it was.
  function rest() {
    const before = current;
    leave();
    leave = () => {};
    current = null;
    if (focused(plan) === null) plan.hidden = true;
    for (const one of plan.querySelectorAll("button")) one.setAttribute("aria-disabled", "true");
    return before;
  }

  function rows(status) {
    const known = new Map((status?.targets ?? []).map((one) => [one.target, one]));
    const draw = () => list.replaceChildren(...targets.map((name) => {
      const one = known.get(name) ?? {};
      const places = (one.places ?? []).join(" ↔ ");
      const facts = [[one.to_push, "to push"], [one.to_pull, "to pull"], [one.conflicts, "conflicts"]].filter(([number]) => Number.isFinite(number)).map((said) => tally(...said));
      if (one.last) facts.push(`last sync ${one.last}`);
      return h("li", { "aria-label": name },
        h("strong", {}, name),
        h("span", {}, facts.join(" · ")),
        h("button", { type: "button", "aria-label": `Plan push of ${name}`, onclick: () => make(name, "push") }, "Plan push"),
        h("button", { type: "button", "aria-label": `Plan pull of ${name}`, onclick: () => make(name, "pull") }, "Plan pull"),
        places ? h("span", { class: "anvil-muted anvil-sync-places", title: `${one.here} ↔ ${one.there}` }, places) : null);
    }));
    redrawn(list, draw, () => null);
  }
  // Shows a report; a plan that `moved` is to be looked at only, and made anew.
  function show(report, options, { moved = false, force: forced = false } = {}) {
    const { guards, refusal, notes } = report;
    const { written, unwritten, conflicts, waiting, problems } = report.lists;
    const own = { report, options, moved, force: forced };
    current = own;
    const anew = (text) => h("button", { type: "button", class: "anvil-primary", onclick: () => own === current && make(report.target, report.direction, options) }, text);
    const deletes = h("input", { type: "checkbox", "aria-label": DELETE, checked: Boolean(options.delete), onchange: () => make(report.target, report.direction, { delete: deletes.checked }) });
    const force = h("input", { type: "checkbox", checked: forced });
    const some = (title, lines) => lines.length ? [h("h4", {}, title), h("ul", { tabindex: "0", "aria-label": title }, lines.map((line) => h("li", {}, line)))] : [];
    const line = ([what, name, note]) => `${SIGNS[what]}${name}${note ? `: ${note}` : ""}`;
    const whole = (title, name) => {
      const first = report.lists[name];
      const more = (start) => failure.beside(() => page.call("more", { number: report.number, name, start }));
      return first.count ? [h("h4", {}, title, first.count > first.rows.length ? ` (${first.count.toLocaleString("en")})` : ""), paged(title, first, more, line)] : [];
    };
    const can = report.dry_run && report.all && !conflicts.count && (!refusal || guards.length);
    const heading = h("h3", { tabindex: "-1" }, `${report.direction === "push" ? "Push" : "Pull"} of ${report.target}`);
    plan.hidden = false;
    redrawn(plan, () => plan.replaceChildren(
      heading,
      h("p", { role: "status" }, `${WORDS[report.state] ?? report.state}: ${tallied(report.counts) || "nothing to do"}`),
      ...whole(report.dry_run ? "Would be written" : "Was written", "written"),
      ...whole("Was not written", "unwritten"),
      ...(report.state === "cancelled" ? [h("div", { class: "anvil-bar" }, anew("Plan the rest"))] : []),
      ...whole("Conflicts, to be settled first", "conflicts"),
      ...(conflicts.count && !moved ? [h("div", { class: "anvil-bar" }, report.dry_run
        ? [h("button", { type: "button", disabled: Boolean(refusal && !guards.length), onclick: () => apply(own, { force: force.checked, keep: true }) }, "Do the rest, and keep these to settle"),
          h("span", { class: "anvil-muted" }, "Nothing of them is overwritten.")]
        : h("button", { type: "button", class: "anvil-primary", onclick: () => settle(own) }, "Settle them…"))] : []),
      ...whole("Left as it is", "waiting"),
      ...whole("Cannot be read", "problems"),
      ...(refusal ? [h("p", { class: "anvil-notice" }, `${refusal.why} ${refusal.hint}`)] : []),
      ...some("Notes", notes),
      ...(report.dry_run ? [
        h("label", { class: "anvil-check" }, h("span", {}, DELETE), deletes),
        guards.length ? h("label", { class: "anvil-check" }, h("span", {}, `Go on although it looks like an accident (${guards.join(", ")})`), force) : "",
        h("div", { class: "anvil-bar" },
          moved ? [anew("Plan it anew"), h("span", {}, "⚠ This plan does not hold any more.")]
            : h("button", { type: "button", class: "anvil-primary", disabled: !can, onclick: () => apply(own, { force: force.checked }) }, "Apply this plan"),
          h("code", {}, report.plan.slice(0, 19)))] : [])), () => heading);
  }

  page.root.append(h("div", { class: "anvil-bar" }, h("h2", { class: "anvil-title anvil-grow" }, page.title), h("button", { type: "button", onclick: look }, "Look again")),
    h("p", { class: "anvil-muted" }, remote ? `Server: ${remote}` : "No server is configured: only the disk and the store are compared."),
    failure.box, list, work.box, plan);
  rows(page.state.status);
  look();
}
