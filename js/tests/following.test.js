import assert from "node:assert/strict";
import { test } from "node:test";
import { following } from "../src/parts/following.js";

// Timers that go off when the test says so.
function clock() {
  const running = new Map();
  return {
    setInterval: (action) => running.set(running.size + 1, action).size,
    clearInterval: (timer) => running.delete(timer),
    tick: () => Promise.all([...running.values()].map((action) => action())),
    get running() { return running.size; },
  };
}

test("a kernel that does not answer is asked once", async () => {
  const timers = clock();
  let [asked, answer] = [0, null];
  following({ look: () => new Promise((done) => { asked += 1; answer = done; }), seen: () => true, failed: assert.fail, timers });
  const first = timers.tick();
  await timers.tick();
  await timers.tick();
  assert.equal(asked, 1);
  answer();
  await first;
  timers.tick();
  assert.equal(asked, 2);
});

test("nobody is asked while nobody looks", async () => {
  const timers = clock();
  following({ look: assert.fail, seen: () => false, failed: assert.fail, timers });
  await timers.tick();
});

test("an error is told and the next look may pass, but not when the kernel is gone", async () => {
  const timers = clock();
  const told = [];
  let error = new Error("busy");
  following({ look: () => Promise.reject(error), seen: () => true, failed: (one) => told.push(one.message), timers });
  await timers.tick();
  assert.equal(timers.running, 1);
  error = Object.assign(new Error("gone"), { code: "gone" });
  await timers.tick();
  assert.deepEqual([told, timers.running], [["busy"], 0]);
});

test("it ends when it is told to", () => {
  const timers = clock();
  following({ look: assert.fail, seen: () => true, failed: assert.fail, timers })();
  assert.equal(timers.running, 0);
});
