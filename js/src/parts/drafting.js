// Results of conflicts as they are written: what was taken, and what was written since.

export class Drafts {
  #written; // not taken yet, by the key of the conflict: texts by name
  #taken = new Map(); // what Python has, by key
  #dropped = new Set(); // the keys at which nothing is left to take, by what was done here

  constructor(...kept) {
    this.#written = new Map(kept.flatMap((one) => Object.entries(one ?? {})));
  }

  get(key) {
    return this.#written.get(key);
  }

  has(key) {
    return this.#written.has(key);
  }

  // Something was written: nothing is left to take where it is what was taken.
  write(key, texts) {
    if (same(this.#taken.get(key), texts)) this.drop(key);
    else this.put(key, { ...texts });
  }

  // Texts were taken; what was written since they were sent stays.
  take(key, texts) {
    this.#taken.set(key, { ...texts });
    if (same(this.#written.get(key), texts)) this.drop(key);
  }

  // Python told what was decided on a conflict: these texts, or none.
  learn(key, texts) {
    if (texts) this.#taken.set(key, { ...texts });
    else this.#taken.delete(key);
  }

  // Something else was decided, or nothing: what was taken is there to go on with.
  give(key) {
    const taken = this.#taken.get(key);
    this.#taken.delete(key);
    if (taken && !this.#written.has(key)) this.put(key, taken);
  }

  drop(key) {
    this.#written.delete(key);
    this.#dropped.add(key);
  }

  put(key, texts) {
    this.#written.set(key, texts);
    this.#dropped.delete(key);
  }

  // What the browser is to keep over what it keeps: what another page has written is not ours to
  // take away.
  keptOver(stored) {
    const others = Object.entries(stored ?? {}).filter(([key]) => !this.#dropped.has(key));
    return { ...Object.fromEntries(others), ...Object.fromEntries(this.#written) };
  }

  get kept() {
    return this.keptOver(null);
  }
}

function same(one, other) {
  return one !== undefined && JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}
