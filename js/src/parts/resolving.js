// What is known of conflicts, and what is decided on them: everything the page does but draw.
import { Drafts } from "./drafting.js";

const MERGED = "merged";

// The rows that are listed: places in `rows`, of one kind (or of all, for -1), and only those that
// are left where `open` says so. A row is [key, kind, choice, address]; see `addressOf`.
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

// The address of a row: Python says where in the key it begins, or what it is instead.
export function addressOf([key, , , address]) {
  return typeof address === "string" ? address : key.slice(address);
}

// One list of conflicts. `state` is what Python sent, `rows` grows as more of it comes, `at` is the
// place of the one that is open (-1 for none), `shown` are the places that are listed, and
// `drafts` are results that were written and not taken yet. `before` is what the browser kept of the
// plan in whose place this one came.
export class Resolving {
  #filter = {};
  #decided = {}; // as Python had them last
  #offered = {}; // made before in this browser, and neither taken nor forgotten yet

  constructor(state, kept = null, before = null) {
    this.at = -1;
    this.drafts = new Drafts(before?.drafts, kept?.drafts);
    this.#put(state);
    const decisions = kept?.decisions ?? {};
    // Where something is decided already, what was decided before is in it or was thought better of.
    if (Object.keys(decisions).length && state.left === state.total) this.#offered = decisions;
  }

  #put(state) {
    const was = this.key;
    const kind = this.state?.kinds[this.#filter.kind];
    // A copy: other pages of this window may have been given the same one.
    this.state = { ...state };
    this.rows = state.rows.map((one) => [...one]);
    this.at = this.rows.findIndex(([key]) => key === was);
    this.list({ ...this.#filter, kind: state.kinds.indexOf(kind) });
  }

  // What is open

  get key() {
    return this.rows?.[this.at]?.[0];
  }

  get filter() {
    return this.#filter;
  }

  list(filter = this.#filter) {
    this.#filter = { kind: -1, open: false, ...filter };
    this.shown = listed(this.rows, this.#filter);
  }

  // The place of the next one that is left, by 1 or -1; null for none.
  next(by) {
    return step(this.rows, this.shown, this.at, by);
  }

  // The place to begin at: the first that is left, or the first; null for none.
  get first() {
    return this.at >= 0 ? this.at : step(this.rows, listed(this.rows), -1, 1) ?? (this.rows.length ? 0 : null);
  }

  // The place that a key of the keyboard leads to; null for none.
  moved(key) {
    const place = this.shown.indexOf(this.at);
    const last = this.shown.length - 1;
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: last, PageDown: place + 10, PageUp: place - 10 }[key];
    if (to === undefined || last < 0) return null;
    return this.shown[Math.max(0, Math.min(last, to))];
  }

  // What came

  // Takes what a call answered; whether all was put in the place of what was known.
  take({ state, left, changed, number }) {
    if (state) {
      this.#put(state);
      return true;
    }
    Object.assign(this.state, { left, number });
    for (const one of this.rows) if (one[0] in changed) one[2] = changed[one[0]];
    this.list();
    return false;
  }

  // Takes more rows of the list that `rows` is; whether they were of use.
  more(rows, found) {
    if (rows !== this.rows || !found?.length) return false;
    this.rows.push(...found);
    this.list();
    return true;
  }

  get complete() {
    return this.rows.length >= this.state.total;
  }

  // What was written on those that were skipped stays, and so does what was written after a result
  // was taken, where all can be taken back; that of a side that moved comes back.
  applied({ settled, drafts }) {
    const { whole } = this.state;
    const since = new Set(whole ? this.#since().map(([key]) => key) : []);
    for (const key of settled) if (!since.has(key)) this.drafts.drop(key);
    for (const [key, texts] of Object.entries(drafts)) this.drafts.put(key, texts);
  }

  // The rows of results that were written on after they were taken.
  #since() {
    return this.rows.filter(([key, , choice]) => choice === MERGED && this.drafts.has(key));
  }

  // The addresses of those: what was written since is in no plan.
  get untaken() {
    return this.#since().map(addressOf);
  }

  // Whether that is so of the one that is open.
  get written() {
    return this.rows[this.at]?.[2] === MERGED && this.drafts.has(this.key);
  }

  // Whether pages elsewhere have changed something since.
  isBehind(number) {
    return number > this.state.number;
  }

  // What can be done

  get counter() {
    const { left, total } = this.state;
    return total ? `${left.toLocaleString("en")} of ${total.toLocaleString("en")} left` : "No conflicts";
  }

  get canPlan() {
    return this.state.left === 0;
  }

  get canSkip() {
    const { left, total, whole } = this.state;
    return left > 0 && (whole || left < total);
  }

  // Whether there is a plan to see though nothing is in conflict.
  get planned() {
    return !this.rows.length && !this.state.done && this.state.whole;
  }

  // Whether there is something to decide still: what is carried out whole is done then.
  get deciding() {
    const { done, undone, whole } = this.state;
    return this.rows.length > 0 && !(done && !undone && whole);
  }

  get finished() {
    return Boolean(this.state.done) && !this.state.undone && !this.state.left;
  }

  // What is kept

  get offered() {
    return Object.keys(this.#offered).length;
  }

  // Hands over the decisions that were made before.
  get earlier() {
    return this.#offered;
  }

  // They were taken, or forgotten.
  settleEarlier() {
    this.#offered = {};
  }

  // Python's decisions, as they are saved.
  decided(saved) {
    this.#decided = saved;
  }

  // What the browser is to keep, over what it keeps by now; null for nothing.
  keptOver(stored) {
    const all = { decisions: { ...this.#offered, ...this.#decided }, drafts: this.drafts.keptOver(stored?.drafts) };
    return Object.keys(all.decisions).length || Object.keys(all.drafts).length ? all : null;
  }

  get kept() {
    return this.keptOver(null);
  }
}
