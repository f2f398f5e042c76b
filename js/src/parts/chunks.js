// Three texts taken apart into the pieces in which they agree and differ: no page is needed.
import { diff } from "@codemirror/merge";

const LETTERS = 0x10000 - 0x800 - 0x20; // of one code unit, but surrogates and control characters

// The lines of a text with their ends, so that joined again they are the text.
export function linesOf(text) {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

// Where two lists of lines differ: [{ from, to, start, end }], lines from..to of the first stand
// against start..end of the second. Each line counts as one letter for the library's diff; where
// there are more lines than letters, all of it differs.
export function hunks(before, after) {
  const letters = new Map();
  const written = (lines) => lines.map((line) => {
    if (!letters.has(line)) letters.set(line, letters.size);
    const at = letters.get(line) + 0x20;
    return String.fromCharCode(at < 0xd800 ? at : at + 0x800); // no surrogates
  }).join("");
  if (new Set([...before, ...after]).size > LETTERS) {
    const alike = before.length === after.length && before.every((line, at) => line === after[at]);
    return alike ? [] : [{ from: 0, to: before.length, start: 0, end: after.length }];
  }
  return diff(written(before), written(after), { timeout: 500 })
    .map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, start: fromB, end: toB }));
}

// The pieces of three texts, in order: { kind, base, ours, theirs, line }, where kind is "same",
// "ours" or "theirs" (only that side changed it), "both" (both did, alike) or "conflict"; the
// three are text, and `line` is where the piece begins in ours. Without a base (null) whatever
// differs is a conflict.
export function chunksOf(base, ours, theirs) {
  const [mine, other] = [linesOf(ours), linesOf(theirs)];
  if (base === null) return twoSides(mine, other);
  const before = linesOf(base);
  const changes = [
    ...hunks(before, mine).map((one) => ({ ...one, side: 0 })),
    ...hunks(before, other).map((one) => ({ ...one, side: 1 })),
  ].sort((one, two) => one.from - two.from || one.to - two.to);
  const found = [];
  let [at, ...shift] = [0, 0, 0];
  const same = (to) => {
    if (to > at) put(found, "same", before.slice(at, to), mine.slice(at + shift[0], to + shift[0]), other.slice(at + shift[1], to + shift[1]));
    at = to;
  };
  while (changes.length) {
    const group = [changes.shift()];
    const { from } = group[0];
    let { to } = group[0];
    // What touches is one piece: whether it can stand apart is for people to say.
    while (changes.length && changes[0].from <= to) {
      group.push(changes.shift());
      to = Math.max(to, group.at(-1).to);
    }
    same(from);
    const grown = [0, 1].map((side) => group.filter((one) => one.side === side).reduce((sum, one) => sum + one.end - one.start - one.to + one.from, 0));
    const [left, right] = [mine, other].map((lines, side) => lines.slice(from + shift[side], to + shift[side] + grown[side]));
    put(found, kindOf(group, left.join(""), right.join("")), before.slice(from, to), left, right);
    shift = shift.map((one, side) => one + grown[side]);
    at = to;
  }
  same(before.length);
  return numbered(found);
}

function kindOf(group, left, right) {
  if (group.every((one) => one.side === 0)) return "ours";
  if (group.every((one) => one.side === 1)) return "theirs";
  return left === right ? "both" : "conflict";
}

function twoSides(mine, other) {
  const found = [];
  let [at, there] = [0, 0];
  for (const { from, to, start, end } of [...hunks(mine, other), { from: mine.length, to: mine.length, start: other.length, end: other.length }]) {
    if (from > at) put(found, "same", mine.slice(at, from), mine.slice(at, from), other.slice(there, start));
    if (to > from || end > start) put(found, "conflict", [], mine.slice(from, to), other.slice(start, end));
    [at, there] = [to, end];
  }
  return numbered(found);
}

function put(found, kind, base, ours, theirs) {
  found.push({ kind, base: base.join(""), ours: ours.join(""), theirs: theirs.join("") });
}

function numbered(found) {
  let line = 1;
  return found.map((one) => {
    const here = { ...one, line };
    line += linesOf(one.ours).length;
    return here;
  });
}

// What stands for a piece in the result until somebody says otherwise: the side that changed it;
// of a conflict both sides between Git's marks, so that none is dropped unseen.
export function proposed({ kind, ours, theirs }, labels) {
  if (kind === "theirs") return theirs;
  if (kind !== "conflict") return ours;
  return `<<<<<<< ${labels.ours}\n${ended(ours)}=======\n${ended(theirs)}>>>>>>> ${labels.theirs}\n`;
}

// What a choice puts in the place of a piece.
export function chosen(chunk, choice) {
  return choice === "both" ? ended(chunk.ours, chunk.theirs !== "") + chunk.theirs : chunk[choice];
}

// Where the marks of a conflict stand in a text: the places at which those lines begin. It is the
// rule of `first_marker` in Python, by which a result is taken or not, with the ends of lines that
// Python has; tests/widgets/marks.json holds both to it.
export function marksIn(text) {
  return [...text.matchAll(/(?<![^\n\r\v\f\x1c-\x1e\x85\u2028\u2029])(?:<{7}|>{7}) /g)].map((one) => one.index);
}

// Whether a text still has the marks of a conflict.
export function isOpen(text) {
  return marksIn(text).length > 0;
}

function ended(text, needed = true) {
  return text === "" || text.endsWith("\n") || !needed ? text : `${text}\n`;
}
