import assert from "node:assert/strict";
import { test } from "node:test";
import { keeping } from "../src/parts/keeping.js";
import { addressOf, counted, listed, Resolving, step } from "../src/parts/resolving.js";

const ROWS = [["version:a", 0, "", 8], ["name:b", 1, "skip", 5], ["version:c", 0, "", 8], ["version:d", 0, "skip", 8]];
const rows = () => ROWS.map((one) => [...one]);
const stateOf = (more = {}) => ({
  rows: rows(), kinds: ["version", "name"], total: 4, left: 2, whole: true, done: null, undone: false, ...more,
});
const none = { rows: [], kinds: [], total: 0, left: 0 };
const left = () => stateOf({ rows: rows().map(([key, kind, , at]) => [key, kind, "", at]), left: 4 });

test("what is listed is of one kind, or what is left, or all", () => {
  assert.deepEqual(listed(ROWS), [0, 1, 2, 3]);
  assert.deepEqual(listed(ROWS, { kind: 0 }), [0, 2, 3]);
  assert.deepEqual(listed(ROWS, { kind: 0, open: true }), [0, 2]);
});

test("a step goes to what is left, around the end, and nowhere when nothing is", () => {
  const all = listed(ROWS);
  assert.equal(step(ROWS, all, 0, 1), 2);
  assert.equal(step(ROWS, all, 2, 1), 0);
  assert.equal(step(ROWS, all, 0, -1), 2);
  assert.equal(step(ROWS, all, 3, -1), 2);
  assert.equal(step(ROWS, [1, 3], 1, 1), null);
});

test("each kind is counted, with what is left of it", () => {
  assert.deepEqual(counted(ROWS, ["version", "name"]), [{ kind: "version", all: 3, left: 2 }, { kind: "name", all: 1, left: 0 }]);
});

test("an address is where Python says it is", () => {
  assert.deepEqual([["version:desk/a@1.0.0", 0, "", 8], ["skills/mail", 0, "", 0], ["name:x", 0, "", "desk/y"]].map(addressOf),
    ["desk/a@1.0.0", "skills/mail", "desk/y"]);
});

test("one begins at what is left first, and without any at the first", () => {
  assert.equal(new Resolving(stateOf()).first, 0);
  assert.equal(new Resolving(stateOf({ rows: rows().slice(1), total: 3, left: 1 })).first, 1);
  assert.equal(new Resolving(stateOf({ rows: [ROWS[1]], total: 1, left: 0 })).first, 0);
  assert.equal(new Resolving(stateOf(none)).first, null);
});

test("a decision changes its row and the counter, and what is open stays open", () => {
  const all = new Resolving(stateOf());
  all.at = 0;
  assert.equal(all.take({ left: 1, changed: { "version:a": "skip" } }), false);
  assert.deepEqual([all.key, all.rows[0][2], all.counter], ["version:a", "skip", "1 of 4 left"]);
  assert.deepEqual([all.next(1), all.canPlan], [2, false]);
  all.take({ left: 0, changed: { "version:c": "overwrite" } });
  assert.deepEqual([all.next(1), all.canPlan, all.canSkip], [null, true, false]);
});

test("a decided row leaves the list of what is left", () => {
  const all = new Resolving(stateOf());
  all.list({ open: true });
  assert.deepEqual(all.shown, [0, 2]);
  all.take({ left: 1, changed: { "version:a": "skip" } });
  assert.deepEqual(all.shown, [2]);
});

test("another state keeps what is open and the kind that is listed, wherever they stand now", () => {
  const all = new Resolving(stateOf());
  all.at = 2;
  all.list({ kind: 0 });
  const moved = [["id:new", 0, "", 3], ["version:c", 1, "", 8]];
  assert.equal(all.take({ state: stateOf({ rows: moved, kinds: ["id", "version"], total: 2 }) }), true);
  assert.deepEqual([all.key, all.at, all.filter.kind, all.shown], ["version:c", 1, 1, [1]]);
  all.take({ state: stateOf({ rows: moved.slice(0, 1), kinds: ["id"], total: 1, left: 1 }) });
  assert.deepEqual([all.at, all.first, all.filter.kind, all.shown], [-1, 0, -1, [0]]);
});

