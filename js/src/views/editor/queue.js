// What is asked for takes its turn: one thing is under way at a time, from the question to the last
// answer, and the next one finds what it left.
import { TURNS } from "./turns.js";

// The turns of the Machine `it`, each { kind, … } and the steps of turns.js. A turn that waits for an
// answer goes on with it by the step that `waits` names.
export class Queue {
  #it;
  #waiting = [];

  constructor(it) {
    this.#it = it;
    this.turn = null; // the one that is under way
  }

  // A turn of two changes is of those that it was asked of, and under them there is no other.
  ask({ what: kind, ...more }) {
    const { again = false, quiet = false, settles = false } = TURNS[kind];
    const asked = [this.turn, ...this.#waiting].some((one) => one?.kind === kind);
    if ((settles && !this.#it.conflict) || (asked && !again)) return; // a double click is one
    if (!quiet) this.#it.do("clear");
    const turn = { ...more, kind, of: settles ? this.#it.conflict : null, waited: this.turn !== null, waits: null };
    if (turn.waited) this.#waiting.push(turn);
    else this.#begin(turn);
  }

  #begin(turn) {
    this.turn = turn;
    if (turn.of === this.#it.conflict) this.step("begin");
    else this.#it.end();
  }

  // Goes on, by a step of the turn.
  step(name, answer) {
    TURNS[this.turn.kind][name](this.#it, this.turn, answer);
  }

  // Python, or a person, answers what the turn waits for.
  answered(to, answer) {
    this.turn.waits = null;
    this.step(to, answer);
  }

  // What was to be answered failed, or a step did.
  failed(to) {
    if (this.turn && [to, null].includes(this.turn.waits)) this.#it.end();
  }

  next() {
    this.turn = null;
    if (this.#waiting.length) this.#begin(this.#waiting.shift());
  }
}
