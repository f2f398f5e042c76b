// What was typed and not saved, kept by the browser until it is saved or thrown away.

// One writer's keeping of one place. `storage` is a Storage (localStorage), `place` says what is
// written on (store and address), `id` is the writer's own: two windows on one place never write
// over each other. `clock` returns the time in ISO form.
export class Unsaved {
  #storage;
  #prefix;
  #id;
  #clock;

  constructor(storage, place, id, clock = () => new Date().toISOString()) {
    this.#storage = storage;
    this.#prefix = `${JSON.stringify(["anvil-unsaved", ...place]).slice(0, -1)},`;
    this.#id = id;
    this.#clock = clock;
  }

  #key(id) {
    return `${this.#prefix}${JSON.stringify(id)}]`;
  }

  // Keeps a record in place of the one before; returns whether the browser took it.
  keep(record) {
    try {
      this.#storage.setItem(this.#key(this.#id), JSON.stringify({ ...record, at: this.#clock() }));
      return true;
    } catch {
      return false; // full, or forbidden: the page says that nothing is kept
    }
  }

  // Keeps a record beside the writer's own; returns it as `left` does, or null.
  aside(record) {
    const id = `${this.#id}-${Math.random().toString(36).slice(2)}`;
    const whole = { ...record, at: this.#clock() };
    try {
      this.#storage.setItem(this.#key(id), JSON.stringify(whole));
      return { ...whole, id };
    } catch {
      return null;
    }
  }

  drop(id = this.#id) {
    try {
      this.#storage.removeItem(this.#key(id));
    } catch {
      // what cannot be reached was not kept either
    }
  }

  // What other writers left for this place, newest first: [{ id, at, … }].
  left() {
    const found = [];
    try {
      for (let at = 0; at < this.#storage.length; at += 1) {
        const key = this.#storage.key(at);
        if (!key.startsWith(this.#prefix) || key === this.#key(this.#id)) continue;
        const record = readable(this.#storage.getItem(key));
        if (record !== null) found.push({ ...record, id: JSON.parse(key).at(-1) });
      }
    } catch {
      return found;
    }
    return found.sort((one, two) => (one.at < two.at ? 1 : -1));
  }
}

function readable(text) {
  try {
    const record = JSON.parse(text);
    return typeof record?.at === "string" ? record : null;
  } catch {
    return null; // written by something else
  }
}

// The browser's storage, or one that forgets with the page where the page may use none.
export function storageOf(window) {
  try {
    const storage = window.localStorage;
    storage.getItem("");
    return storage;
  } catch {
    const map = new Map();
    return {
      get length() { return map.size; },
      key: (at) => [...map.keys()][at],
      getItem: (key) => map.get(key) ?? null,
      setItem: (key, value) => map.set(key, value),
      removeItem: (key) => map.delete(key),
    };
  }
}
