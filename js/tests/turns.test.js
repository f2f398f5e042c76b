import assert from "node:assert/strict";
import { test } from "node:test";
import { once, turns } from "../src/parts/turns.js";

test("what is asked for while something is under way begins when that has ended", async () => {
  const { turn, started } = turns();
  const said = [];
  let answer;
  const first = turn(async () => {
    said.push("first begins");
    await new Promise((then) => { answer = then; });
    said.push("first ends");
  });
  const second = turn(() => said.push("second"));
  await Promise.resolve();
  assert.deepEqual([said, started()], [["first begins"], true]);
  answer();
  await Promise.all([first, second]);
  assert.deepEqual([said, started()], [["first begins", "first ends", "second"], false]);
});

test("one that fails tells whoever asked for it, and holds up none", async () => {
  const { turn } = turns();
  const failed = turn(() => Promise.reject(new Error("no")));
  const next = turn(() => "done");
  await assert.rejects(failed, /no/);
  assert.equal(await next, "done");
});

test("a double click begins once, and a click after its end again", async () => {
  let count = 0;
  const click = once(async (by) => { count += by; });
  await Promise.all([click(1), click(1)]);
  assert.equal(count, 1);
  await click(2);
  assert.equal(count, 3);
});
