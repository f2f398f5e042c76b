import assert from "node:assert/strict";
import { test } from "node:test";
import { Unsaved, storageOf } from "../src/parts/unsaved.js";

const PLACE = ["/store.duckdb", "desk/emails/welcome"];
const storage = () => storageOf({}); // one without a browser
const at = (time) => () => time;

test("what one writer kept is offered to the next, newest first", () => {
  const kept = storage();
  new Unsaved(kept, PLACE, "a", at("12:30")).keep({ text: "older" });
  new Unsaved(kept, PLACE, "b", at("12:31")).keep({ text: "newer" });
  const found = new Unsaved(kept, PLACE, "c").left();
  assert.deepEqual(found, [{ text: "newer", at: "12:31", id: "b" }, { text: "older", at: "12:30", id: "a" }]);
});

test("two writers on one place do not write over each other", () => {
  const kept = storage();
  const [one, two] = ["a", "b"].map((id) => new Unsaved(kept, PLACE, id, at("12:30")));
  one.keep({ text: "mine" });
  two.keep({ text: "theirs" });
  two.drop();
  assert.deepEqual(two.left().map((record) => record.text), ["mine"]);
});

test("another prompt, or the same address in another store, is another place", () => {
  const kept = storage();
  new Unsaved(kept, PLACE, "a").keep({ text: "x" });
  assert.deepEqual(new Unsaved(kept, [PLACE[0], `${PLACE[1]}-2`], "b").left(), []);
  assert.deepEqual(new Unsaved(kept, ["/other.duckdb", PLACE[1]], "b").left(), []);
});

test("what was left under another name is offered where the same prompt is now, and dropped there", () => {
  const kept = storage();
  new Unsaved(kept, PLACE, "a").keep({ text: "x", prompt: 1 });
  new Unsaved(kept, PLACE, "b").keep({ text: "y", prompt: 2 });
  new Unsaved(kept, ["/other.duckdb", PLACE[1]], "c").keep({ text: "z", prompt: 1 });
  const renamed = new Unsaved(kept, [PLACE[0], "desk/emails/hello"], "d");
  const look = () => renamed.left([PLACE[0]], (one) => one.prompt === 1);
  const [found, ...more] = look();
  assert.deepEqual([found.text, found.place, more], ["x", PLACE, []]);
  renamed.drop(found.id, found.place);
  assert.deepEqual(look(), []);
});

test("what was restored or thrown away is not offered again", () => {
  const kept = storage();
  new Unsaved(kept, PLACE, "a").keep({ text: "x" });
  const next = new Unsaved(kept, PLACE, "b");
  next.drop("a");
  assert.deepEqual(next.left(), []);
});

test("a storage that is full says so, and what others wrote there is passed over", () => {
  const kept = storage();
  kept.setItem('["anvil-unsaved","/store.duckdb","desk/emails/welcome","x"]', "no JSON");
  kept.setItem("something else", "1");
  const mine = new Unsaved(kept, PLACE, "a");
  assert.deepEqual(mine.left(), []);
  kept.setItem = () => { throw new Error("QuotaExceededError"); };
  assert.equal(mine.keep({ text: "x" }), false);
});

test("what is set aside is offered beside what the writer keeps, also to the next one", () => {
  const kept = storage();
  const writer = new Unsaved(kept, PLACE, "a", at("12:30"));
  writer.keep({ text: "restored" });
  const aside = writer.aside({ text: "typed since" });
  assert.deepEqual([aside.text, aside.at], ["typed since", "12:30"]);
  assert.deepEqual(new Unsaved(kept, PLACE, "b").left().map((one) => one.text).sort(), ["restored", "typed since"]);
  writer.drop(aside.id);
  assert.deepEqual(new Unsaved(kept, PLACE, "b").left().map((one) => one.text), ["restored"]);
});
