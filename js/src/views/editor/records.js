// What the browser keeps of unsaved text, and what of it is offered here; no page is needed.
import { Unsaved } from "../../parts/unsaved.js";
import { same } from "./form.js";

// A record is { document, base, values, prompt, conflict }: what was typed, the draft it was typed
// over, and, as { said, result }, two changes that were being settled, or null. What is offered has
// an `id`, the time `at` which it was kept, and its `place` where that is another address.
export class Records {
  #storage;
  #store;
  #address;
  #writer;
  #clock;
  #own;
  #behind = []; // where it was kept before, and what stands there until it is kept here
  #loose = 0;
  #offered = new Map(); // by id

  constructor({ storage, store, address, writer, clock = () => new Date().toISOString() }) {
    [this.#storage, this.#store, this.#writer, this.#clock] = [storage, store, writer, clock];
    this.#go(address);
  }

  #go(address) {
    this.#address = address;
    this.#own = new Unsaved(this.#storage, [this.#store, address], this.#writer, this.#clock);
  }

  // Keeps what stands in the editor, which is null when all of it is saved; returns whether the
  // browser took it.
  keep(record) {
    if (record === null) this.#own.drop();
    else if (!this.#own.keep(record)) return false;
    for (const one of this.#behind.splice(0)) one.drop();
    return true;
  }

  // Keeps a record beside that, and offers it; returns it, or null where the browser refused.
  aside(record) {
    const made = this.#own.aside(record);
    if (made) this.#offered.set(made.id, made);
    return made;
  }

  // Offers a record that the browser may refuse: then it is there as long as the page is.
  offer(record) {
    const made = this.aside(record) ?? { ...record, at: this.#clock(), id: `${this.#writer}-loose-${++this.#loose}` };
    this.#offered.set(made.id, made);
    return made;
  }

  offered(id) {
    return this.#offered.get(id) ?? null;
  }

  // Somebody is at work on it, or it is here now, or not wanted.
  withdraw(id) {
    this.#offered.delete(id);
  }

  drop(id) {
    const place = this.#offered.get(id)?.place;
    this.#own.drop(id);
    if (place) this.#own.drop(id, place);
    this.withdraw(id);
  }

  // Offers what others left, under another name of the prompt too; `only` is of one that left it
  // just now. What says no more than the draft is dropped.
  left({ prompt, saved }, only = null) {
    const found = this.#own.left([this.#store], (one) => prompt !== null && one.prompt === prompt).filter(({ id }) => only === null || id === only);
    return found.filter((record) => {
      if (same(record.document, saved) && !record.conflict) {
        this.#own.drop(record.id, record.place);
        return false;
      }
      this.#offered.set(record.id, record);
      return true;
    });
  }

  // Goes on at another address: what is offered stays where it was.
  follow(address) {
    const place = [this.#store, this.#address];
    for (const [id, one] of this.#offered) if (!one.place) this.#offered.set(id, { ...one, place });
    this.#behind.push(this.#own);
    this.#go(address);
  }
}
