// One prompt of a draft: the template, its parameters, a preview, what is said about it.
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { latest } from "../parts/latest.js";
import { living } from "../parts/living.js";
import { tabs } from "../parts/tabs.js";
import { once, turns } from "../parts/turns.js";
import { Unsaved, storageOf } from "../parts/unsaved.js";
import { conflictOf } from "./editor/conflict.js";
import { findings } from "./editor/findings.js";
import { same } from "./editor/form.js";
import { metadata } from "./editor/metadata.js";
import { parameters } from "./editor/parameters.js";
import { preview } from "./editor/preview.js";
import { offering } from "./editor/offers.js";
import { askToPublish } from "./editor/publishing.js";
import { template } from "./editor/text.js";
import "../styles/editor.css";

const EMPTY = { text: "", syntax: "liquid", parameters: [], description: "", tags: [], settings: [] };
const KEPT_AFTER = 250; // milliseconds after the last change
const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
const KEY = MAC ? "⌘" : "Ctrl-";

export function drawEditor(page) {
  const { language, store } = page.state;
  let { address, set, draft: { prompt } } = page.state;
  const writer = crypto.getRandomValues(new Uint32Array(2)).join("-");
  let unsaved = new Unsaved(storageOf(window), [store, address], writer);
  let saved = page.state.draft.document ?? EMPTY;
  let base = page.state.draft.digest;
  let published = page.state.draft.published;
  let standing = base;
  let partials = language.partials;
  let conflict = null;
  let composed = null; // a result that was left for the text: { said, result }
  const saves = turns();
  let writers = { alive: () => false, end: () => {} };
  let [loading, keeping] = [true, null];

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
  const title = h("h2", { class: "anvil-title anvil-grow" }, address);
  const badge = h("span", { class: "anvil-badge", role: "status" });
  const save = h("button", { type: "button", class: "anvil-primary", title: `Save (${KEY}S)`, onclick: () => saveNow() }, "Save");
  const publish = h("button", { type: "button", onclick: () => publishNow() }, "Publish…");
  const said = h("p", { class: "anvil-muted", role: "status" });
  const offers = offering({ restore, drop: ({ id, place }) => unsaved.drop(id, place), after: () => text.focus() });
  const elsewhere = h("div", { class: "anvil-notice anvil-bar", role: "status", hidden: true });
  const found = findings({
    go: (place) => text.go(place),
    add: (missing) => {
      form.addMissing();
      text.focus(); // the button goes with what was missing
      said.textContent = `Declared ${missing.join(", ")}.`;
    },
    takeApart: () => takeApart(),
    makeLiquid: () => {
      about.set({ ...about.fields(), syntax: "liquid" });
      text.focus();
      typed();
    },
  });
  const room = h("div", { class: "anvil-panel anvil-template" });
  const counts = h("span", {});
  const origin = h("span", {});
  const panes = h("div", { class: "anvil-editor-panes" }, h("div", { class: "anvil-stack" }, room, found.boxes), side.box);
  const merging = h("div", { hidden: true });
  page.root.classList.add("anvil-editor");
  page.root.append(
    h("div", { class: "anvil-bar" }, title, badge, save, publish),
    failure.box, offers.box, elsewhere, panes, merging,
    h("div", { class: "anvil-bar anvil-status" }, origin, counts, said,
      h("details", { class: "anvil-end anvil-grow" }, h("summary", {}, "Keys"),
        h("p", {}, `${KEY}S saves · ${KEY}Enter renders the preview at once · Ctrl-Space completes · ${KEY}F searches · Tab leaves the text`))));
  const text = template(room, saved.text, {
    words: () => ({ ...language, partials, parameters: form.rows() }),
    changed: typed,
  });
  form.set(saved.parameters);
  about.set(saved);

  // What is typed
  const document_ = () => ({ ...about.fields(), text: text.get(), parameters: form.rows() });
  const typedNow = () => ({ document: document_(), base, values: shown.values(), prompt });
  const dirty = () => !same(document_(), saved);
  const check = latest(({ document, values }) => page.call("check", { document, values }), {
    show: told,
    wait: 15, // questions never queue up, so there is little to wait for
    fail: (error) => {
      if (error.code !== "gone") failure.show(error); // the notice above says that one
    },
  });
  const asked = () => ({ document: document_(), values: shown.values() });
  function checkSoon() {
    if (!loading) check.soon(asked());
  }

  function typed() {
    if (loading) return;
    if (!saves.started()) said.textContent = "";
    marks();
    keepSoon();
    checkSoon();
  }

  function keepSoon() {
    clearTimeout(keeping);
    keeping = setTimeout(keepNow, KEPT_AFTER);
  }

  function keepNow() {
    clearTimeout(keeping);
    keeping = null;
    const open = conflict ? { said: conflict.said, result: conflict.text() } : composed;
    if (!dirty() && !open) unsaved.drop();
    else if (!unsaved.keep({ ...typedNow(), conflict: open })) {
      said.textContent = "This browser keeps no unsaved text: save often.";
    }
  }

  function marks() {
    const is = dirty();
    const gone = standing === "new";
    badge.textContent = is ? "● Unsaved" : base === "new" ? "New" : gone ? "● Not in the draft" : "✓ Saved";
    publish.textContent = is ? "Save and publish…" : "Publish…";
    save.setAttribute("aria-disabled", String(!is && !gone)); // it keeps the focus
    const version = published === null ? "never published" : published.same ? `as in ${published.version}` : `changed since ${published.version}`;
    origin.textContent = base === "new" ? "Not in the draft yet" : `Draft ${base.slice(7, 19)}, ${version}`;
  }

  // What Python says of it
  function told(answer) {
    standing = answer.standing;
    form.told(answer);
    about.told(answer);
    shown.told(answer);
    counts.textContent = `${answer.counts.characters.toLocaleString("en")} characters, about ${answer.counts.tokens.toLocaleString("en")} tokens`;
    text.told(found.told(answer, about.fields().syntax === "plain"));
    const missing = answer.agreement?.missing ?? [];
    side.label("parameters", `Parameters (${form.rows().length}${missing.length ? `, ${missing.length} missing` : ""})`);
    moved();
  }

  function moved() {
    const now = standing !== base && conflict === null ? standing : "";
    if (now === elsewhere.dataset.standing) return;
    elsewhere.dataset.standing = now;
    elsewhere.hidden = !now;
    marks();
    if (!now) return;
    const what = standing === "new" ? "The prompt was deleted or renamed elsewhere." : "The draft was changed elsewhere.";
    elsewhere.replaceChildren(h("span", { class: "anvil-grow" }, `${what} What you typed stays until you say otherwise.`),
      h("button", { type: "button", onclick: once(() => failure.run(async () => {
        if (dirty() || standing === "new") {
          merge(await page.call("compare", { document: document_(), expect: base }));
          return;
        }
        load(await page.call("open_draft"));
        text.focus();
      })) }, "Look at it"));
  }

  // Actions
  function took({ document, digest, published: version, prompt: id }) {
    [saved, prompt] = [document, id];
    [base, standing, published] = [digest, digest, version];
  }

  function load(draft) {
    took(draft);
    put(draft.document);
  }

  function put(document) {
    loading = true;
    if (document.text !== text.get()) text.set(document.text);
    // What is the same already is not drawn anew: it may have the focus.
    if (!same({ ...document, parameters: form.rows() }, document)) form.set(document.parameters);
    if (!same({ ...document, ...about.fields(), text: document.text, parameters: document.parameters }, document)) about.set(document);
    loading = false;
    moved();
    marks();
    keepNow();
    check.now(asked());
  }

  async function store_(document, expect) {
    said.textContent = "Saving…";
    const answer = await page.call("save", { document, expect }).finally(() => {
      said.textContent = "";
    });
    if (answer.conflict) {
      // What was typed while the answer was on its way is a part of our side.
      let found = answer.conflict;
      for (let ours = document; conflict === null && !same(document_(), ours);) {
        ours = document_();
        found = await page.call("compare", { document: ours, expect });
      }
      merge(found);
      return false;
    }
    partials = answer.partials;
    const later = document_();
    const meanwhile = conflict === null && !same(later, document); // typed while it was saved
    const merged = conflict !== null;
    endMerge();
    composed = null;
    took(answer.draft);
    put(meanwhile ? later : saved);
    if (merged) text.focus();
    said.textContent = [answer.saved.changed ? "Saved." : "Nothing had changed.", ...answer.saved.notes.map((one) => `Note: ${one}.`)].join(" ");
    return true;
  }

  // A save that is asked for while another is under way takes what stands there by then.
  function saveTyped() {
    const second = saves.started();
    return saves.turn(() => {
      if (conflict) return false;
      if (second && base !== "new" && !dirty()) return true;
      return store_(document_(), base);
    });
  }

  const saveNow = () => conflict ? conflict.save() : failure.run(saveTyped);

  // What would be published, as long as that is the text that is shown here.
  async function planOf(said_) {
    const plan = await page.call("plan_publish", said_);
    standing = plan.standing;
    if (standing === base) published = plan.latest;
    moved();
    marks();
    if (standing === base) return plan;
    throw Object.assign(new Error("the draft was changed elsewhere, and is not the text that is shown here"),
      { code: "draft-conflict", hint: "Nothing was published. Look at what stands there first: see the notice above the text." });
  }

  const publishNow = once(() => failure.run(async () => {
    if (conflict) return;
    if ((dirty() || base === "new" || saves.started()) && !(await saveTyped())) return;
    const plan = await planOf({});
    if (!plan.created) {
      said.textContent = `Nothing to publish: the draft of ${set} is ${plan.address} already.`;
      return;
    }
    let done = null;
    await askToPublish(page.root, set, plan, (bump) => planOf({ bump }), async (answer) => {
      done = await page.call("publish", answer);
    });
    if (done === null) return;
    // The plan was of the text that is shown; what stands there now may be another by a moment.
    [published, standing] = [{ version: done.published.version, same: true }, done.draft.digest];
    moved();
    marks();
    said.textContent = `Published ${done.published.address}.`;
  }));

  const takeApart = once(() => failure.run(async () => {
    let document, made;
    do {
      document = document_();
      made = await page.call("move_in", { document });
    } while (!same(document_(), document)); // what was typed meanwhile is in it too
    put(made);
    text.focus();
  }));

  // Two changes of one draft
  function merge(found, result = null) {
    endMerge();
    result ??= again(found);
    composed = null;
    conflict = conflictOf(merging, found, {
      result,
      changed: keepSoon,
      save: once(() => failure.run(() => saves.turn(async () => {
        if (!conflict) return;
        const merged = conflict.text();
        const document = found.removed ? document_() : found.whole ? await page.call("take_apart", { text: merged }) : { ...document_(), text: merged };
        await store_(document, found.removed ? "new" : found.expect);
      }))),
      back: () => {
        if (!found.removed) composed = { said: found, result: conflict.text() };
        endMerge();
        text.focus();
      },
      follow: once(() => failure.run(async () => {
        const now = await page.call("follow");
        unsaved.drop();
        ({ address, set, partials } = now);
        title.textContent = address;
        unsaved = new Unsaved(storageOf(window), [store, address], writer);
        [standing, published] = [now.draft.digest, now.draft.published];
        endMerge();
        text.focus();
      })),
    });
    panes.hidden = true;
    save.hidden = true;
    merging.hidden = false;
    publish.disabled = true;
    moved();
    offers.box.hidden = true; // what is restored would be written over by the result
    keepNow();
    conflict.focus();
  }

  function endMerge() {
    const open = conflict !== null;
    conflict?.destroy();
    conflict = null;
    merging.hidden = true;
    panes.hidden = false;
    offers.box.hidden = false;
    save.hidden = false;
    publish.disabled = false;
    if (!open) return;
    moved();
    marks();
    keepNow();
  }

  // The result that was left, where it is of these very texts; of others it is offered in its turn.
  function again(found) {
    if (composed === null) return null;
    const { said: before, result } = composed;
    if (["base", "ours", "theirs"].every((side) => before[side] === found[side])) return result;
    const aside = unsaved.aside({ ...typedNow(), conflict: composed });
    if (aside) offers.add(aside);
    return null;
  }

  // What was typed before and not saved
  function restore(record) {
    // What was typed since is offered in its turn.
    const since = dirty() ? unsaved.aside(typedNow()) : null;
    if (dirty() && since === null) {
      said.textContent = "This browser keeps no unsaved text: save what is here first.";
      return false;
    }
    if (since) offers.add(since);
    base = record.base;
    shown.set(record.values ?? {});
    put(record.document);
    if (record.conflict) merge(record.conflict.said, record.conflict.result);
    else text.focus();
    return true;
  }

  // Keys: caught before the text and the notebook see them
  const key = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("dialog")) return;
    const action = event.key.toLowerCase() === "s" && !event.shiftKey ? saveNow : event.key === "Enter" ? () => check.now(asked()) : null;
    if (action === null) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  page.root.addEventListener("keydown", key, true);
  // Somebody may have thrown away what is kept of a text that is still being written. One whose
  // kernel is gone was offered to others, and does not come again.
  const leaving = () => {
    if (keeping !== null || (writers.alive() && (dirty() || conflict))) keepNow();
    writers.end();
  };
  page.onEnd(leaving);
  window.addEventListener("pagehide", leaving);
  const back = (event) => {
    if (!page.root.contains(event.relatedTarget)) checkSoon(); // others may have saved meanwhile
  };
  page.root.addEventListener("focusin", back);
  page.onLeave(() => {
    leaving();
    window.removeEventListener("pagehide", leaving);
    check.end();
    conflict?.destroy();
    text.destroy();
  });

  // What others left, under another name of the prompt too; `id` is of one that left it just now.
  function offerLeft(id = null) {
    for (const record of unsaved.left([store], (one) => prompt !== null && one.prompt === prompt)) {
      if (id !== null && record.id !== id) continue;
      if (same(record.document, saved) && !record.conflict) unsaved.drop(record.id, record.place);
      else offers.add(record);
    }
  }

  const begin = () => {
    offerLeft();
    // What another is writing on is offered once that one is gone, as it is by then.
    writers = living(writer, { here: (id) => offers.remove(id), gone: (id) => {
      offers.remove(id);
      offerLeft(id);
    } });
    loading = false;
    marks();
    check.now(asked());
  };
  if (page.state.draft.document === null) {
    failure.run(async () => {
      const draft = await page.call("open_draft");
      prompt = draft.prompt;
      text.open(draft.document.text);
      load(draft);
      begin();
    });
  }
  else begin();
}
