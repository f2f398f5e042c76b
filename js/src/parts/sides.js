// The pieces of a difference, arranged: plain data, so that it is tested without a page.

// The rows of a view side by side: { old, new } for lines, either of which may be missing, and
// the fold itself for a fold. In a block of changes, a line stands beside the old line that it
// replaced, which it names by its number as `beside`; the others beside each other in order.
export function pairs(pieces) {
  const made = [];
  let removed = [];
  let added = [];
  const together = (old, fresh) => {
    for (let at = 0; at < Math.max(old.length, fresh.length); at += 1) {
      made.push({ old: old[at] ?? null, new: fresh[at] ?? null, change: (old[at] ?? fresh[at]).change });
    }
  };
  const flush = () => {
    const places = new Map(removed.map((one, at) => [one.old, at]));
    let [before, from] = [0, 0];
    for (const [at, one] of added.entries()) {
      const place = places.get(one.beside) ?? -1;
      if (place < before) continue;
      together(removed.slice(before, place), added.slice(from, at));
      together([removed[place]], [one]);
      [before, from] = [place + 1, at + 1];
    }
    together(removed.slice(before), added.slice(from));
    removed = [];
    added = [];
  };
  for (const piece of pieces) {
    if (piece.kind === "removed") {
      if (added.length > 0) flush();
      removed.push(piece);
    } else if (piece.kind === "added") added.push(piece);
    else {
      flush();
      made.push(piece.kind === "equal" ? { old: piece, new: piece } : piece);
    }
  }
  flush();
  return made;
}

// Numbers the changes from `first` on: neighbouring lines that differ are one. Each line of a
// change is given its number as `change`; returns how many changes there are now. `before` is the
// piece that stands before the first of them.
export function number(pieces, first = 0, before = null) {
  let count = first;
  let inside = before !== null && before.change !== undefined;
  for (const piece of pieces) {
    const differs = piece.kind === "removed" || piece.kind === "added";
    if (differs && !inside) count += 1;
    if (differs) piece.change = count - 1;
    inside = differs;
  }
  return count;
}

// Cuts a list into parts of at most `size`.
export function parts(list, size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
