import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./world.js";

const draft = (world) => world.store.document.text;
const texts = (world) => [...world.offers.values()].map((one) => one.conflict?.result ?? one.document.text);
const offer = (world, at = 0) => [...world.offers.keys()].at(at);
const since = (world, action) => {
  const before = world.acts.length;
  action();
  return world.acts.slice(before);
};

// A world in which somebody typed "mine" over a draft that was changed to "theirs", and saved it.
function clashed() {
  const world = new World();
  world.type("mine", { anew: true });
  world.store.put(world.store.at, { ...world.store.document, text: "theirs" });
  world.ask("save");
  world.settle();
  return world;
}

test("what is typed is unsaved until it is saved, and kept as long", () => {
  const world = new World();
  assert.deepEqual([world.status.badge, world.status.unsaved, world.status.publish], ["✓ Saved", false, "Publish…"]);
  world.type("two");
  assert.deepEqual([world.status.badge, world.status.unsaved, world.status.publish], ["● Unsaved", true, "Save and publish…"]);
  world.rest();
  assert.equal(world.kept.length, 1);
  world.ask("save");
  assert.equal(world.machine.said, "Saving…");
  world.settle();
  assert.deepEqual([draft(world), world.status.badge, world.machine.said, world.kept], ["one two", "✓ Saved", "Saved.", []]);
  world.ask("save");
  world.settle();
  assert.equal(world.machine.said, "Nothing had changed.");
});

test("a save that is asked for while another is under way waits, and takes what stands there by then", () => {
  const world = new World();
  world.type("two");
  world.ask("save");
  world.type("three");
  assert.deepEqual(since(world, () => world.ask("save")), ["clear"]);
  world.ask("save");
  assert.equal(world.sent.filter(({ name }) => name === "save").length, 1);
  world.settle();
  assert.deepEqual([draft(world), world.store.saved.map((one) => one.text)], ["one two three", ["one", "one two", "one two three"]]);
});

test("one that is refused tells whoever asked for it, and holds up none", () => {
  const world = new World();
  world.type("two");
  world.ask("save");
  world.ask("save");
  while (!world.errors.length) {
    world.work("refused");
    world.hear();
  }
  assert.equal(world.machine.said, "Saving…", "the next has begun");
  world.settle();
  assert.deepEqual([draft(world), world.machine.said], ["one two", "Saved."]);
});

test("what was asked for twice is done once", () => {
  const world = new World();
  for (const what of ["publish", "publish"]) world.ask(what);
  assert.deepEqual(world.sent.filter(({ to }) => to !== "told").map(({ name }) => name), ["plan_publish"]);
  world.settle();
  world.ask("publish");
  assert.ok(world.dialog);
  world.confirm();
  world.settle();
  assert.deepEqual([world.store.published.length, world.machine.said], [1, "Published desk/emails@1.0.0."]);
  world.ask("publish");
  world.settle();
  assert.match(world.machine.said, /^Nothing to publish/);
});

test("two changes are settled, and the result is saved", () => {
  const world = clashed();
  assert.deepEqual([world.drawn.base, world.drawn.ours, world.drawn.theirs, world.focus], ["one", "mine", "theirs", "conflict"]);
  assert.deepEqual(since(world, () => world.ask("publish")), ["clear", "then"], "nothing else is done under it");
  world.write("mine and theirs");
  world.rest();
  world.ask("settle");
  world.settle();
  assert.deepEqual([draft(world), world.document.text, world.drawn, world.focus], ["mine and theirs", "mine and theirs", null, "text"]);
});

test("what differs in more than the text is settled with its frontmatter", () => {
  const world = new World();
  world.type("kind", { into: "description" });
  world.store.put(world.store.at, { ...world.store.document, text: "theirs" });
  world.ask("save");
  world.settle();
  assert.equal(world.drawn.ours, "---kind---\none");
  world.write("---kind---\ntheirs");
  world.ask("settle");
  world.settle();
  assert.deepEqual([world.store.document.text, world.store.document.description], ["theirs", "kind"]);
});

