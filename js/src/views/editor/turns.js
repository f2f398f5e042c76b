// What can be asked of the editor, each from its beginning to its last answer.
import { same } from "./form.js";

// By name: `begin(it, turn)`, and what it does with each answer that it waits for; `it` is the
// Machine. With `settles` it is of two changes that are being settled, and of nothing else; with
// `again` it may be asked for while it is under way; a `quiet` one leaves an error of before.

const saving = {
  save: (it, turn, document, expect) => {
    it.said = "Saving…";
    turn.document = document;
    it.call("save", { document, expect }, "saved");
  },
  compare: (it, turn) => {
    turn.document = it.shown.document;
    it.call("compare", { document: turn.document, expect: it.base }, "compared");
  },
  // What was typed while the answer was on its way is a part of our side.
  compared: (it, turn, found) => {
    if (!same(it.shown.document, turn.document)) {
      saving.compare(it, turn);
      return;
    }
    it.merge(found);
    it.end();
  },
  // Takes what was saved; `next(saved)` is the document that is shown from then on.
  took: (it, turn, { draft, partials, saved }, next) => {
    // A result that was left for the text is another text than the one that was saved.
    if (it.composed && it.composed.conflict.result !== turn.document.text) it.aside(it.composed);
    [it.composed, it.partials] = [null, partials];
    it.took(draft);
    it.put(next(draft.document));
    it.said = [saved.changed ? "Saved." : "Nothing had changed.", ...saved.notes.map((one) => `Note: ${one}.`)].join(" ");
  },
  saved: (it, turn, answer, after) => {
    it.said = "";
    if (answer.conflict) {
      saving.compared(it, turn, answer.conflict);
      return;
    }
    const later = it.shown.document;
    saving.took(it, turn, answer, (now) => same(later, turn.document) ? now : later); // typed while it was saved
    after();
  },
};

const save = {
  again: true,
  // One that waited takes what stands there by now.
  begin: (it, turn) => {
    if (turn.waited && it.base !== "new" && !it.dirty) it.end();
    else saving.save(it, turn, it.shown.document, it.base);
  },
  saved: (it, turn, answer) => saving.saved(it, turn, answer, () => it.end()),
  compared: saving.compared,
};

const settle = {
  settles: true,
  begin: (it, turn) => {
    const { document, result } = it.shown;
    turn.result = result;
    if (it.conflict.removed) saving.save(it, turn, document, "new");
    else if (it.conflict.whole) it.call("take_apart", { text: result }, "apart");
    else saving.save(it, turn, { ...document, text: result }, it.conflict.expect);
  },
  apart: (it, turn, document) => saving.save(it, turn, document, it.conflict.expect),
  saved: (it, turn, answer) => {
    const { result: later } = it.shown; // written on while it was saved
    const moved = later !== turn.result;
    it.said = "";
    if (answer.conflict) {
      // What was asked to be saved is our side of them, where they have sides.
      if (later !== null && (moved || answer.conflict.removed)) it.aside();
      it.merge(answer.conflict);
    } else {
      it.unmerge();
      saving.took(it, turn, answer, (now) => moved ? { ...now, text: later } : now);
      it.do("focus", "text");
    }
    it.end();
  },
};

const leave = {
  settles: true,
  quiet: true,
  begin: (it) => {
    it.leave();
    it.do("focus", "text");
    it.end();
  },
};

// On at the address that a renamed prompt has by now.
const follow = {
  settles: true,
  begin: (it) => it.call("follow", {}, "followed"),
  followed: (it, turn, { address, set, partials, draft }) => {
    [it.set, it.partials, it.standing, it.published] = [set, partials, draft.digest, draft.published];
    it.unmerge();
    it.follow(address);
    it.do("focus", "text");
    it.end();
  },
};

// A look at what stands there by now: over what was typed it is a second change.
const look = {
  begin: (it, turn) => {
    if (it.standing === it.base) it.end();
    else if (it.dirty || it.standing === "new") saving.compare(it, turn);
    else it.call("open_draft", {}, "drafted");
  },
  drafted: (it, turn, draft) => {
    if (it.dirty || draft.digest === "new") {
      saving.compare(it, turn);
      return;
    }
    it.took(draft);
    it.put(draft.document);
    it.do("focus", "text");
    it.end();
  },
  compared: saving.compared,
};

// Frontmatter goes into the form.
const move = {
  begin: (it, turn) => {
    turn.document = it.shown.document;
    it.call("move_in", { document: turn.document }, "moved");
  },
  moved: (it, turn, document) => {
    if (!same(it.shown.document, turn.document)) {
      move.begin(it, turn); // what was typed meanwhile is in it too
      return;
    }
    it.put(document);
    it.do("focus", "text");
    it.end();
  },
};

const restore = {
  again: true,
  quiet: true,
  begin: (it, { id }) => {
    const record = it.offered(id);
    if (record === null) it.end();
    else if (it.makeRoom()) {
      it.typedOver(record.base, record.document);
      it.do("values", record.values ?? {});
      it.put(record.document);
      it.do("then", { kind: "went", to: "restored", record });
    } else {
      it.said = "This browser keeps no unsaved text: save what is here first.";
      it.end();
    }
  },
  restored: (it, turn, { record: { conflict } }) => {
    if (conflict) it.merge(conflict.said, conflict.result);
    else it.do("focus", "text");
    it.do("then", { kind: "went", to: "kept" });
  },
  kept: (it, { id }) => {
    it.replace(id);
    it.end();
  },
};

const publish = {
  begin: (it, turn) => {
    if (it.dirty || it.base === "new") saving.save(it, turn, it.shown.document, it.base);
    else publish.plan(it, turn);
  },
  saved: (it, turn, answer) => {
    const to = same(it.shown.document, turn.document) ? "plan" : "begin"; // typed while it was saved
    saving.saved(it, turn, answer, () => it.do("then", { kind: "went", to }));
  },
  compared: saving.compared,
  plan: (it, turn) => {
    turn.document = it.shown.document;
    it.call("plan_publish", {}, "planned");
  },
  // What would be published, as long as that is the text that is shown here.
  planned: (it, turn, plan) => {
    it.planned(plan);
    if (it.standing === it.base && it.refusal()) {
      publish.begin(it, turn); // typed meanwhile
      return;
    }
    if (!it.refusal() && plan.created) {
      it.ask(plan, "published");
      return;
    }
    if (it.refusal()) it.do("fail", it.refusal());
    else it.said = `Nothing to publish: the draft of ${it.set} is ${plan.address} already.`;
    it.end();
  },
  published: (it, turn, done) => {
    if (done !== null) {
      // The plan was of the text that is shown; what stands there now may be another by a moment.
      [it.published, it.standing] = [{ version: done.published.version, same: true }, done.draft.digest];
      it.said = `Published ${done.published.address}.`;
    }
    it.end();
  },
};

export const TURNS = { save, settle, leave, follow, look, move, restore, publish };
