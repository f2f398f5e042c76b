// What is left to decide in a list of conflicts, each [key, kind, choice]; no page is needed.

// The rows that are listed: places in `rows`, of one kind (or of all, for -1), and only those that
// are left where `open` says so.
export function listed(rows, { kind = -1, open = false } = {}) {
  return rows.map((_, at) => at).filter((at) => (kind < 0 || rows[at][1] === kind) && (!open || !rows[at][2]));
}

// The next place that is left to decide, from `at` on by 1 or -1 and around the end; null for none.
export function step(rows, among, at, by) {
  const left = among.filter((one) => !rows[one][2] && one !== at);
  if (!left.length) return null;
  return by > 0 ? left.find((one) => one > at) ?? left[0] : left.findLast((one) => one < at) ?? left.at(-1);
}

// How many there are of each kind, and how many of them are left.
export function counted(rows, kinds) {
  const found = kinds.map((kind) => ({ kind, all: 0, left: 0 }));
  for (const [, kind, choice] of rows) {
    found[kind].all += 1;
    found[kind].left += choice ? 0 : 1;
  }
  return found;
}

// What a key is called for people: without the kind before it.
export function addressOf(key) {
  return key.replace(/^(name|version|id|dependency):/, "");
}

// What a choice is called on its button.
export function titled(choice) {
  return choice[0].toUpperCase() + choice.slice(1);
}