test("a result that was left for the text is there again, and is offered once the text is another", () => {
  const world = clashed();
  world.write("a result");
  world.ask("leave");
  assert.deepEqual([world.document.text, world.focus, world.kept.length], ["mine", "text", 1]);
  world.ask("save");
  world.settle();
  assert.equal(world.result, "a result");
  world.ask("leave");
  world.type("and more");
  world.rest();
  assert.deepEqual([texts(world), world.kept.length], [["a result"], 2]);
  world.ask("save");
  world.settle();
  assert.deepEqual([world.drawn.ours, world.result.includes("a result")], ["mine and more", false]);
});

test("who goes back while the result is saved finds it saved", () => {
  const world = clashed();
  world.write("a result");
  world.ask("settle");
  world.ask("leave");
  world.settle();
  assert.deepEqual([world.document.text, draft(world), world.status.badge, world.drawn], ["a result", "a result", "✓ Saved", null]);
});

test("what is written on a result while it is saved stays", () => {
  const world = clashed();
  world.write("a result");
  world.ask("settle");
  world.write("a result and more");
  world.settle();
  assert.deepEqual([draft(world), world.document.text, world.status.badge], ["a result", "a result and more", "● Unsaved"]);
});

test("a result is offered when the prompt is gone by the time it is saved, and the text is there to be saved again", () => {
  const world = clashed();
  world.write("a result");
  world.store.drafts.clear();
  world.store.at = null;
  world.ask("settle");
  world.settle();
  assert.deepEqual([world.drawn.removed, texts(world)], [true, ["a result"]]);
  world.ask("settle");
  world.settle();
  assert.equal(draft(world), "mine");
});

test("what is typed while two changes are compared is a part of our side", () => {
  const world = new World();
  world.type("mine", { anew: true });
  world.change();
  world.ask("save");
  world.type("and more");
  world.settle();
  assert.equal(world.drawn.ours, "mine and more");
});

test("a look at a newer draft shows it, and what is typed meanwhile is a second change", () => {
  const world = new World();
  world.change();
  world.type("x");
  world.type("one", { anew: true }); // as it was
  world.settle();
  assert.match(world.status.elsewhere, /^The draft was changed elsewhere/);
  world.ask("look");
  world.type("mine");
  world.settle();
  assert.equal(world.drawn.ours, "one mine");
  const other = new World();
  other.change();
  other.send({ kind: "told", standing: other.store.draft().digest });
  other.ask("look");
  other.ask("save"); // there is nothing to save by then
  other.settle();
  assert.deepEqual([other.document.text.startsWith("one o"), other.status.elsewhere, other.focus, other.store.saved.length], [true, "", "text", 2]);
  other.ask("look");
  assert.deepEqual(other.sent, [], "there is nothing to look at");
});

test("a prompt that was renamed is gone on with, and what is kept of it is kept there", () => {
  const world = new World();
  world.leave();
  world.type("mine");
  world.rest();
  world.rename();
  world.ask("save");
  world.settle();
  assert.equal(world.drawn.renamed, world.store.at);
  world.full = true;
  world.ask("follow");
  world.settle();
  assert.deepEqual([world.machine.address, world.drawn], [world.store.at, null]);
  const places = () => world.kept.map(([key]) => JSON.parse(key)).filter((key) => key.at(-1) === world.writer).map((key) => key[2]);
  assert.deepEqual(places(), ["desk/emails/welcome"], "until it is kept where it is now");
  world.full = false;
  world.type("more");
  world.rest();
  assert.deepEqual(places(), [world.store.at]);
  world.discard(offer(world));
  assert.equal(world.kept.length, 1, "what was offered is thrown away where it was kept");
  world.ask("save");
  world.settle();
  assert.equal(draft(world), "one mine more");
});

test("a restore waits for a save, and the text is of the draft it was typed over", () => {
  const world = new World();
  world.leave();
  world.change();
  world.send({ kind: "told", standing: world.store.draft().digest });
  world.ask("look");
  world.settle();
  world.type("mine");
  world.ask("save");
  world.restore(offer(world));
  assert.ok(world.document.text.endsWith("mine"));
  world.settle();
  assert.match(world.document.text, /^left/);
  assert.match(world.status.elsewhere, /^The draft was changed elsewhere/);
  world.ask("save");
  world.settle();
  assert.ok(world.drawn);
});

