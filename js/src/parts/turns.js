// One thing after the other, in the order in which it was asked for.

// Returns turn(action): the action begins when all that was asked for before has ended, however
// that went; `started()` tells whether something is under way.
export function turns() {
  let last = Promise.resolve();
  let left = 0;
  const turn = (action) => {
    left += 1;
    const mine = last.then(action).finally(() => {
      left -= 1;
    });
    last = mine.catch(() => {}); // whoever asked for it is told
    return mine;
  };
  return { turn, started: () => left > 0 };
}

// The action, not begun again while it is under way: a double click is one, and so is Enter twice.
export function once(action) {
  let under = null;
  return (...said) => under ??= Promise.resolve(action(...said)).finally(() => {
    under = null;
  });
}
