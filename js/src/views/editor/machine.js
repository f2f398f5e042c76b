// What the editor of a draft is in the midst of, and what is to be done next: no page is needed.
import { same } from "./form.js";
import { Queue } from "./queue.js";
import { Records } from "./records.js";
import { refusalOf } from "./status.js";

const EMPTY = { text: "", syntax: "liquid", parameters: [], description: "", tags: [], settings: [] };
const SIDES = ["base", "ours", "theirs"];

// One prompt that is written on. `saved` is the document that stood in the draft, `base` the digest
// of the draft that was typed over, `standing` that of the draft there is now, `conflict` what
// Python said of two changes while they are settled, `composed` a record with a result that was left
// for the text that is shown, `said` a line for who writes.
export class Machine {
  #queue = new Queue(this);
  #acts = [];
  #digest; // of `saved`
  #dirty = null;

  // `state` is the view's, as Python sends it; see Records for the rest.
  constructor({ store, address, set, draft, language }, { storage, writer, clock }) {
    [this.address, this.set, this.prompt, this.partials] = [address, set, draft.prompt, language.partials];
    this.saved = draft.document ?? EMPTY;
    [this.base, this.standing, this.#digest, this.published] = [draft.digest, draft.digest, draft.digest, draft.published];
    [this.conflict, this.composed, this.said, this.closed] = [null, null, "", false];
    this.opening = draft.document === null; // a long text comes later, and nothing is done until then
    this.shown = { document: this.saved, values: {}, result: null };
    this.records = new Records(this, { storage, store, writer, clock });
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
    return refusalOf({ moved: this.standing !== this.base, changed: !same(shown.document, this.#queue.turn.document) });
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
      this.records.offerLeft();
      this.do("listen");
      this.do("check");
    },
    // Somebody writes
    typed: () => {
      if (!this.#queue.turn) this.said = "";
      this.records.touch();
      this.do("rest");
      this.do("check", "soon");
    },
    written: () => { // on a result
      this.records.touch();
      this.do("rest");
    },
    rested: () => this.records.keepTouched(),
    declared: ({ names }) => {
      this.said = `Declared ${names.join(", ")}.`;
    },
    // Somebody asks for something
    asked: (turn) => {
      if (!this.opening) this.#queue.ask(turn);
    },
    discarded: ({ id }) => this.records.discard(id),
    // The page did what it was told
    put: () => {
      this.records.keep();
      this.do("check");
    },
    merging: () => {
      this.records.keep();
      this.do("focus", "conflict");
    },
    went: ({ to, ...more }) => this.#queue.step(to, more),
    next: () => this.#queue.next(),
    // Python answers
    told: ({ standing }) => {
      this.standing = standing;
    },
    answered: ({ to, answer }) => this.#queue.answered(to, answer),
    replanned: ({ answer }) => this.planned(answer),
    failed: ({ to, error }) => {
      if (this.said === "Saving…") this.said = "";
      this.do("fail", error);
      this.#queue.failed(to);
    },
    // Others come and go
    here: ({ id }) => this.records.withdraw(id),
    gone: ({ id }) => {
      this.records.withdraw(id);
      this.records.offerLeft(id);
    },
    leaving: (writer) => this.records.leaving(writer),
    closed: () => {
      this.closed = true;
    },
  };

  // What is to be done

  do(...act) {
    this.#acts.push(act);
  }

  // The turn goes on with what Python answers, or a person.
  call(name, args, to) {
    this.#queue.turn.waits = to;
    this.do("call", name, args, to);
  }

  ask(plan, to) {
    this.#queue.turn.waits = to;
    this.do("ask", plan, to);
  }

  end() {
    this.do("then", { kind: "next" });
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
    if (this.closed) return; // what was typed was kept
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
    this.records.aside(this.composed);
    return null;
  }
}
