// One prompt of a draft: the template, its parameters, a preview, what is said about it.
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { latest } from "../parts/latest.js";
import { living } from "../parts/living.js";
import { tabs } from "../parts/tabs.js";
import { storageOf } from "../parts/unsaved.js";
import { conflictOf } from "./editor/conflict.js";
import { findings } from "./editor/findings.js";
import { same } from "./editor/form.js";
import { Machine } from "./editor/machine.js";
import { metadata } from "./editor/metadata.js";
import { parameters } from "./editor/parameters.js";
import { preview } from "./editor/preview.js";
import { offering } from "./editor/offers.js";
import { askToPublish } from "./editor/publishing.js";
import { statusOf } from "./editor/status.js";
import { template } from "./editor/text.js";
import "../styles/editor.css";

const KEPT_AFTER = 250; // milliseconds after the last change
const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
const KEY = MAC ? "⌘" : "Ctrl-";

// The page of the Machine: tells it what happens, and does what it says is to be done.
export function drawEditor(page) {
  const writer = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const machine = new Machine(page.state, { storage: storageOf(window), writer });
  let writers = { alive: () => false, end: () => {} };
  let [loading, keeping, conflict] = [true, null, null];

  // Parts
  const failure = failing();
  const form = parameters(typed);
  const about = metadata(typed);
  const shown = preview(checkSoon);
  const side = tabs("Beside the template", [
    { name: "preview", label: "Preview", content: shown.box },
    { name: "parameters", label: "Parameters", content: form.box },
    { name: "metadata", label: "Metadata", content: about.box },
  ]);
  const title = h("h2", { class: "anvil-title anvil-grow" }, machine.address);
  const badge = h("span", { class: "anvil-badge", role: "status" });
  const save = h("button", { type: "button", class: "anvil-primary", title: `Save (${KEY}S)`, onclick: saveNow }, "Save");
  const publish = h("button", { type: "button", onclick: () => ask("publish") }, "Publish…");
  const said = h("p", { class: "anvil-muted", role: "status" });
  const offers = offering({
    restore: (id) => ask("restore", { id }),
    discard: (id) => send({ kind: "discarded", id }),
    after: () => text.focus(),
  });
  const elsewhere = h("div", { class: "anvil-notice anvil-bar", role: "status", hidden: true });
  const found = findings({
    go: (place) => text.go(place),
    add: (names) => {
      form.addMissing();
      text.focus(); // the button goes with what was missing
      send({ kind: "declared", names });
    },
    takeApart: () => ask("move"),
    makeLiquid: () => {
      about.set({ ...about.fields(), syntax: "liquid" });
      text.focus();
      typed();
    },
  });
  const room = h("div", { class: "anvil-panel anvil-template" });
  const counts = h("span", {});
  const origin = h("span", {});
  const panes = h("div", { class: "anvil-editor-panes", inert: machine.opening }, h("div", { class: "anvil-stack" }, room, found.boxes), side.box);
  const merging = h("div", { hidden: true });
  page.root.classList.add("anvil-editor");
  page.root.append(
    h("div", { class: "anvil-bar" }, title, badge, save, publish),
    failure.box, offers.box, elsewhere, panes, merging,
    h("div", { class: "anvil-bar anvil-status" }, origin, counts, said,
      h("details", { class: "anvil-end anvil-grow" }, h("summary", {}, "Keys"),
        h("p", {}, `${KEY}S saves · ${KEY}Enter renders the preview at once · Ctrl-Space completes · ${KEY}F searches · Tab leaves the text`))));
  const text = template(room, machine.saved.text, {
    words: () => ({ ...page.state.language, partials: machine.partials, parameters: form.rows() }),
    changed: typed,
  });
  form.set(machine.saved.parameters);
  about.set(machine.saved);

  // What happens
  const written = () => ({ ...about.fields(), text: text.get(), parameters: form.rows() });
  const asked = () => ({ document: written(), values: shown.values() });
  const onPage = () => ({ ...asked(), result: conflict?.text() ?? null });

  function send(event) {
    for (const [act, ...more] of machine.take(event, onPage())) acts[act](...more);
    draw();
  }

  function ask(what, more = {}) {
    send({ kind: "asked", what, ...more });
  }

  function typed() {
    if (!loading) send({ kind: "typed" });
  }

  function saveNow() {
    if (conflict) conflict.save();
    else ask("save");
  }

  function answer(promise, to, kind = "answered") {
    promise.then((value) => send({ kind, to, answer: value })).catch((error) => send({ kind: "failed", to, error }));
  }

  // What Python says of what is typed
  const check = latest((value) => page.call("check", value), {
    show: told,
    wait: 15, // questions never queue up, so there is little to wait for
    fail: (error) => {
      if (error.code !== "gone") failure.show(error); // the notice above says that one
    },
  });

  function checkSoon() {
    if (!loading) check.soon(asked());
  }

  function told(checked) {
    form.told(checked);
    about.told(checked);
    shown.told(checked);
    counts.textContent = `${checked.counts.characters.toLocaleString("en")} characters, about ${checked.counts.tokens.toLocaleString("en")} tokens`;
    text.told(found.told(checked, about.fields().syntax === "plain"));
    const missing = checked.agreement?.missing ?? [];
    side.label("parameters", `Parameters (${form.rows().length}${missing.length ? `, ${missing.length} missing` : ""})`);
    send({ kind: "told", standing: checked.standing });
  }

  // What is to be done
  const acts = {
    call: (name, args, to) => answer(page.call(name, args), to),
    ask: (first, to) => answer(askToPublish(page.root, machine.set, first, {
      plan: async (bump) => {
        const plan = await page.call("plan_publish", { bump });
        send({ kind: "replanned", answer: plan });
        return plan;
      },
      refusal: () => machine.refusal(onPage()),
      publish: (said_, options) => page.call("publish", said_, options),
    }), to),
    check: (when = "now") => check[when](asked()),
    clear: failure.clear,
    fail: failure.show,
    focus: (what) => (what === "text" ? text : conflict).focus(),
    listen: () => {
      // What another is writing on is offered once that one is gone, as it is by then.
      writers = living(writer, { here: (id) => send({ kind: "here", id }), gone: (id) => send({ kind: "gone", id }) });
      loading = false;
    },
    merge: (two, result) => {
      conflict = conflictOf(merging, two, {
        result,
        changed: () => send({ kind: "written" }),
        save: () => ask("settle"),
        back: () => ask("leave"),
        follow: () => ask("follow"),
      });
      under(true);
    },
    offer: offers.add,
    open: (opened) => {
      text.open(opened);
      panes.inert = false;
    },
    put: (document) => {
      loading = true;
      if (document.text !== text.get()) text.set(document.text);
      // What is the same already is not drawn anew: it may have the focus.
      if (!same({ ...document, parameters: form.rows() }, document)) form.set(document.parameters);
      if (!same({ ...document, ...about.fields(), text: document.text, parameters: document.parameters }, document)) about.set(document);
      loading = false;
    },
    rest: () => {
      clearTimeout(keeping);
      keeping = setTimeout(() => send({ kind: "rested" }), KEPT_AFTER);
    },
    then: send,
    unmerge: () => {
      conflict.destroy();
      conflict = null;
      under(false);
    },
    values: shown.set,
    withdraw: offers.remove,
  };

  // Under two changes that are settled nothing else is to be seen: what is restored there would be
  // written over by the result.
  function under(is) {
    merging.hidden = !is;
    for (const one of [panes, save, offers.box]) one.hidden = is;
    publish.disabled = is;
  }

  // What is seen of it
  function draw() {
    const status = statusOf(machine);
    const words = [[title, machine.address], [said, machine.said], [badge, status.badge], [publish, status.publish], [origin, status.origin]];
    for (const [part, now] of words) if (part.textContent !== now) part.textContent = now; // said aloud once
    save.setAttribute("aria-disabled", String(!status.unsaved)); // it keeps the focus
    const standing = status.elsewhere && machine.standing;
    if (standing === elsewhere.dataset.standing) return;
    elsewhere.dataset.standing = standing;
    elsewhere.hidden = !status.elsewhere;
    if (!standing) return;
    elsewhere.replaceChildren(h("span", { class: "anvil-grow" }, status.elsewhere),
      h("button", { type: "button", onclick: () => ask("look") }, "Look at it"));
  }

  // Keys: caught before the text and the notebook see them
  const key = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("dialog")) return;
    const action = event.key.toLowerCase() === "s" && !event.shiftKey ? saveNow : event.key === "Enter" ? acts.check : null;
    if (action === null) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  page.root.addEventListener("keydown", key, true);
  const leaving = () => {
    clearTimeout(keeping);
    send({ kind: "leaving", alive: writers.alive() });
    writers.end();
  };
  page.onEnd(leaving);
  window.addEventListener("pagehide", leaving);
  page.root.addEventListener("focusin", (event) => {
    if (!page.root.contains(event.relatedTarget)) checkSoon(); // others may have saved meanwhile
  });
  page.onLeave(() => {
    leaving();
    send({ kind: "closed" });
    window.removeEventListener("pagehide", leaving);
    check.end();
    conflict?.destroy();
    text.destroy();
  });

  if (machine.opening) answer(page.call("open_draft"), "opened", "opened");
  else send({ kind: "begun" });
}
