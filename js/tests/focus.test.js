import assert from "node:assert/strict";
import { test } from "node:test";
import { held } from "../src/parts/focus.js";

// A page of controls by name, as far as the focus is concerned.
function pageOf(...names) {
  const page = { body: {}, activeElement: null };
  const control = (name) => ({
    name, textContent: name, tagName: "BUTTON", isConnected: true, disabled: false, hidden: false,
    getAttribute: () => null,
    checkVisibility() { return !this.hidden; },
    focus() { page.activeElement = this; },
  });
  const controls = names.map(control);
  const root = {
    getRootNode: () => page,
    contains: (one) => controls.includes(one),
    querySelectorAll: () => controls.filter((one) => one.isConnected),
  };
  return { page, root, controls, control };
}

test("what was hidden, switched off or taken away while it had the focus hands it on", async () => {
  for (const lose of [(one) => { one.hidden = true; }, (one) => { one.disabled = true; }, (one, page) => { one.isConnected = false; page.activeElement = page.body; }]) {
    const { page, root, controls: [go, other] } = pageOf("Go", "Other");
    go.focus();
    assert.equal(await held(root, async () => { lose(go, page); return "done"; }, () => other), "done");
    assert.equal(page.activeElement, other);
  }
});

test("its like is preferred, also after a failure", async () => {
  const { page, root, controls, control } = pageOf("Go", "Other");
  controls[0].focus();
  const anew = control("Go");
  await assert.rejects(held(root, async () => {
    controls[0].isConnected = false;
    page.activeElement = page.body;
    controls.push(anew);
    throw new Error("no");
  }, () => controls[1]), /no/);
  assert.equal(page.activeElement, anew);
});

test("who has gone elsewhere meanwhile, or was never here, is left there", async () => {
  const { page, root, controls: [go, other] } = pageOf("Go", "Other");
  const elsewhere = {};
  go.focus();
  await held(root, async () => { go.hidden = true; page.activeElement = elsewhere; }, () => other);
  assert.equal(page.activeElement, elsewhere);
  page.activeElement = page.body;
  await held(root, async () => {}, () => other);
  assert.equal(page.activeElement, page.body);
});
