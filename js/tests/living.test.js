import assert from "node:assert/strict";
import { test } from "node:test";
import { living } from "../src/parts/living.js";

// Resolves once all of `wanted` was heard.
function hearing(wanted) {
  const heard = new Set();
  let done;
  const all = new Promise((then) => { done = then; });
  const take = (what) => (id) => {
    heard.add(`${id} ${what}`);
    if (wanted.every((one) => heard.has(one))) done(heard);
  };
  return { here: take("here"), gone: take("gone"), all };
}

test("a writer hears of those that are at work, and of the end of one, who answers no more", { timeout: 5000 }, async (t) => {
  const writers = [living("one"), living("two")];
  t.after(() => writers.forEach((one) => one.end()));
  const first = hearing(["one here", "two here"]);
  const ended = hearing(["one gone"]);
  writers.push(living("three", { here: first.here, gone: ended.gone }));
  await first.all;
  writers[0].end();
  await ended.all;
  assert.deepEqual([writers[0].alive(), writers[1].alive()], [false, true]);
  const later = hearing(["two here", "three here"]);
  writers.push(living("four", later));
  assert.ok(!(await later.all).has("one here"));
});

test("where a page may have no channel, nobody is heard of and nothing fails", () => {
  const alone = living("one", {}, () => { throw new Error("forbidden"); });
  assert.equal(alone.alive(), false);
  alone.end();
});
