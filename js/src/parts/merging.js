// The texts of one conflict and their results: which can be merged, and what is left open in them.
import { chunksOf, isOpen, proposed } from "./chunks.js";

// Whether both sides have it; or, of files, whether one side deleted all that there was.
export function isMergeable(one, texts) {
  if (one.ours !== null && one.theirs !== null) return true;
  return one.syntax === "file" && (texts.every((other) => other.ours === null) || texts.every((other) => other.theirs === null));
}

// What stands in the result until somebody writes: both changes, and marks where they meet.
export function begun(one, labels) {
  return chunksOf(one.base, one.ours ?? "", one.theirs ?? "").map((chunk) => proposed(chunk, labels)).join("");
}

// Where the result of a text comes from if it is not merged; empty where both sides have it.
export function comesFrom(one) {
  const only = one.ours === null ? "only there" : one.theirs === null ? "only here" : "";
  if (!only) return "";
  const comes = one.syntax === "file" ? "it stands in the result as it is"
    : one.ours === null ? "it comes along with the merged texts"
      : "what is merged is built on theirs, and will not have it; our version keeps it";
  return `${one.name} is ${only}: ${comes}.`;
}

// The results of one conflict. `given` are texts that were written before, by name; what is not
// given begins with what both changes make. Where the conflict is not `merging` there are none.
export class Merging {
  constructor(texts, given, labels, { merging }) {
    this.texts = texts;
    // Of texts that one side alone has there is nothing to merge.
    this.both = texts.filter((one) => isMergeable(one, texts));
    this.results = merging ? Object.fromEntries(this.both.map((one) => [one.name, given[one.name] ?? begun(one, labels)])) : {};
  }

  has(one) {
    return Object.hasOwn(this.results, one.name);
  }

  // The names of the results in which something is still to be chosen.
  get left() {
    return Object.keys(this.results).filter((name) => isOpen(this.results[name]));
  }

  // The text to begin with: one with something to choose, or one that differs, or the first.
  get first() {
    const { left } = this;
    return this.both.find((one) => left.includes(one.name)) ?? this.both.find((one) => one.ours !== one.theirs) ?? this.texts[0];
  }

  // What is said of a text on its tab.
  told(one) {
    if (!this.both.includes(one)) return one.ours === null ? "only there" : "only here";
    return this.has(one) ? (isOpen(this.results[one.name]) ? "open" : "ready") : "";
  }

  // Why the results cannot be taken yet, in words; empty where nothing is open.
  get wanting() {
    const { left } = this;
    if (!left.length) return "";
    const more = left.length > 3 ? ` and ${left.length - 3} more` : "";
    return `Choose in each conflict first: ${left.slice(0, 3).join(", ")}${more}`;
  }
}
