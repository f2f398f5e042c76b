import assert from "node:assert/strict";
import { test } from "node:test";
import { Pages } from "../src/parts/pages.js";

const page = (start) => ({ start, count: 100, rows: Array.from({ length: 10 }, (_, at) => start + at) });

test("a page is fetched once, however many of its rows are wanted", async () => {
  const asked = [];
  const pages = new Pages(10, async (start) => (asked.push(start), page(start)));
  pages.begin(page(0));
  await Promise.all([pages.want(23), pages.want(25), pages.want(20)]);
  assert.deepEqual(asked, [20]);
  assert.equal(pages.get(23), 23);
});

test("what comes for the list before is left", async () => {
  let answer;
  const pages = new Pages(10, () => new Promise((resolve) => (answer = resolve)));
  pages.begin(page(0));
  const late = pages.want(20);
  pages.begin({ start: 0, count: 1, rows: ["new"] });
  answer(page(20));
  await late;
  assert.equal(pages.get(20), undefined);
  assert.equal(pages.get(0), "new");
});

test("a page that failed is asked for again", async () => {
  let works = false;
  const pages = new Pages(10, async (start) => (works ? page(start) : undefined));
  pages.begin(page(0));
  await pages.want(10);
  works = true;
  await pages.want(10);
  assert.equal(pages.get(10), 10);
});
