// The editor's page as the Machine sees it, Python, which answers in the order in which it was asked,
// and others who work on the same prompt. A test takes its steps as it likes; what must never be is
// looked at on the way, and by `look` after each.
import assert from "node:assert/strict";
import { storageOf } from "../src/parts/unsaved.js";
import { Machine } from "../src/views/editor/machine.js";
import { statusOf } from "../src/views/editor/status.js";
import { ADDRESS, EMPTY, failing, Store } from "./store.js";

const PLACE = "/store.duckdb";
const json = JSON.stringify;
const tokens = (...all) => new Set(json(all).replace(/\\+n/g, " ").match(/\b[to]\d+\b/g)); // the words that occur once
const without = (one, other) => [...one].filter((token) => !other.has(token));

export class World {
  storage = storageOf({}); // one without a browser
  full = false;
  sent = []; // to Python, and not answered yet
  answers = []; // of Python, and not here yet
  errors = [];
  acts = []; // by name, of all that was done
  typed = new Set(); // by whomever: each text is made of words that occur once
  released = new Set(); // of it, what somebody said may go
  seen = new Set(); // of what others wrote, what was shown here
  #count = 0;
  #checks = 0;
  #writers = 0;
  #dropping = false;
  #refused = false; // the browser, what was to be kept last
  #coming = null; // the digest of the draft that an answer brings
  #restoring = false;
  #stale = false; // another text was put here since the save under way was asked for

  constructor(text = "one", { long = false } = {}) {
    this.store = new Store(text);
    const { setItem, removeItem } = this.storage;
    this.storage.setItem = (key, value) => {
      if (JSON.parse(key).at(-1) === this.writer) this.#refused = this.full;
      if (this.full) throw new Error("QuotaExceededError");
      setItem(key, value);
    };
    this.storage.removeItem = (key) => {
      this.#leaves(key);
      removeItem(key);
    };
    this.open({ long });
  }

  // A page of the prompt, where it is by now.
  open({ long = false } = {}) {
    this.store.address = this.store.at ?? this.store.address;
    [this.sent, this.answers, this.offers] = [[], [], new Map()];
    Object.assign(this, { drawn: null, result: null, dialog: null, timer: false, focus: null, values: {}, closed: false });
    const draft = this.store.draft();
    if (long) draft.document = null;
    this.writer = `w${++this.#writers}`;
    const state = { store: PLACE, address: this.store.address, set: "desk/emails", draft, language: { partials: [] } };
    this.machine = new Machine(state, { storage: this.storage, writer: this.writer, clock: () => "2026-01-01T12:30:00Z" });
    this.document = this.machine.saved;
    this.#see(this.document);
    this.over = draft.digest; // the draft that what is shown was typed over
    if (long) this.#send({ to: "opened", name: "open_draft", args: {} });
    else this.send({ kind: "begun" });
  }

  get status() {
    return statusOf(this.machine);
  }

  get shown() {
    return { document: this.document, values: this.values, result: this.result };
  }

  send(event) {
    for (const [act, ...more] of this.machine.take(event, this.shown)) {
      this.acts.push(act);
      this.#does[act](...more);
    }
  }

  ask(what, more = {}) {
    if (what === "settle") for (const one of without(tokens(this.document), tokens(this.result ?? this.document))) this.released.add(one);
    if (["settle", "leave", "follow"].includes(what)) this.ending = true;
    this.send({ kind: "asked", what, ...more });
  }

  // One question at a time, and the next is of what stands there by then.
  #check() {
    this.sent.push({ name: "check", args: {}, to: "told", number: this.#checks });
  }

  #send(question) {
    this.sent.push(question);
    const waiting = [...this.sent, ...this.answers].filter((one) => one.to !== "told");
    assert.ok(waiting.length <= 1, `one thing is under way at a time: ${waiting.map((one) => one.name)}`);
  }

