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

// A list as it is drawn: each row is seen, and what has come draws all of them anew.
async function drawn(pages, rows) {
  let times = 0;
  const draw = () => {
    times += 1;
    if (times < 50) for (const at of rows) pages.see(at, draw);
  };
  draw();
  await new Promise((resolve) => setTimeout(resolve));
  return times;
}

test("a list is drawn anew when what it shows has come", async () => {
  const pages = new Pages(10, async (start) => page(start));
  pages.begin(page(0));
  assert.ok((await drawn(pages, [8, 9, 10, 11])) > 1);
  assert.equal(pages.see(11), 11);
});

test("a list whose rows cannot be fetched asks once, and not for ever", async () => {
  let asked = 0;
  const pages = new Pages(10, async () => { asked += 1; });
  pages.begin(page(0));
  assert.equal(await drawn(pages, [20, 21, 30]), 1);
  assert.equal(asked, 2);
});

test("a row that its page came without is not asked for again and again", async () => {
  let asked = 0;
  const pages = new Pages(10, async (start) => (asked += 1, { start, count: 3, rows: [] }));
  pages.begin(page(0));
  assert.equal(await drawn(pages, [20, 21]), 1);
  assert.equal(asked, 1);
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
