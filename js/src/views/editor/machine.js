// What the editor of a draft is in the midst of, and what is to be done next: no page is needed.
import { same } from "./form.js";
import { Records } from "./records.js";
import { TURNS } from "./turns.js";

const EMPTY = { text: "", syntax: "liquid", parameters: [], description: "", tags: [], settings: [] };
const SIDES = ["base", "ours", "theirs"];

const MOVED = {
  code: "draft-conflict",
  message: "the draft was changed elsewhere, and is not the text that is shown here",
  hint: "Nothing was published. Look at what stands there first: see the notice above the text.",
};
const CHANGED = {
  code: "draft-conflict",
  message: "the text was changed here meanwhile, and is not what would be published",
  hint: "Nothing was published. Cancel, and publish what stands here now.",
};

// One prompt that is written on. `saved` is the document that stood in the draft, `base` the digest
// of the draft that was typed over, `standing` that of the draft there is now, `conflict` what
// Python said of two changes while they are settled, `composed` a record with a result that was left
// for the text that is shown, `said` a line for who writes.
//
// What is asked for takes its turn (see turns.js): one is under way at a time, from the question to
// the last answer, and the next one finds what it left.
export class Machine {
  #records;
  #turn = null; // { kind, … }; `waits` names the answer that it waits for
  #waiting = [];
  #acts = [];
  #digest; // of `saved`
  #dirty = null;
  #unkept = false; // typed since it was kept last
  #kept = true; // the browser took it
  #closed = false;

