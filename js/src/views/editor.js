// One prompt of a draft: the template, its parameters, a preview, what is said about it.
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { latest } from "../parts/latest.js";
import { living } from "../parts/living.js";
import { steady } from "../parts/steady.js";
import { tabs } from "../parts/tabs.js";
import { once, turns } from "../parts/turns.js";
import { Unsaved, storageOf } from "../parts/unsaved.js";
import { conflictOf } from "./editor/conflict.js";
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
  const { address, language, store } = page.state;
  const writer = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const unsaved = new Unsaved(storageOf(window), [store, address], writer);
  let saved = page.state.draft.document ?? EMPTY;
  let base = page.state.draft.digest;
  let published = page.state.draft.published;
  let standing = base;
  let partials = language.partials;
  let conflict = null;
  const saves = turns();
  let writers = { alive: () => false, end: () => {} };
  let loading = true;
  let keeping = null;

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
  const badge = h("span", { class: "anvil-badge", role: "status" });
  const save = h("button", { type: "button", class: "anvil-primary", title: `Save (${KEY}S)`, onclick: () => saveNow() }, "Save");
  const publish = h("button", { type: "button", onclick: () => publishNow() }, "Publish…");
  const said = h("p", { class: "anvil-muted", role: "status" });
  const offers = offering({ restore, drop: (id) => unsaved.drop(id), after: () => text.focus() });
  const elsewhere = h("div", { class: "anvil-notice anvil-bar", role: "status", hidden: true });
  const agreement = h("div", { class: "anvil-bar anvil-agreement", role: "group", "aria-label": "Parameters and template" });
  const problems = h("ul", { class: "anvil-problems", "aria-label": "Problems" });
  const [showAgreement, showProblems] = [steady(agreement), steady(problems)];
  const room = h("div", { class: "anvil-panel anvil-template" });
  const counts = h("span", {});
  const origin = h("span", {});
  const panes = h("div", { class: "anvil-editor-panes" }, h("div", { class: "anvil-stack" }, room, agreement, problems), side.box);
  const merging = h("div", { hidden: true });
  page.root.classList.add("anvil-editor");
  page.root.append(
    h("div", { class: "anvil-bar" }, h("h2", { class: "anvil-title anvil-grow" }, address), badge, save, publish),
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
    said.textContent = "";
    marks();
    clearTimeout(keeping);
    keeping = setTimeout(keepNow, KEPT_AFTER);
    checkSoon();
  }

  function keepNow() {
    clearTimeout(keeping);
    keeping = null;
    const open = conflict && { said: conflict.said, result: conflict.text() };
    if (!dirty() && !open) unsaved.drop();
    else if (!unsaved.keep({ document: document_(), base, values: shown.values(), conflict: open })) {
      said.textContent = "This browser keeps no unsaved text: save often.";
    }
  }

  function marks() {
    const is = dirty();
    badge.textContent = is ? "● Unsaved" : base === "new" ? "New" : "✓ Saved";
    publish.textContent = is ? "Save and publish…" : "Publish…";
    save.disabled = !is && base !== "new";
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
    const missing = answer.agreement?.missing ?? [];
    const rendering = answer.preview?.message ? [{ ...answer.preview, severity: "warning" }] : [];
    const found = [...answer.errors.map((one) => ({ ...one, severity: one.note ? "warning" : "error" })), ...rendering];
    text.told([...found, ...missing.map((one) => ({ line: one.line, column: one.column, severity: "info", message: `'${one.name}' is used and not declared` }))]);
    showProblems([found, answer.frontmatter], () => [
      ...found.map((one) => h("li", { class: `anvil-problem-${one.severity}` },
        h("strong", {}, one.severity === "error" ? "✗ Error" : "⚠ Note"),
        one.line ? h("button", { type: "button", class: "anvil-plain", onclick: () => text.go(one) }, `line ${one.line}`) : null,
        h("span", {}, one.message), one.hint ? h("span", { class: "anvil-muted" }, one.hint) : null,
        one.remedy === "liquid" ? h("button", { type: "button", onclick: makeLiquid }, "Make it Liquid") : null)),
      answer.frontmatter ? h("li", {}, h("strong", {}, "⚠ Note"),
        h("span", {}, "The text opens with frontmatter; as it stands that is part of the template."),
        h("button", { type: "button", onclick: takeApart }, "Move it into the form")) : "",
    ]);
    agree(answer.agreement);
    moved();
  }

  // How the form stands to the text of now: of a text with an error nothing is known.
  function agree(found) {
    const [matched, unused] = [found?.matched ?? [], found?.unused ?? []];
    const missing = (found?.missing ?? []).map((one) => one.name);
    const plain = about.fields().syntax === "plain";
    side.label("parameters", `Parameters (${form.rows().length}${missing.length ? `, ${missing.length} missing` : ""})`);
    showAgreement([found === null, plain, matched.length, missing, unused], () => found === null
      ? [h("span", { class: "anvil-muted" }, "Parameters are compared with the template once it has no error.")]
      : [
        h("span", {}, plain ? "Plain text: it stands as it is, and takes no parameters" : `✓ ${matched.length} matched`),
        plain ? "" : h("span", {}, missing.length ? `+ missing: ${missing.join(", ")}` : "+ none missing"),
        plain && !unused.length ? "" : h("span", {}, unused.length ? `○ unused: ${unused.join(", ")}` : "○ none unused"),
        missing.length ? h("button", { type: "button", onclick: () => {
          form.addMissing();
          text.focus(); // the button goes with what was missing
          said.textContent = `Declared ${missing.join(", ")}.`;
        } }, missing.length === 1 ? "Add what is missing" : `Add all ${missing.length}`) : "",
      ]);
  }

  function makeLiquid() {
    about.set({ ...about.fields(), syntax: "liquid" });
    text.focus();
    typed();
  }

  function moved() {
    const is = standing !== base && conflict === null;
    if (is === !elsewhere.hidden) return;
    elsewhere.hidden = !is;
    if (!is) return;
    elsewhere.replaceChildren(h("span", { class: "anvil-grow" }, "The draft was changed elsewhere. What you typed stays until you say otherwise."),
      h("button", { type: "button", onclick: () => failure.run(async () => {
        if (dirty()) merge((await page.call("compare", { document: document_(), expect: base })));
        else load(await page.call("open_draft"));
      }) }, "Look at it"));
  }

  // Actions
  function took({ document, digest, published: version }) {
    saved = document;
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
    elsewhere.hidden = true;
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
    endMerge();
    took(answer.draft);
    put(meanwhile ? later : saved);
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

  const publishNow = once(() => failure.run(async () => {
    if (conflict) return;
    if ((dirty() || base === "new" || saves.started()) && !(await saveTyped())) return;
    const plan = await page.call("plan_publish");
    if (!plan.created) {
      said.textContent = `Nothing to publish: the draft of ${page.state.set} is ${plan.address} already.`;
      return;
    }
    let done = null;
    await askToPublish(page.root, page.state.set, plan, (bump) => page.call("plan_publish", { bump }), async (answer) => {
      done = await page.call("publish", answer);
    });
    if (done === null) return;
    published = done.draft.published;
    marks();
    said.textContent = `Published ${done.published.address}.`;
  }));

  const takeApart = () => failure.run(async () => {
    let document, made;
    do {
      document = document_();
      made = await page.call("move_in", { document });
    } while (!same(document_(), document)); // what was typed meanwhile is in it too
    put(made);
    text.focus();
  });

  // Two changes of one draft
  function merge(found, result = null) {
    endMerge();
    conflict = conflictOf(merging, found, {
      result,
      changed: () => {
        clearTimeout(keeping);
        keeping = setTimeout(keepNow, KEPT_AFTER);
      },
      save: once(() => failure.run(() => saves.turn(async () => {
        if (!conflict) return;
        const merged = conflict.text();
        const document = found.removed ? document_() : found.whole ? await page.call("take_apart", { text: merged }) : { ...document_(), text: merged };
        await store_(document, found.removed ? "new" : found.expect);
      }))),
      back: () => {
        endMerge();
        text.focus();
      },
    });
    panes.hidden = true;
    save.hidden = true;
    merging.hidden = false;
    publish.disabled = true;
    elsewhere.hidden = true;
    offers.box.hidden = true; // what is restored would be written over by the result
    keepNow();
    conflict.focus();
  }

  function endMerge() {
    conflict?.destroy();
    conflict = null;
    merging.hidden = true;
    panes.hidden = false;
    offers.box.hidden = false;
    save.hidden = false;
    publish.disabled = false;
  }

  // What was typed before and not saved
  function restore(record) {
    // What was typed since is offered in its turn.
    const since = dirty() ? unsaved.aside({ document: document_(), base, values: shown.values() }) : null;
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

  const begin = () => {
    for (const record of unsaved.left()) {
      if (same(record.document, saved) && !record.conflict) unsaved.drop(record.id);
      else offers.add(record);
    }
    writers = living(writer, offers);
    loading = false;
    marks();
    check.now(asked());
  };
  if (page.state.draft.document === null) {
    failure.run(async () => {
      const draft = await page.call("open_draft");
      text.open(draft.document.text);
      load(draft);
      begin();
    });
  }
  else begin();
}
