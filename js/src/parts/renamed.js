// What was typed and not saved follows what it was typed for to another address.
const KIND = "anvil-unsaved"; // as unsaved.js writes it

// Moves all that is kept in `storage` for `from`, and for what is in it, to `to`. What a full
// storage does not take stays where it was.
export function renamed(storage, store, from, to) {
  const keys = [];
  for (let at = 0; at < storage.length; at += 1) keys.push(storage.key(at));
  for (const key of keys) {
    const [kind, place, address, id] = parts(key);
    if (kind !== KIND || place !== store || (address !== from && !address.startsWith(`${from}/`))) continue;
    try {
      storage.setItem(JSON.stringify([kind, place, to + address.slice(from.length), id]), storage.getItem(key));
      storage.removeItem(key);
    } catch {
      return;
    }
  }
}

function parts(key) {
  try {
    const found = JSON.parse(key);
    return Array.isArray(found) && found.length === 4 && found.every((one) => typeof one === "string") ? found : [];
  } catch {
    return []; // written by something else
  }
}
