import assert from "node:assert/strict";
import { test } from "node:test";
import { renamed } from "../src/parts/renamed.js";
import { Unsaved, storageOf } from "../src/parts/unsaved.js";

const storage = () => storageOf({}); // one without a browser
const left = (kept, store, address) => new Unsaved(kept, [store, address], "z").left().map((one) => one.text);

function written(...places) {
  const kept = storage();
  for (const [at, place] of places.entries()) new Unsaved(kept, place, `w${at}`, () => "12:30").keep({ text: place.join(" ") });
  kept.setItem("another's", "x");
  return kept;
}

test("unsaved text of a prompt that was renamed is offered under the new name alone", () => {
  const kept = written(["/a", "desk/emails/welcome"], ["/a", "desk/emails/welcome-back"], ["/b", "desk/emails/welcome"]);
  renamed(kept, "/a", "desk/emails/welcome", "desk/emails/hello");
  assert.deepEqual(left(kept, "/a", "desk/emails/hello"), ["/a desk/emails/welcome"]);
  assert.deepEqual(left(kept, "/a", "desk/emails/welcome"), []);
  assert.deepEqual(left(kept, "/a", "desk/emails/welcome-back"), ["/a desk/emails/welcome-back"]);
  assert.deepEqual(left(kept, "/b", "desk/emails/welcome"), ["/b desk/emails/welcome"]);
});

test("it follows the set and the project that it is in", () => {
  const kept = written(["/a", "desk/emails/welcome"], ["/a", "desk/emails/bye"], ["/a", "desktop/emails/bye"]);
  renamed(kept, "/a", "desk/emails", "desk/letters");
  renamed(kept, "/a", "desk", "office");
  assert.deepEqual(left(kept, "/a", "office/letters/welcome"), ["/a desk/emails/welcome"]);
  assert.deepEqual(left(kept, "/a", "office/letters/bye"), ["/a desk/emails/bye"]);
  assert.deepEqual(left(kept, "/a", "desktop/emails/bye"), ["/a desktop/emails/bye"]);
});

test("what a full storage does not take stays where it was", () => {
  const kept = written(["/a", "desk/emails/welcome"]);
  kept.setItem = () => { throw new Error("full"); };
  renamed(kept, "/a", "desk", "office");
  assert.deepEqual(left(kept, "/a", "desk/emails/welcome"), ["/a desk/emails/welcome"]);
});
