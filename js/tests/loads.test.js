import assert from "node:assert/strict";
import { test } from "node:test";
import { loads } from "../src/parts/loads.js";
import { Channel } from "../src/channel.js";
import { Model } from "./model.js";

// A window of a browser: each page that is loaded in it has the same storage.
class Window {
  kept = new Map();

  page() {
    const listeners = [];
    return {
      sessionStorage: { getItem: (name) => this.kept.get(name) ?? null, setItem: (name, value) => this.kept.set(name, value) },
      addEventListener: (_, listener) => listeners.push(listener),
      hide: (persisted = false) => listeners.forEach((one) => one({ persisted })),
    };
  }
}

test("a page is one load, however often it is asked", () => {
  const page = new Window().page();
  assert.equal(loads(page), loads(page));
  assert.equal(loads(page)[1], "");
});

test("a page that is loaded again knows the one before it", () => {
  const window = new Window();
  const first = window.page();
  const [load] = loads(first);
  first.hide();
  const [next, gone] = loads(window.page());
  assert.equal(gone, load);
  assert.notEqual(next, load);
});

test("a page that may come back, or a window copied from one that is alive, says nothing is gone", () => {
  const window = new Window();
  const first = window.page();
  loads(first);
  assert.equal(loads(window.page())[1], "");
  first.hide(true);
  assert.equal(loads(window.page())[1], "");
});

test("a page that may keep nothing works", () => {
  const page = { get sessionStorage() { throw new Error("forbidden"); } };
  assert.equal(loads(page)[1], "");
});

test("each message says where it is from", () => {
  const model = new Model();
  const channel = new Channel(model, 0, ["b", "a"]);
  channel.call(0, "names").catch(() => {});
  channel.close(1);
  assert.deepEqual(model.sent.map(({ from }) => from), [["b", "a"], ["b", "a"]]);
});
