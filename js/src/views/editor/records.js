// What the browser keeps of unsaved text, and what of it is offered; no page is needed.
import { Unsaved } from "../../parts/unsaved.js";
import { same } from "./form.js";

// A record is { document, base, values, prompt, conflict }: what was typed, the draft it was typed
// over, and, as { said, result }, two changes that were being settled, or null. What is offered has
// an `id`, the time `at` which it was kept, and its `place` where that is another address.
//
// `it` is the Machine whose text is kept: by `writer`, as Unsaved does it.
export class Records {
  #it;
  #storage;
  #store;
  #writer;
  #clock;
  #own;
  #behind = []; // where it was kept before, and what stands there until it is kept here
  #offered = new Map(); // by id
  #loose = 0;
  #touched = false; // since it was kept last
  #kept = true; // the browser took it

  constructor(it, { storage, store, writer, clock = () => new Date().toISOString() }) {
    [this.#it, this.#storage, this.#store, this.#writer, this.#clock] = [it, storage, store, writer, clock];
    this.#own = this.#at(it.address);
  }

  #at(address) {
    return new Unsaved(this.#storage, [this.#store, address], this.#writer, this.#clock);
  }

  // What stands in the editor and is not saved; null for nothing.
  get record() {
    const { composed, conflict: said, shown: { document, values, result }, base, prompt, dirty } = this.#it;
    if (composed) return composed;
    return dirty || said ? { document, base, values, prompt, conflict: said && { said, result } } : null;
  }

  // What is kept

  touch() {
    this.#touched = true;
  }

  keep() {
    this.#part();
    this.#touched = false;
    const { record } = this;
    if (record && this.#it.closed) return; // it was kept when it was left
    this.#kept = this.#put(record);
    if (!this.#kept) this.#it.said = "This browser keeps no unsaved text: save often.";
  }

  keepTouched() {
    if (this.#touched) this.keep();
  }

  // Somebody may have thrown away what is kept of a text that is still being written. One whose
  // kernel is gone was offered to others, and does not come again.
  leaving({ alive }) {
    if (this.#touched || (alive && this.record)) this.keep();
  }

  #put(record) {
    if (record === null) this.#own.drop();
    else if (!this.#own.keep(record)) return false;
    for (const one of this.#behind.splice(0)) one.drop();
    return true;
  }

  // Goes on at the Machine's new address: what is offered stays where it was.
  follow(before) {
    const place = [this.#store, before];
    for (const [id, one] of this.#offered) if (!one.place) this.#offered.set(id, { ...one, place });
    this.#behind.push(this.#own);
    this.#own = this.#at(this.#it.address);
    this.keep();
  }

  // What is offered

  // Once the text is written on, the result that was left for it is offered in its turn.
  #part() {
    const { composed, shown } = this.#it;
    if (!composed || same(shown.document, composed.document)) return;
    this.aside(composed);
    this.#it.composed = null;
  }

  // Offers a record; where the browser refuses to keep it, it is there as long as the page is.
  aside(record = this.record) {
    this.#offer(this.#own.aside(record) ?? { ...record, at: this.#clock(), id: `${this.#writer}-loose-${++this.#loose}` });
  }

  // What stands here makes room for another text, if it is kept; returns whether it may go.
  makeRoom() {
    this.#part();
    const { record } = this;
    if (record === null) return true;
    const made = this.#own.aside(record);
    if (made === null) return false;
    this.#offer(made);
    this.#it.composed = null;
    return true;
  }

  // Offers what others left, under another name of the prompt too; `only` is of one that left it
  // just now. What says no more than the draft is dropped.
  offerLeft(only = null) {
    const { prompt, saved } = this.#it;
    for (const record of this.#own.left([this.#store], (one) => prompt !== null && one.prompt === prompt)) {
      if (only !== null && record.id !== only) continue;
      if (same(record.document, saved) && !record.conflict) this.#own.drop(record.id, record.place);
      else this.#offer(record);
    }
  }

  #offer(record) {
    this.#offered.set(record.id, record);
    this.#it.do("offer", record);
  }

  offered(id) {
    return this.#offered.get(id) ?? null;
  }

  // Somebody is at work on it.
  withdraw(id) {
    this.#offered.delete(id);
    this.#it.do("withdraw", id);
  }

  discard(id) {
    const place = this.#offered.get(id)?.place;
    this.#own.drop(id);
    if (place) this.#own.drop(id, place);
    this.#offered.delete(id);
  }

  // What was offered stands here, and goes once it is kept here.
  took(id) {
    if (!this.#kept) return;
    this.discard(id);
    this.#it.do("withdraw", id);
  }
}
