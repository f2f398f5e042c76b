import assert from "node:assert/strict";
import { test } from "node:test";
import { Forest, step, typed } from "../src/parts/forest.js";
import { publishedTree } from "../src/parts/published.js";
import { gathered } from "../src/parts/saving.js";

const sets = [["desk/emails", [["1.0.0", 1], ["1.1.0", 2]], 1], ["desk/notes", [["2.0.0", 1]], 0], ["shop/mail", [["1.0.0", 1]], 0]];
const names = [["desk/emails", ["bye", "welcome"], [[1], null]], ["desk/notes", ["todo"], [null]], ["shop/mail", ["order"], [null]]];
const forest = () => new Forest(publishedTree(sets, names));
const ids = (rows) => rows.map((one) => one.id);

test("a tree shows its roots, and what is in those that are open", () => {
  const one = forest();
  assert.deepEqual(ids(one.rows()), ["desk", "shop"]);
  one.setOpen(one.get("desk"), true);
  assert.deepEqual(ids(one.rows()), ["desk", "desk/emails", "desk/notes", "shop"]);
});

test("a set with some of its versions chosen is mixed, and so is its project", () => {
  const one = forest();
  one.toggle("desk/emails@1.0.0");
  assert.equal(one.get("desk/emails").checked, "mixed");
  assert.equal(one.get("desk").checked, "mixed");
  assert.deepEqual(one.chosen(), ["desk/emails@1.0.0"]);
});

test("what is chosen is named by the fewest addresses", () => {
  const one = forest();
  one.toggle("desk/emails@1.0.0");
  one.toggle("desk/emails/bye@1.1.0");
  one.toggle("desk/emails/welcome@1.1.0");
  assert.deepEqual(one.chosen(), ["desk/emails"]);
  one.toggle("desk");
  assert.deepEqual(one.chosen(), ["desk"]);
  one.toggle("desk");
  assert.deepEqual(one.chosen(), []);
});

test("a search shows what it found and what that is in, and a box then takes only that", () => {
  const one = forest();
  one.filter("WELCOME");
  assert.deepEqual(ids(one.rows()),
    ["desk", "desk/emails", "desk/emails@1.1.0", "desk/emails/welcome@1.1.0", "desk/emails@1.0.0", "desk/emails/welcome@1.0.0"]);
  assert.equal(one.matches, 2);
  one.toggle("desk");
  one.filter("");
  assert.deepEqual(one.chosen(), ["desk/emails/welcome@1.1.0", "desk/emails@1.0.0"]);
});

test("a search for a set shows all that is in it", () => {
  const one = forest();
  one.filter("notes");
  assert.deepEqual(ids(one.rows()), ["desk", "desk/notes"]);
  one.setOpen(one.get("desk/notes"), true);
  one.setOpen(one.get("desk/notes@2.0.0"), true);
  assert.deepEqual(ids(one.rows()), ["desk", "desk/notes", "desk/notes@2.0.0", "desk/notes/todo@2.0.0"]);
});

test("names that come later leave what was chosen before", () => {
  const one = new Forest(publishedTree(sets));
  one.toggle("desk/emails@1.1.0");
  one.filter("shop");
  one.put(publishedTree(sets, names));
  assert.deepEqual(one.chosen(), ["desk/emails@1.1.0"]);
  assert.equal(one.get("desk/emails/bye@1.1.0").checked, true);
});

test("keys go through the rows, open, shut, and go to the parent", () => {
  const one = forest();
  one.setOpen(one.get("desk"), true);
  const rows = one.rows();
  const open = (node) => one.isOpen(node);
  assert.deepEqual(step("End", rows, 0, open), { at: 3 });
  assert.deepEqual(step("ArrowRight", rows, 0, open), { at: 1 });
  assert.equal(step("ArrowRight", rows, 1, open).open.id, "desk/emails");
  assert.deepEqual(step("ArrowLeft", rows, 2, open), { at: 0 });
  assert.equal(step("ArrowLeft", rows, 0, open).shut.id, "desk");
  assert.equal(step("x", rows, 0, open), null);
});

test("letters lead to the next row that begins so, around the end", () => {
  const rows = forest().rows();
  assert.equal(typed("s", rows, 0), 1);
  assert.equal(typed("d", rows, 1), 0);
  assert.equal(typed("z", rows, 1), 1);
});

test("only the version that Python calls the latest is shown of each set on request", () => {
  const some = [["a/b", [["1.0.0", 1], ["1.1.0", 1], ["2.0.0-rc.1", 1]], 1], ["a/c", [["1.0.0-rc.1", 1]], null]];
  const found = publishedTree(some, [["a/b", ["x", "y"], [[0], [1], [0]]], ["a/c", ["z"], [null]]], { latest: true });
  assert.deepEqual(found[0].children.map((one) => [one.id, one.note]), [["a/b", "1 version"]]);
  assert.deepEqual(found[0].children[0].children.map((one) => one.id), ["a/b@1.1.0"]);
  assert.deepEqual(found[0].children[0].children[0].children.map((one) => one.id), ["a/b/y@1.1.0"]);
});

test("ten thousand prompts are searched within a tenth of a second", () => {
  const many = Array.from({ length: 100 }, (_, at) => [`p${at % 10}/s${at}`, [["1.0.0", 100]], 0]);
  const all = many.map(([address]) => [address, Array.from({ length: 100 }, (_, at) => `prompt-${at}`), [null]]);
  const one = new Forest(publishedTree(many, all));
  const start = performance.now();
  one.filter("prompt-77");
  one.rows();
  assert.ok(performance.now() - start < 100);
  assert.equal(one.matches, 100);
});

test("a file comes in parts and is put together in order", async () => {
  const file = new TextEncoder().encode("abcdefghij");
  const shares = [];
  const fetch = async (start) => ({ buffers: [new DataView(file.buffer, start, Math.min(4, file.length - start))] });
  const blob = await gathered(fetch, file.length, { told: (share) => shares.push(share) });
  assert.equal(await blob.text(), "abcdefghij");
  assert.deepEqual(shares, [0.4, 0.8, 1]);
});

test("a file that was cut off meanwhile is no download", async () => {
  await assert.rejects(gathered(async () => ({ buffers: [new ArrayBuffer(0)] }), 10), { code: "moved" });
});
