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
    this.#prefix = prefixOf(place);
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

  // Drops the writer's own record, or one that another left, there or at another place.
  drop(id = this.#id, place = null) {
    try {
      this.#storage.removeItem(place === null ? this.#key(id) : `${prefixOf(place)}${JSON.stringify(id)}]`);
    } catch {
      // what cannot be reached was not kept either
    }
  }

  // What other writers left for this place, newest first: [{ id, at, … }]. What `also(record)` is
  // true of is among them from whatever place beginning as `within` says: [{ id, place, … }].
  left(within = null, also = () => false) {
    const found = [];
    const around = within === null ? this.#prefix : prefixOf(within);
    try {
      for (let at = 0; at < this.#storage.length; at += 1) {
        const key = this.#storage.key(at);
        if (!key?.startsWith(around) || key === this.#key(this.#id)) continue;
        const record = readable(this.#storage.getItem(key));
        const here = key.startsWith(this.#prefix);
        if (record === null || !(here || also(record))) continue;
        const place = JSON.parse(key).slice(1, -1);
        found.push({ ...record, id: JSON.parse(key).at(-1), ...(here ? {} : { place }) });
      }
    } catch {
      return found;
    }
    return found.sort((one, two) => (one.at < two.at ? 1 : -1));
  }
}

function prefixOf(place) {
  return `${JSON.stringify(["anvil-unsaved", ...place]).slice(0, -1)},`;
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
