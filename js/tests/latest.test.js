import assert from "node:assert/strict";
import { test } from "node:test";
import { latest } from "../src/parts/latest.js";

// Timers that go off when the test says so, and questions that are answered so.
function world() {
  const timers = new Map();
  const asked = [];
  const shown = [];
  const failed = [];
  let id = 0;
  const it = latest((value) => new Promise((resolve, reject) => asked.push({ value, resolve, reject })), {
    show: (answer) => shown.push(answer),
    fail: (error) => failed.push(error.message),
    later: (action) => {
      timers.set(++id, action);
      return id;
    },
    never: (one) => timers.delete(one),
  });
  const pass = () => {
    const all = [...timers.values()];
    timers.clear();
    all.forEach((one) => one());
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { it, asked, shown, failed, pass, settled };
}

test("of many changes in a row only the last is asked about", () => {
  const { it, asked, pass } = world();
  for (const value of ["a", "ab", "abc"]) it.soon(value);
  pass();
  assert.deepEqual(asked.map((one) => one.value), ["abc"]);
});

test("an answer to what is out of date is not shown, and the newest is asked next", async () => {
  const { it, asked, shown, pass, settled } = world();
  it.soon("a");
  pass();
  it.soon("ab");
  pass();
  assert.equal(asked.length, 1); // one question at a time
  asked[0].resolve("old");
  await settled();
  assert.deepEqual(shown, []);
  assert.equal(asked[1].value, "ab");
  asked[1].resolve("new");
  await settled();
  assert.deepEqual(shown, ["new"]);
});

test("a failure is told once and does not end the asking", async () => {
  const { it, asked, shown, failed, settled } = world();
  it.now("a");
  asked[0].reject(new Error("gone"));
  await settled();
  it.now("b");
  asked[1].resolve("fine");
  await settled();
  assert.deepEqual([failed, shown], [["gone"], ["fine"]]);
});

test("after the end nothing is asked or shown", async () => {
  const { it, asked, shown, pass, settled } = world();
  it.now("a");
  it.soon("b");
  it.end();
  asked[0].resolve("late");
  pass();
  await settled();
  assert.deepEqual([asked.length, shown], [1, []]);
});