  // `state` is the view's, as Python sends it; see Records for the rest.
  constructor({ store, address, set, draft, language }, { storage, writer, clock }) {
    [this.address, this.set, this.prompt, this.partials] = [address, set, draft.prompt, language.partials];
    this.saved = draft.document ?? EMPTY;
    [this.base, this.standing, this.#digest, this.published] = [draft.digest, draft.digest, draft.digest, draft.published];
    [this.conflict, this.composed, this.said] = [null, null, ""];
    this.opening = draft.document === null; // a long text comes later, and nothing is done until then
    this.shown = { document: this.saved, values: {}, result: null };
    this.#records = new Records({ storage, store, address, writer, clock });
  }

  // Takes what happened, { kind, … }, and what the page shows by then, { document, values, result },
  // the last of them that of two changes where they are settled. Returns what is to be done, in this
  // order: [[act, …arguments], …]; the act "then" hands over what happened once the acts before it
  // are done.
  take({ kind, ...event }, shown) {
    [this.#acts, this.shown, this.#dirty] = [[], shown, null];
    this.#events[kind](event);
    return this.#acts;
  }

  // Whether the page shows another text than stood in the draft, or one of another draft.
  get dirty() {
    return this.base !== this.#digest || (this.#dirty ??= !same(this.shown.document, this.saved));
  }

  // A text was typed over the draft `base`: one that says what was saved is that.
  typedOver(base, document) {
    this.base = same(document, this.saved) ? this.#digest : base;
  }

  // Why the plan that was made last is not to be published; null when nothing speaks against it.
  refusal(shown = this.shown) {
    if (this.standing !== this.base) return MOVED;
    return same(shown.document, this.#turn.document) ? null : CHANGED;
  }

  // What happened

  #events = {
    opened: ({ answer }) => {
      this.opening = false;
      this.took(answer);
      this.do("open", answer.document.text);
      this.put(answer.document);
      this.do("then", { kind: "begun" });
    },
    begun: () => {
      this.offer(this.#records.left(this));
      this.do("listen");
      this.do("check");
    },
    // Somebody writes
    typed: () => {
      if (!this.#turn) this.said = "";
      this.#unkept = true;
      this.do("rest");
      this.do("check", "soon");
    },
    written: () => { // on a result
      this.#unkept = true;
      this.do("rest");
    },
    rested: () => {
      if (this.#unkept) this.keep();
    },
    declared: ({ names }) => {
      this.said = `Declared ${names.join(", ")}.`;
    },
    // Somebody asks for something
    asked: (turn) => this.#ask(turn),
    discarded: ({ id }) => this.#records.drop(id),
    // The page did what it was told
    put: () => {
      this.keep();
      this.do("check");
    },
    merging: () => {
      this.keep();
      this.do("focus", "conflict");
    },
    went: ({ to, ...more }) => TURNS[this.#turn.kind][to](this, this.#turn, more),
    next: () => {
      this.#turn = null;
      if (this.#waiting.length) this.#begin(this.#waiting.shift());
    },
    // Python answers
    told: ({ standing }) => {
      this.standing = standing;
    },
    answered: ({ to, answer }) => {
      if (this.#turn?.waits !== to) return;
      this.#turn.waits = null;
      TURNS[this.#turn.kind][to](this, this.#turn, answer);
    },
    replanned: ({ answer }) => this.planned(answer),
    failed: ({ to, error }) => {
      if (this.said === "Saving…") this.said = "";
      this.do("fail", error);
      if (this.#turn && [to, null].includes(this.#turn.waits)) this.end();
    },
    // Others come and go
    here: ({ id }) => this.withdraw(id),
    gone: ({ id }) => {
      this.withdraw(id);
      this.offer(this.#records.left(this, id));
    },
    // Somebody may have thrown away what is kept of a text that is still being written. One whose
    // kernel is gone was offered to others, and does not come again.
    leaving: ({ alive }) => {
      if (this.#unkept || (alive && this.#record())) this.keep();
    },
    closed: () => {
      this.#closed = true;
    },
  };

  // One thing after the other

  #ask(turn) {
    const { again = false, quiet = false, settles = false } = TURNS[turn.what];
    const asked = [this.#turn, ...this.#waiting].some((one) => one?.kind === turn.what);
    if (this.opening || (settles && !this.conflict) || (asked && !again)) return; // a double click is one
    if (!quiet) this.do("clear");
    const asking = { ...turn, kind: turn.what, of: settles ? this.conflict : null, waits: null };
    if (this.#turn) this.#waiting.push({ ...asking, waited: true });
    else this.#begin(asking);
  }

  // Two changes are settled before anything else is done, and those that it was asked of.
  #begin(turn) {
    this.#turn = turn;
    if (turn.of === this.conflict) TURNS[turn.kind].begin(this, turn);
    else this.end();
  }

  end() {
    this.do("then", { kind: "next" });
  }

  do(...act) {
    this.#acts.push(act);
  }

  // Asks Python, or a person: the turn goes on with the answer.
  call(name, args, to) {
    this.#turn.waits = to;
    this.do("call", name, args, to);
  }

  ask(plan, to) {
    this.#turn.waits = to;
    this.do("ask", plan, to);
  }

  // What stands there

  took({ document, digest, published, prompt }) {
    [this.saved, this.prompt, this.#dirty] = [document, prompt, null];
    [this.base, this.standing, this.#digest, this.published] = [digest, digest, digest, published];
  }

  planned({ standing, latest }) {
    this.standing = standing;
    if (standing === this.base) this.published = latest;
  }

  put(document) {
    this.do("put", document);
    this.do("then", { kind: "put" });
  }

  // Two changes of one draft

  merge(found, result = this.#again(found)) {
    if (this.#closed) return; // what was typed was kept
    if (this.conflict) this.unmerge();
    [this.conflict, this.composed] = [found, null];
    this.do("merge", found, result);
    this.do("then", { kind: "merging" });
  }

  unmerge() {
    this.conflict = null;
    this.do("unmerge");
  }

  // The result that was left, where it is of these very texts; of others it is offered in its turn.
  #again(found) {
    if (this.composed === null) return null;
    const { said, result } = this.composed.conflict;
    if (SIDES.every((side) => said[side] === found[side])) return result;
    this.aside(this.composed);
    return null;
  }

  // What is kept and offered

  #record() {
    if (this.composed) return this.composed;
    const { document, values } = this.shown;
    const conflict = this.conflict && { said: this.conflict, result: this.shown.result };
    return this.dirty || conflict ? { document, base: this.base, values, prompt: this.prompt, conflict } : null;
  }

  // Once the text is written on, the result that was left for it is offered in its turn.
  #part() {
    if (!this.composed || same(this.shown.document, this.composed.document)) return;
    this.aside(this.composed);
    this.composed = null;
  }

  keep() {
    this.#part();
    const record = this.#record();
    this.#unkept = false;
    if (record && this.#closed) return; // it was kept when it was left
    this.#kept = this.#records.keep(record);
    if (!this.#kept) this.said = "This browser keeps no unsaved text: save often.";
  }

  // Back to the text: the result is there again when these very changes are to be settled anew.
  leave() {
    this.composed = this.conflict.removed ? null : this.#record();
    this.unmerge();
    this.keep();
  }

  follow(address) {
    this.address = address;
    this.#records.follow(address);
    this.keep();
  }

  aside(record = this.#record()) {
    this.offer([this.#records.offer(record)]);
  }

  // What stands here makes room for another text, if it is kept; returns whether it may go.
  makeRoom() {
    this.#part();
    const record = this.#record();
    if (record === null) return true;
    const since = this.#records.aside(record);
    if (since === null) return false;
    this.offer([since]);
    this.composed = null;
    return true;
  }

  offered(id) {
    return this.#records.offered(id);
  }

  // What was kept goes once it is kept here.
  replace(id) {
    if (!this.#kept) return;
    this.#records.drop(id);
    this.do("withdraw", id);
  }

  offer(records) {
    for (const one of records) this.do("offer", one);
  }

  withdraw(id) {
    this.#records.withdraw(id);
    this.do("withdraw", id);
  }
}
