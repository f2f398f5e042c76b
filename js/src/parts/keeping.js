// What the browser keeps of work that is not done yet: small JSON by name, which may be refused.

// Returns { get, set, forget } for what is kept under `name`; where the browser keeps nothing (it
// is full, or told not to), nothing is kept and nothing fails.
export function keeping(name, storage = () => globalThis.localStorage) {
  const trying = (action) => {
    try {
      return action(storage());
    } catch {
      return null;
    }
  };
  return {
    get: () => trying((place) => JSON.parse(place.getItem(name))),
    set: (value) => trying((place) => place.setItem(name, JSON.stringify(value))),
    forget: () => trying((place) => place.removeItem(name)),
  };
}
