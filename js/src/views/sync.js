// Where each target stands, what a sync would do, and doing what was seen.
import "../styles/sync.css";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { held, redrawn } from "../parts/focus.js";
import { paged } from "../parts/paged.js";
import { once } from "../parts/turns.js";
import { working } from "../parts/working.js";

const SIGNS = { added: "+ add ", modified: "~ change ", removed: "− remove ", conflict: "⚠ ", waiting: "", problem: "⚠ " };
const WORDS = { completed: "✓ Done", partial: "⚠ Done in part", cancelled: "⚠ Cancelled", conflict: "⚠ Conflicts: nothing was done", planned: "Planned", refused: "⚠ This would be refused" };

const COUNTS = { cancelled: () => "not begun", conflicts: (number) => (number === 1 ? "conflict" : "conflicts"), problems: (number) => (number === 1 ? "problem" : "problems") };

export function drawSync(page) {
  const failure = failing();
  const work = working("Working");
  const list = h("ul", { class: "anvil-sync-rows", "aria-label": "Targets" });
  const plan = h("section", { class: "anvil-sync-plan", "aria-label": "Plan", tabindex: "-1", hidden: true });
  const { remote, targets } = page.state;

  let leave = () => {};
  page.onLeave(() => leave());
  // What has the focus when something is begun may be drawn anew by its end.
  const hold = (action) => held(page.root, () => failure.run(action), () => (plan.hidden ? page.root.querySelector("button") : plan));
  const settle = once(() => hold(async () => {
    const place = await page.call("settle");
    const room = h("section", { class: "anvil-inner", "aria-label": place.title });
    plan.hidden = false;
    plan.replaceChildren(room);
    leave = page.mount(room, place);
  }));
  const look = once(() => hold(async () => rows(await work.start((options) => page.call("status", {}, options)))));
  const make = (target, direction, options = {}) => hold(async () => {
    leave();
    leave = () => {};
    plan.hidden = true;
    show(await work.start((waiting) => page.call("plan", { target, direction, ...options }, waiting)), options);
  });
  const apply = (report, options, how) => hold(async () => {
    const said = { target: report.target, direction: report.direction, plan: report.plan, ...how, ...options };
    let done;
    try {
      done = await work.start((waiting) => page.call("apply", said, waiting));
    } catch (error) {
      // What did not hold does not stand there as if it did.
      const bar = plan.querySelector(".anvil-sync-apply");
      const again = h("button", { type: "button", class: "anvil-primary", onclick: once(() => make(report.target, report.direction, options)) }, "Plan it again");
      redrawn(plan, () => {
        bar.replaceChildren(again);
        plan.querySelector(".anvil-sync-rest")?.remove();
      }, () => again);
      throw error;
    }
    show(done, options);
    rows(await work.start((waiting) => page.call("status", {}, waiting)));
  });
  // Conflicts were settled below: the targets stand otherwise by now.
  page.on("settled", () => failure.beside(async () => rows(await page.call("status", {}, { progress: () => {} }))));

  function rows(status) {
    const known = new Map((status?.targets ?? []).map((one) => [one.target, one]));
    redrawn(list, () => list.replaceChildren(...targets.map((name) => {
      const one = known.get(name) ?? {};
      const places = (one.places ?? []).join(" ↔ ");
      const facts = [[one.to_push, "to push"], [one.to_pull, "to pull"], [one.conflicts, one.conflicts === 1 ? "conflict" : "conflicts"]].filter(([number]) => Number.isFinite(number)).map((said) => said.join(" "));
      if (one.last) facts.push(`last sync ${one.last}`);
      return h("li", { "aria-label": name },
        h("strong", {}, name),
        h("span", {}, facts.join(" · ")),
        h("button", { type: "button", "aria-label": `Plan push of ${name}`, onclick: () => make(name, "push") }, "Plan push"),
        h("button", { type: "button", "aria-label": `Plan pull of ${name}`, onclick: () => make(name, "pull") }, "Plan pull"),
        places ? h("span", { class: "anvil-muted anvil-sync-places", title: `${one.here} ↔ ${one.there}` }, places) : null);
    })), () => null);
  }
  function show(report, options) {
    const { guards, refusal, notes } = report;
    const { written, unwritten, conflicts, waiting, problems } = report.lists;
    const deletes = h("input", { type: "checkbox", checked: Boolean(options.delete), onchange: () => make(report.target, report.direction, { delete: deletes.checked }) });
    const force = h("input", { type: "checkbox" });
    const some = (title, lines) => lines.length ? [h("h4", {}, title), h("ul", { tabindex: "0", "aria-label": title }, lines.map((line) => h("li", {}, line)))] : [];
    const counts = Object.entries(report.counts).filter(([, number]) => number).map(([name, number]) => `${number} ${COUNTS[name]?.(number) ?? name}`).join(", ");
    const line = ([what, name, note]) => `${SIGNS[what]}${name}${note ? `: ${note}` : ""}`;
    const whole = (title, name) => {
      const first = report.lists[name];
      const more = (start) => failure.beside(() => page.call("more", { number: report.number, name, start }));
      return first.count ? [h("h4", {}, title, first.count > first.rows.length ? ` (${first.count.toLocaleString("en")})` : ""), paged(title, first, more, line)] : [];
    };
    const can = report.dry_run && report.all && !conflicts.count && (!refusal || guards.length);
    plan.hidden = false;
    plan.replaceChildren(
      h("h3", {}, `${report.direction === "push" ? "Push" : "Pull"} of ${report.target}`),
      h("p", { role: "status" }, `${WORDS[report.state] ?? report.state}: ${counts || "nothing to do"}`),
      ...whole(report.dry_run ? "Would be written" : "Was written", "written"),
      ...whole("Was not written", "unwritten"),
      ...(report.state === "cancelled" ? [h("div", { class: "anvil-bar" }, h("button", { type: "button", class: "anvil-primary", onclick: () => make(report.target, report.direction, options) }, "Plan the rest"))] : []),
      ...whole("Conflicts, to be settled first", "conflicts"),
      ...(conflicts.count ? [h("div", { class: report.dry_run ? "anvil-bar anvil-sync-rest" : "anvil-bar" }, report.dry_run
        ? [h("button", { type: "button", disabled: Boolean(refusal && !guards.length), onclick: once(() => apply(report, options, { force: force.checked, keep: true })) }, "Do the rest, and keep these to settle"),
          h("span", { class: "anvil-muted" }, "Nothing of them is overwritten.")]
        : h("button", { type: "button", class: "anvil-primary", onclick: settle }, "Settle them…"))] : []),
      ...whole("Left as it is", "waiting"),
      ...whole("Cannot be read", "problems"),
      ...(refusal ? [h("p", { class: "anvil-notice" }, `${refusal.why} ${refusal.hint}`)] : []),
      ...some("Notes", notes),
      ...(report.dry_run ? [
        h("label", { class: "anvil-check" }, h("span", {}, "Delete there what was deleted here too"), deletes),
        guards.length ? h("label", { class: "anvil-check" }, h("span", {}, `Go on although it looks like an accident (${guards.join(", ")})`), force) : "",
        h("div", { class: "anvil-bar anvil-sync-apply" }, h("button", { type: "button", class: "anvil-primary", disabled: !can, onclick: once(() => apply(report, options, { force: force.checked })) }, "Apply this plan"), h("code", {}, report.plan.slice(0, 19)))] : []));
  }

  page.root.append(h("div", { class: "anvil-bar" }, h("h2", { class: "anvil-title anvil-grow" }, page.title), h("button", { type: "button", onclick: look }, "Look again")),
    h("p", { class: "anvil-muted" }, remote ? `Server: ${remote}` : "No server is configured: only the disk and the store are compared."),
    failure.box, list, work.box, plan);
  rows(page.state.status);
  look();
}
