import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, Channel } from "../src/channel.js";
import { Model } from "./model.js";

test("a call resolves to what Python answers to it, whatever comes between", async () => {
  const model = new Model();
  const channel = new Channel(model, 0);
  const first = channel.call(0, "one");
  const second = channel.call(0, "two");
  model.receive({ to: 0, id: 2, ok: "second" });
  model.receive({ to: 0, id: 1, ok: "first" });
  assert.deepEqual([await first, await second], ["first", "second"]);
});

test("an error of Python's rejects with its code and its hint", async () => {
  const channel = new Channel(new Model(({ id }, reply) => reply({ to: 0, id, error: { code: "not_found", message: "no", hint: "ls" } })));
  await assert.rejects(channel.call(0, "get"), (error) => error instanceof CallError && error.code === "not_found" && error.hint === "ls");
});

test("progress is told, and an abort asks Python to cancel", async () => {
  const model = new Model();
  const channel = new Channel(model, 0);
  const said = [];
  const stop = new AbortController();
  const done = channel.call(0, "export", {}, { progress: (one) => said.push(one), signal: stop.signal });
  model.receive({ to: 0, id: 1, progress: { text: "1 of 2", share: 0.5 } });
  stop.abort();
  model.receive({ to: 0, id: 1, error: { code: "cancelled", message: "cancelled" } });
  await assert.rejects(done);
  assert.deepEqual(said, [{ text: "1 of 2", share: 0.5 }]);
  assert.equal(model.sent[1].cancel, true);
});

test("when the kernel is gone, calls that wait and later calls fail at once", async () => {
  const channel = new Channel(new Model(), 0);
  const waiting = channel.call(0, "get");
  channel.end();
  await assert.rejects(waiting, { code: "gone" });
  await assert.rejects(channel.call(0, "get"), { code: "gone" });
});

test("events reach those who listen to that view, until they stop", () => {
  const model = new Model();
  const channel = new Channel(model, 0);
  const heard = [];
  const stop = channel.on(1, "moved", (value) => heard.push(value));
  model.receive({ to: 0, event: "moved", value: "other view" });
  model.receive({ to: 1, event: "moved", value: "ours" });
  stop();
  model.receive({ to: 1, event: "moved", value: "too late" });
  assert.deepEqual(heard, ["ours"]);
});

test("two pages of one model take no answer for their own that is the other's", async () => {
  const model = new Model();
  const [one, other] = [new Channel(model), new Channel(model)];
  const asked = [one.call(0, "save"), other.call(0, "generation")];
  const [save, generation] = model.sent;
  assert.notEqual(save.id, generation.id);
  model.receive({ to: 0, id: save.id, ok: "saved" });
  model.receive({ to: 0, id: generation.id, ok: "7" });
  assert.deepEqual(await Promise.all(asked), ["saved", "7"]);
});
