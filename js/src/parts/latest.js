// Asks for the latest of what changes fast: one question at a time, the ones between are left out.

// `ask(value)` is called `wait` milliseconds after the last `soon(value)`, or at once by
// `now(value)`; never while an answer is waited for. `show(answer)` and `fail(error)` are called
// only for a value that nothing newer has taken the place of.
export function latest(ask, { show, fail = () => {}, wait = 60, later = setTimeout, never = clearTimeout }) {
  let timer = null;
  let waiting = null; // { value }, not asked yet
  let running = false;
  let number = 0;
  const send = async () => {
    timer = null;
    if (running || waiting === null) return;
    const { value } = waiting;
    const mine = number;
    waiting = null;
    running = true;
    try {
      const answer = await ask(value);
      if (mine === number) show(answer);
    } catch (error) {
      if (mine === number) fail(error);
    } finally {
      running = false;
      if (waiting !== null && timer === null) send();
    }
  };
  const put = (value, after) => {
    waiting = { value };
    number += 1;
    never(timer);
    timer = null;
    if (after === 0) send();
    else timer = later(send, after);
  };
  return {
    soon: (value) => put(value, wait),
    now: (value) => put(value, 0),
    end: () => {
      never(timer);
      number += 1;
      waiting = null;
    },
  };
}
