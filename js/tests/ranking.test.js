import assert from "node:assert/strict";
import { test } from "node:test";
import { ranked } from "../src/parts/ranking.js";

const commands = ["Go to desk", "Go to desk/emails", "Delete desk…"].map((label) => ({ label }));
const labels = (text) => ranked(text, commands).map((one) => one.label);

test("a command needs all words, and those that begin so come first", () => {
  assert.deepEqual(labels("desk go"), ["Go to desk", "Go to desk/emails"]);
  assert.deepEqual(labels("del"), ["Delete desk…"]);
  assert.deepEqual(labels("nothing"), []);
});
