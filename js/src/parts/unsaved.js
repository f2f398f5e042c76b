// Text that was typed and not saved, kept by the browser until it is: for a kernel that restarts,
// and a page that is loaded again.

// `storage` is the browser's, or undefined where it has none; `key` names the store and the prompt.
export class Unsaved {
  #storage;
  #key;

  constructor(storage, key) {
    this.#storage = storage;
    this.#key = `anvil unsaved ${key}`;
  }

  // Keeps a document, with the digest that it was begun from. Returns whether it could be kept.
  keep(document, base, now) {
    try {
      this.#storage.setItem(this.#key, JSON.stringify({ document, base, at: now }));
      return true;
    } catch {
      return false; // no storage, or a full one
    }
  }

  // What is kept: { document, base, at }, or null. What cannot be read is no text of ours.
  found() {
    try {
      const kept = JSON.parse(this.#storage.getItem(this.#key));
      return typeof kept?.document?.text === "string" ? kept : null;
    } catch {
      return null;
    }
  }

  forget() {
    try {
      this.#storage.removeItem(this.#key);
    } catch {
      // there is nothing to forget
    }
  }
}

// The same document said in the same words, whatever order it was built in.
export function same(one, other) {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