  // What the page does when it is told to.
  #does = {
    call: (name, args, to) => {
      if (name === "save") {
        this.#stale = false;
        if (!this.drawn) assert.equal(args.expect, this.over, "a text is saved over the draft it was typed over");
      }
      this.#send({ name, args, to });
    },
    ask: (plan, to) => {
      assert.equal(this.dialog, null);
      this.dialog = { plan, to };
    },
    check: () => {
      this.#checks += 1;
      if (![...this.sent, ...this.answers].some(({ name }) => name === "check")) this.#check();
    },
    clear: () => { this.errors = []; },
    fail: (error) => this.errors.push(error),
    focus: (what) => { this.focus = what; },
    listen: () => {},
    merge: (found, result) => {
      assert.equal(this.drawn, null, "two changes are drawn once");
      if (!found.removed) {
        const ours = tokens(found.ours, [...this.released]);
        assert.deepEqual(without(tokens(found.whole ? this.document : this.document.text), ours).filter((one) => this.typed.has(one)), [], "our side is all that is shown");
      }
      this.drawn = found;
      this.under = json([found, this.document]);
      this.ending = false;
      this.result = found.removed ? null : result ?? found.result ?? `<<< ${found.ours} === ${found.theirs} >>>`;
      for (const side of ["theirs", "ours"]) this.#see(found[side]);
    },
    unmerge: () => {
      assert.ok(this.drawn !== null && this.ending, "two changes are there until somebody ends it");
      [this.drawn, this.result] = [null, null];
    },
    offer: (record) => this.offers.set(record.id, record),
    withdraw: (id) => this.offers.delete(id),
    open: (text) => { this.document = { ...EMPTY, text }; },
    put: (document) => {
      assert.equal(this.drawn, null, "nothing is put under two changes");
      assert.equal(this.dialog, null, "nothing is put under a question");
      if (this.#restoring) {
        this.#restoring = false;
        const bases = [...this.offers.values()].filter((one) => one.document === document).map((one) => one.base);
        this.over = json(document) === json(this.machine.saved) ? this.store.digest(document) : bases.find((one) => one === this.machine.base) ?? bases[0];
        this.#stale = true;
      } else if (this.#coming && !this.#stale) this.over = this.#coming;
      this.document = document;
      this.#see(document);
    },
    rest: () => { this.timer = true; },
    then: (event) => this.send(event),
    values: (values) => { // a record is restored
      this.values = values;
      this.#restoring = true;
    },
  };