test("more rows are taken of the list that is there, and of no other", () => {
  const all = new Resolving(stateOf({ total: 5 }));
  const before = all.rows;
  assert.equal(all.complete, false);
  assert.equal(all.more(before, [["version:e", 0, "", 8]]), true);
  assert.deepEqual([all.complete, all.shown.length], [true, 5]);
  all.take({ state: stateOf({ total: 5 }) });
  assert.equal(all.more(before, [["version:e", 0, "", 8]]), false);
  assert.equal(all.more(all.rows, undefined), false);
});

test("keys lead through what is listed and not beyond it", () => {
  const all = new Resolving(stateOf());
  all.list({ kind: 0 });
  all.at = 2;
  const to = (key) => all.moved(key);
  assert.deepEqual(["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp", "x"].map(to), [3, 0, 0, 3, 3, 0, null]);
  all.list({ kind: 1, open: true });
  assert.equal(all.moved("ArrowDown"), null);
});

test("what is carried out whole is planned without conflicts, skipped undecided, and over when it is done", () => {
  const done = { title: "Imported" };
  assert.equal(new Resolving(stateOf(none)).planned, true);
  assert.equal(new Resolving(stateOf({ ...none, done })).planned, false);
  assert.equal(new Resolving(left()).canSkip, true);
  assert.equal(new Resolving(stateOf({ left: 0, done })).deciding, false);
  assert.equal(new Resolving(stateOf({ left: 0, done, undone: true })).deciding, true);
});

test("what is settled one by one is planned once something is decided, and goes on after it is done", () => {
  const single = (more) => new Resolving(stateOf({ whole: false, ...more }));
  assert.equal(single(none).planned, false);
  assert.equal(single({ left: 4 }).canSkip, false);
  assert.equal(single({}).canSkip, true);
  assert.equal(single({ done: { title: "Settled" } }).deciding, true);
  assert.equal(single({ ...none, done: { title: "Settled" } }).deciding, false);
});

test("earlier decisions are offered where nothing is decided, and kept until they are taken or forgotten", () => {
  const kept = { decisions: { "version:a": "skip" }, drafts: { "version:c": { welcome: "Dear" } } };
  const all = new Resolving(left(), kept);
  assert.equal(all.offered, 1);
  assert.deepEqual(all.drafts.get("version:c"), { welcome: "Dear" });
  all.decided({ "version:d": "overwrite" });
  assert.deepEqual(all.kept, { decisions: { "version:a": "skip", "version:d": "overwrite" }, drafts: kept.drafts });
  all.settleEarlier();
  assert.deepEqual(all.kept.decisions, { "version:d": "overwrite" });
  assert.equal(new Resolving(stateOf(), kept).offered, 0, "something is decided here already");
});

test("what is decided now goes before what was decided earlier", () => {
  const all = new Resolving(left(), { decisions: { "version:a": "skip" } });
  all.decided({ "version:a": "overwrite" });
  assert.deepEqual(all.kept.decisions, { "version:a": "overwrite" });
});

test("after it is done, what was written on what was skipped is kept, and what moved comes back", () => {
  const all = new Resolving(stateOf());
  all.drafts.write("version:a", { welcome: "settled" });
  all.drafts.write("version:c", { welcome: "skipped" });
  all.applied({ settled: ["version:a"], drafts: { "version:d": { welcome: "moved" } } });
  assert.deepEqual(all.drafts.kept, { "version:c": { welcome: "skipped" }, "version:d": { welcome: "moved" } });
  assert.equal(new Resolving(stateOf(none)).kept, null);
});

test("all is finished when it was carried out, nothing is left, and it was not taken back", () => {
  const done = { title: "Imported" };
  assert.deepEqual([{ left: 0, done }, { left: 1, done }, { left: 0, done, undone: true }, { left: 0 }].map((one) => new Resolving(stateOf(one)).finished),
    [true, false, false, false]);
});