test("a text makes room for one that is restored, and neither goes where the browser keeps nothing", () => {
  const world = new World();
  const left = world.leave();
  world.full = true;
  world.type("mine");
  world.restore(left);
  assert.deepEqual([world.document.text, world.machine.said], ["one mine", "This browser keeps no unsaved text: save what is here first."]);
  world.type("one", { anew: true }); // as it was
  world.restore(left);
  assert.match(world.document.text, /^left/);
  assert.deepEqual([[...world.offers.keys()], world.kept.length], [[left], 1], "it is kept nowhere else");
  world.full = false;
  world.type("more");
  world.rest();
  world.restore(left);
  assert.deepEqual([texts(world).length, world.kept.length], [1, 2]);
  assert.match(texts(world)[0], /more$/);
});

test("a result makes room too, though the text is saved", () => {
  const world = new World();
  world.change();
  world.ask("save"); // of what was saved
  world.settle();
  world.write("a result");
  world.ask("leave");
  assert.equal(world.status.unsaved, false);
  world.leave();
  world.restore(offer(world));
  assert.deepEqual(texts(world), ["a result"]);
  const other = clashed();
  other.write("a result");
  other.ask("leave");
  other.leave({ conflict: true });
  other.restore(offer(other, -1));
  assert.ok(other.drawn);
  assert.deepEqual(texts(other), ["a result"]);
});

test("a text that says what was saved is of that draft; one of another draft is unsaved, whatever it says", () => {
  const world = new World();
  const left = world.leave();
  world.change();
  world.send({ kind: "told", standing: world.store.draft().digest });
  world.ask("look");
  world.settle();
  world.restore(left);
  const { text } = world.machine.saved;
  world.type(text, { anew: true });
  assert.equal(world.status.badge, "● Unsaved");
  world.revert();
  world.ask("publish");
  world.settle();
  world.confirm();
  world.settle();
  assert.equal(world.store.published[0].text, text);
});

test("what is published is what is shown: typed meanwhile, changed elsewhere, or under the question", () => {
  const world = new World();
  world.type("two");
  world.ask("publish");
  world.type("three");
  world.settle();
  assert.ok(world.dialog);
  world.change();
  world.replan();
  world.settle();
  assert.equal(world.dialog.error.code, "draft-conflict");
  world.cancel();
  assert.equal(world.store.saved.at(-2).text, "one two three");
  const other = new World();
  other.change();
  other.ask("publish");
  other.settle();
  assert.deepEqual([other.dialog, other.errors[0].code], [null, "draft-conflict"]);
  const third = new World();
  third.ask("publish");
  third.type("more"); // while the plan is made
  third.settle();
  assert.equal(draft(third), "one more");
  third.type("x");
  third.confirm();
  assert.match(third.dialog.error.message, /^the text was changed here/);
});

test("nothing is done to a long text until it is there", () => {
  const world = new World("one", { long: true });
  for (const what of ["save", "publish", "look"]) world.ask(what);
  assert.deepEqual(world.sent.map(({ name }) => name), ["open_draft"]);
  world.settle();
  assert.deepEqual([world.document.text, world.machine.opening, draft(world)], ["one", false, "one"]);
  world.ask("save");
  world.settle();
  assert.equal(world.machine.said, "Nothing had changed.");
});

test("frontmatter goes into the form with what was typed meanwhile", () => {
  const world = new World("---kind---\none");
  world.ask("move");
  world.type("two");
  world.settle();
  assert.deepEqual([world.document.text, world.document.description], ["one two", "kind"]);
});

test("what others are at work on is not offered, and what says no more than the draft is dropped", () => {
  const world = new World();
  const left = world.leave();
  world.send({ kind: "here", id: left });
  assert.equal(world.offers.size, 0);
  world.restore(left);
  assert.equal(world.document.text, "one");
  world.send({ kind: "gone", id: left });
  assert.equal(world.offers.size, 1);
  world.restore(left);
  world.ask("save");
  world.settle();
  assert.deepEqual(world.kept, []);
});

test("a view that was left keeps what is typed in it, draws nothing, and does not keep it twice", () => {
  for (const elsewhere of [true, false]) {
    const world = new World();
    world.type("mine");
    if (elsewhere) world.change();
    world.ask("save");
    world.type("and more");
    world.close();
    const [[key]] = world.kept;
    world.storage.removeItem(key); // somebody restored it
    assert.ok(!since(world, () => world.settle()).includes("merge"));
    assert.deepEqual(world.kept, []);
  }
});
