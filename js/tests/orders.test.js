import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./world.js";

// What can be done next, each as often as its weight says.
const STEPS = [
  [9, "type", (w) => free(w) && w.type()],
  [1, "type anew", (w) => free(w) && w.type(w.token, { anew: true })],
  [1, "describe", (w) => free(w) && w.type(w.token, { into: "description" })],
  [1, "type frontmatter", (w) => free(w) && !w.document.text.startsWith("---") && w.type(`---${w.token}---\n${w.document.text}`, { anew: true })],
  [0.2, "type a fault", (w) => free(w) && w.type("{% fault %}")],
  [4, "mend it", (w) => free(w) && w.document.text.includes("{% fault %}") && w.type(w.document.text.replaceAll("{% fault %}", ""), { anew: true })],
  [4, "write a result", (w) => w.result !== null && !w.dialog && w.write(`${w.result} ${w.token}`)],
  [4, "take ours", (w) => w.result?.includes("<<<") && w.write(`${w.drawn.ours} ${w.token}`)],
  [2, "take theirs", (w) => w.result?.includes("<<<") && w.write(w.drawn.theirs)],
  [6, "rest", (w) => w.timer && w.rest()],
  [8, "save", (w) => free(w) && w.ask("save")],
  [8, "settle", (w) => w.settled && w.ask("settle")],
  [3, "back", (w) => w.drawn && w.ask("leave")],
  [3, "follow", (w) => w.drawn?.renamed && w.ask("follow")],
  [6, "look at it", (w) => free(w) && w.status.elsewhere && w.ask("look")],
  [3, "move in", (w) => free(w) && w.document.text.startsWith("---") && w.ask("move")],
  [8, "publish", (w) => free(w) && w.ask("publish")],
  [6, "confirm", (w) => asked(w) && w.confirm()],
  [2, "choose a version", (w) => asked(w) && w.replan()],
  [2, "cancel", (w) => asked(w) && w.cancel()],
  [5, "restore", (w, pick) => free(w) && w.offers.size && w.restore(pick([...w.offers.keys()]))],
  [1, "discard", (w, pick) => free(w) && w.offers.size && w.discard(pick([...w.offers.keys()]))],
  [2, "somebody saves", (w) => w.change()],
  [1, "somebody goes back", (w) => w.revert()],
  [1, "somebody describes", (w) => w.describe()],
  [1, "somebody renames", (w) => w.rename()],
  [0.5, "somebody deletes", (w) => w.remove()],
  [1, "somebody leaves a text", (w) => w.leave()],
  [1, "somebody leaves a result", (w) => w.leave({ conflict: true })],
  [1, "the storage is full", (w) => { w.full = true; }],
  [2, "there is room again", (w) => { w.full = false; }],
  [20, "Python works", (w) => w.work()],
  [6, "all answers come", (w) => w.settle()],
  [1, "Python refuses", (w) => w.work("refused")],
  [20, "an answer comes", (w) => w.hear()],
  [0.3, "the page is opened anew", (w) => !w.full && again(w)],
];
const WAYS = STEPS.flatMap((step) => Array(step[0] * 10).fill(step));
const free = (w) => w.drawn === null && w.dialog === null && !w.machine.opening;
const asked = (w) => w.dialog !== null && ![...w.sent, ...w.answers].some(({ to }) => ["dialog", "replanned"].includes(to));

function again(world) {
  world.close();
  world.look();
  world.open();
}

// Numbers from 0 to 1 that are the same each time.
function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let one = Math.imul(state ^ (state >>> 15), 1 | state);
    one = (one + Math.imul(one ^ (one >>> 7), 61 | one)) ^ one;
    return ((one ^ (one >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("whatever happens in whatever order, no text is lost, and nothing is saved or published unseen", () => {
  const done = {};
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = chance(seed);
    const pick = (all) => all[Math.floor(random() * all.length)];
    const world = new World("one", { long: seed % 5 === 0 });
    const trace = [];
    try {
      for (let step = 0; step < 150; step += 1) {
        const [, name, take] = pick(WAYS);
        trace.push(name);
        const before = world.acts.length;
        if (take(world, pick) === false) trace.pop();
        for (const act of world.acts.slice(before)) done[act] = (done[act] ?? 0) + 1;
        world.look();
      }
    } catch (error) {
      throw new Error(`seed ${seed}: ${trace.slice(-25).join(", ")}`, { cause: error });
    }
  }
  for (const act of ["merge", "unmerge", "offer", "withdraw", "values", "ask", "fail", "open"]) assert.ok(done[act] > 50, `${act}: ${done[act]}`);
});