  #see(what) {
    for (const token of tokens(what ?? "")) this.seen.add(token);
  }

  // Steps of Python

  // Python answers the first of what it was asked; `refused` is what it may fail with.
  work(refused = null) {
    const question = this.sent.shift();
    if (question === undefined) return;
    const { name, args } = question;
    const before = this.store.document;
    try {
      if (refused && name !== "check") throw failing(refused);
      question.answer = structuredClone(this.store[name](args));
      if (name === "save" && question.answer.saved && before) {
        const lost = without(tokens(before), tokens(this.store.document)).filter((one) => one.startsWith("o") && !this.seen.has(one));
        assert.deepEqual(lost, [], "what others wrote is saved over only once it was seen");
      }
      if (name === "publish") assert.equal(json(this.store.published.at(-1)), json(this.document), "what is published is what is shown");
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      question.error = error;
    }
    this.answers.push(question);
  }

  // The first answer comes.
  hear() {
    const question = this.answers.shift();
    if (question === undefined) return;
    const { to, answer, error, number } = question;
    if (to === "told") {
      if (number === this.#checks) this.send({ kind: "told", standing: answer.standing });
      else this.#check();
    } else if (to === "dialog" && error) this.dialog.error = error;
    else if (to === "dialog") this.#answer(answer);
    else if (to === "replanned" && error) this.dialog.error = error;
    else if (to === "replanned") {
      this.send({ kind: "replanned", answer });
      this.dialog.error = this.machine.refusal(this.shown);
      this.dialog.plan = answer;
    } else if (error) this.send({ kind: "failed", to, error });
    else {
      if (to !== "saved") this.#stale = false;
      this.#coming = (answer.draft ?? answer).digest ?? null;
      this.send(to === "opened" ? { kind: "opened", answer } : { kind: "answered", to, answer });
      this.#coming = null;
    }
  }

  // Until nothing is under way.
  settle() {
    while (this.sent.length || this.answers.length) {
      this.work();
      this.hear();
    }
  }

  // Steps of who writes

  type(more = `t${++this.#count}`, { anew = false, into = "text" } = {}) {
    const before = this.document;
    this.document = { ...before, [into]: anew ? more : `${before[into]} ${more}`.trim() };
    for (const one of without(tokens(before), tokens(this.document))) this.released.add(one);
    for (const one of tokens(more)) this.typed.add(one);
    this.send({ kind: "typed" });
    return more;
  }

  write(result) {
    const gone = without(tokens(this.result), tokens(result, this.document));
    for (const one of gone) this.released.add(one);
    for (const one of tokens(result)) this.typed.add(one);
    this.result = result;
    this.send({ kind: "written" });
  }

  get token() {
    return `t${++this.#count}`;
  }

  rest() {
    this.timer = false;
    this.send({ kind: "rested" });
  }

  get settled() {
    return this.drawn !== null && !this.result?.includes("<<<");
  }

  restore(id) {
    this.ask("restore", { id });
  }

  discard(id) {
    for (const one of tokens(this.offers.get(id))) this.released.add(one);
    this.#dropping = true;
    this.send({ kind: "discarded", id });
    this.#dropping = false;
    this.offers.delete(id);
  }

  confirm() {
    this.dialog.error = this.machine.refusal(this.shown);
    if (!this.dialog.error) this.#send({ name: "publish", args: { plan: this.dialog.plan.plan }, to: "dialog" });
  }

  replan() {
    this.#send({ name: "plan_publish", args: { bump: "minor" }, to: "replanned" });
  }

  cancel() {
    this.#answer(null);
  }

  #answer(answer) {
    const { to } = this.dialog;
    this.dialog = null;
    this.send({ kind: "answered", to, answer });
  }

  close() {
    for (const [id, record] of this.offers) if (id.includes("loose")) for (const one of tokens(record)) this.released.add(one);
    this.send({ kind: "leaving", alive: true });
    this.send({ kind: "closed" });
    this.closed = true;
  }

  // Steps of others

  change() {
    if (this.store.at === null) return;
    const { drafts, at } = this.store;
    this.store.put(at, { ...drafts.get(at), text: `${drafts.get(at).text} o${++this.#count}` });
  }

  revert() {
    if (this.store.at !== null) this.store.put(this.store.at, this.store.saved[0]);
  }

  describe() {
    if (this.store.at === null) return;
    const { drafts, at } = this.store;
    this.store.put(at, { ...drafts.get(at), description: `o${++this.#count}` });
  }

  rename() {
    const { drafts, at } = this.store;
    if (at === null) return;
    this.store.at = `${ADDRESS}-${++this.#count}`;
    drafts.set(this.store.at, drafts.get(at));
    drafts.delete(at);
  }

  remove() {
    this.store.drafts.delete(this.store.at);
    this.store.at = null;
  }

  // Another writer leaves a text behind: of the draft of then, or two changes that were settled.
  leave({ conflict = false } = {}) {
    const document = { ...this.store.saved.at(-1), text: `left ${this.token}` };
    for (const one of tokens(document)) this.typed.add(one);
    const id = `other${++this.#count}`;
    const said = { expect: this.over, removed: false, whole: false, base: "one", ours: document.text, theirs: "other" };
    const open = conflict ? { said, result: `${document.text} ${this.token}` } : null;
    for (const one of tokens(open)) this.typed.add(one);
    const record = { document, base: this.over, values: {}, prompt: "p", conflict: open, at: "2026-01-01T12:00:00Z" };
    const full = this.full;
    this.full = false;
    this.storage.setItem(json(["anvil-unsaved", PLACE, this.machine.address, id]), json(record));
    this.full = full;
    this.send({ kind: "gone", id });
    return id;
  }

  // What must never be

  get kept() {
    return Array.from({ length: this.storage.length }, (_, at) => [this.storage.key(at), this.storage.getItem(this.storage.key(at))]);
  }

  // Nothing that was typed is gone but by the word of who typed it.
  look() {
    const { document, result, offers, store, machine } = this;
    const there = tokens(this.closed ? null : [document, result, [...offers.values()], machine.conflict, machine.composed], this.kept, store.saved);
    assert.deepEqual(without(this.typed, there).filter((one) => !this.released.has(one)), [], "what was typed is still there");
    if (this.drawn) {
      assert.equal(machine.conflict, this.drawn);
      assert.equal(json([this.drawn, this.document]), this.under, "all sides of two changes are there as they were");
    } else assert.equal(machine.conflict, null);
    if (!this.#refused && !this.timer && !this.closed) {
      if (this.drawn) assert.deepEqual(JSON.parse(this.kept.find(([key]) => JSON.parse(key).at(-1) === this.writer)[1]).conflict.said, this.drawn);
      const safe = tokens(this.kept, store.saved);
      assert.deepEqual(without(tokens(document, this.result), safe).filter((one) => this.typed.has(one)), [], "what stands there is kept");
    }
  }

  // The record of another goes only when it is thrown away, or its text is somewhere else by then.
  #leaves(key) {
    const value = this.storage.getItem(key);
    if (value === null || this.#dropping || JSON.parse(key).at(-1) === this.writer) return;
    const others = this.kept.filter(([one]) => one !== key);
    assert.deepEqual(without(tokens(value), tokens(others, this.store.saved)).filter((one) => this.typed.has(one) && !this.released.has(one)), [],
      "what is restored is kept before the record goes");
  }
}