test("what is kept comes back, and a browser that keeps nothing does no harm", () => {
  const held = new Map();
  const storage = { getItem: (name) => held.get(name) ?? null, setItem: (name, value) => held.set(name, value), removeItem: (name) => held.delete(name) };
  const kept = keeping("one", () => storage);
  assert.equal(kept.get(), null);
  kept.set({ a: 1 });
  assert.deepEqual(kept.get(), { a: 1 });
  kept.forget();
  assert.equal(kept.get(), null);
  const full = keeping("one", () => { throw new Error("no storage"); });
  full.set({ a: 1 });
  assert.equal(full.get(), null);
});

test("what is written on a result after it was taken is told, and outlives an import that can be taken back", () => {
  const merged = { left: 1, changed: { "version:a": "merged" }, number: 1 };
  const all = new Resolving(stateOf());
  all.drafts.write("version:a", { welcome: "Dear" });
  all.drafts.take("version:a", { welcome: "Dear" });
  all.take(merged);
  all.at = 0;
  assert.deepEqual([all.untaken, all.written], [[], false]);
  all.drafts.write("version:a", { welcome: "Dear all" });
  assert.deepEqual([all.untaken, all.written], [["a"], true]);
  all.applied({ settled: ["version:a"], drafts: {} });
  assert.deepEqual(all.drafts.get("version:a"), { welcome: "Dear all" });
  const synced = new Resolving(stateOf({ whole: false }));
  synced.take(merged);
  synced.drafts.write("version:a", { welcome: "Dear all" });
  synced.applied({ settled: ["version:a"], drafts: {} });
  assert.equal(synced.drafts.has("version:a"), false, "another conflict may come at that key");
});

test("what is written while a result is tried stays, and what is taken back can be gone on with", () => {
  const { drafts } = new Resolving(stateOf());
  drafts.write("version:a", { welcome: "sent" });
  drafts.write("version:a", { welcome: "sent, and more" });
  drafts.take("version:a", { welcome: "sent" });
  assert.deepEqual(drafts.get("version:a"), { welcome: "sent, and more" });
  drafts.write("version:a", { welcome: "sent" });
  assert.equal(drafts.has("version:a"), false, "it is what was taken");
  drafts.give("version:a");
  assert.deepEqual(drafts.get("version:a"), { welcome: "sent" });
  drafts.drop("version:a");
  drafts.learn("version:a", { welcome: "loaded" });
  drafts.give("version:a");
  assert.deepEqual(drafts.get("version:a"), { welcome: "loaded" });
});

test("what was written before the plan was made anew is there in the one that came in its place", () => {
  const before = { decisions: { "version:a": "skip" }, drafts: { "version:a": { welcome: "was" }, "version:c": { welcome: "both" } } };
  const all = new Resolving(left(), { drafts: { "version:c": { welcome: "now" } } }, before);
  assert.deepEqual(all.drafts.kept, { "version:a": { welcome: "was" }, "version:c": { welcome: "now" } });
  assert.equal(all.offered, 0, "Python took over the decisions");
});

test("what another page of the browser keeps stays there, but for what was done with it here", () => {
  const stored = { decisions: {}, drafts: { "version:a": { welcome: "theirs" }, "version:c": { welcome: "ours" } } };
  const all = new Resolving(stateOf());
  assert.deepEqual(all.keptOver(stored).drafts, stored.drafts);
  all.drafts.write("version:c", { welcome: "sent" });
  all.drafts.take("version:c", { welcome: "sent" });
  all.drafts.write("version:d", { welcome: "new" });
  assert.deepEqual(all.keptOver(stored).drafts, { "version:a": { welcome: "theirs" }, "version:d": { welcome: "new" } });
});

test("a page knows when another has changed something, and not of its own changes", () => {
  const all = new Resolving(stateOf({ number: 3 }));
  assert.deepEqual([all.isBehind(3), all.isBehind(4)], [false, true]);
  all.take({ left: 1, changed: { "version:a": "skip" }, number: 4 });
  assert.equal(all.isBehind(4), false);
});

test("what one page decides changes nothing that another was given", () => {
  const state = stateOf({ number: 1 });
  const [one, other] = [new Resolving(state), new Resolving(state)];
  one.take({ left: 1, changed: { "version:a": "skip" }, number: 2 });
  assert.deepEqual([other.rows[0][2], other.state.left, other.isBehind(2)], ["", 2, true]);
});
