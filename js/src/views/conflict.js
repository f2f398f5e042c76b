// One conflict: what is the matter, what can be chosen with what comes of it, and its texts.
import { chunksOf, isOpen, proposed } from "../parts/chunks.js";
import { h, newId } from "../parts/dom.js";
import { threeWay } from "../parts/threeway.js";
import { titled } from "../parts/undecided.js";

const LABELS = { base: "Base", ours: "Ours", theirs: "Theirs" };
const WAIT = 300; // from the last key to the check, in milliseconds

// Draws into `room`. `draft` are results that were written before, by name; `check(texts)` asks
// Python whether they are sound, `decide(choice, texts)` and `undecide()` report, and
// `onDraft(texts)` is told what is written. Returns { decided, leave }.
export function drawConflict(room, { conflict, draft, check, decide, undecide, onDraft }) {
  const { texts, choices } = conflict;
  const given = draft ?? conflict.decided.merged ?? {}; // what was written since it was decided
  const merging = "merged" in choices;
  // Of texts that one side alone has there is nothing to merge.
  const both = texts.filter((one) => isMergeable(one, texts));
  const results = Object.fromEntries(merging ? both.map((one) => [one.name, given[one.name] ?? first(one)]) : []);
  let editor = null;
  let timer = 0;

  const sound = h("p", { class: "anvil-sound", role: "status" });
  const takeIt = h("button", { type: "button", class: "anvil-primary", onclick: () => decide("merged", results) }, "Take this result");
  const buttons = new Map();
  const clear = h("button", { type: "button", class: "anvil-plain", hidden: true, onclick: undecide }, "Take the decision back");
  const offered = Object.entries(choices).filter(([choice]) => choice !== "merged");
  const list = h("ul", { class: "anvil-choices", "aria-label": "What can be chosen" }, offered.map(([choice, outcome]) => {
    const id = newId("outcome");
    const button = h("button", { type: "button", "aria-describedby": id, "aria-pressed": "false", onclick: () => decide(choice) }, titled(choice));
    buttons.set(choice, button);
    return h("li", {}, button, h("span", { id }, outcome));
  }));
  const decision = h("p", { class: "anvil-decision" });
  const tabs = h("div", { class: "anvil-bar anvil-texts", role: "group", "aria-label": "Texts" });
  const place = h("div", { class: "anvil-text" });

  room.replaceChildren(
    h("div", { class: "anvil-bar" }, h("h3", { class: "anvil-grow anvil-conflict-title" }, conflict.address), h("span", { class: "anvil-badge" }, conflict.kind)),
    h("p", {}, conflict.message),
    h("dl", { class: "anvil-sides-told" }, ["base", "ours", "theirs"].flatMap((side) =>
      conflict[side] === null ? [] : [h("dt", {}, LABELS[side]), h("dd", {}, conflict[side])])),
    decision, list,
    conflict.notes.length ? h("ul", { class: "anvil-notice" }, conflict.notes.map((one) => h("li", {}, one))) : "",
    texts.length ? h("h4", {}, merging ? "Or merge the texts" : "The texts") : "",
    merging && texts.length ? h("p", { class: "anvil-muted" }, choices.merged) : "",
    tabs, place,
    merging && both.length ? h("div", { class: "anvil-bar" }, takeIt, sound) : "");
  decided(conflict.decided.choice);
  const wanting = both.filter((one) => merging && isOpen(results[one.name]));
  if (texts.length) open(wanting[0] ?? both.find((one) => !same(one)) ?? texts[0]);
  if (merging && both.length) look();

  function open(one) {
    editor?.destroy();
    editor = null;
    place.replaceChildren();
    drawTabs(one);
    if (!merging || !both.includes(one)) {
      place.append(sides(one, merging));
      return;
    }
    editor = threeWay(place, {
      base: one.base,
      ours: one.ours ?? "",
      theirs: one.theirs ?? "",
      result: results[one.name],
      labels: LABELS,
      onChange: ({ text }) => {
        results[one.name] = text;
        onDraft(results);
        drawTabs(one);
        look();
      },
    });
  }

  function drawTabs(now) {
    if (texts.length < 2) return;
    tabs.replaceChildren(...texts.map((one) => {
      const state = !both.includes(one) ? (one.ours === null ? "only there" : "only here")
        : !merging ? "" : isOpen(results[one.name]) ? "open" : "ready";
      return h("button", { type: "button", "aria-pressed": String(one === now), onclick: () => open(one) }, one.name, state ? h("span", { class: "anvil-muted" }, ` · ${state}`) : null);
    }));
  }

  // Asks Python whether the result can be taken, once nobody types.
  function look() {
    clearTimeout(timer);
    const left = both.filter((one) => isOpen(results[one.name]));
    takeIt.disabled = true;
    sound.classList.toggle("anvil-unsound", left.length > 0);
    if (left.length) {
      sound.textContent = `Choose in each conflict first: ${left.slice(0, 3).map((one) => one.name).join(", ")}${left.length > 3 ? ` and ${left.length - 3} more` : ""}`;
      return;
    }
    sound.textContent = "Checking…";
    timer = setTimeout(async () => {
      const asked = JSON.stringify(results);
      try {
        const error = await check(results);
        if (JSON.stringify(results) !== asked) return;
        sound.textContent = error ? `✕ ${error.message}${error.hint ? ` – ${error.hint}` : ""}` : "✓ The result is sound.";
        sound.classList.toggle("anvil-unsound", Boolean(error));
        takeIt.disabled = Boolean(error);
      } catch (error) {
        sound.textContent = error.message;
      }
    }, WAIT);
  }

  function decided(choice) {
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === choice));
    takeIt.setAttribute("aria-pressed", String(choice === "merged"));
    decision.replaceChildren(choice
      ? h("span", {}, h("span", { "aria-hidden": "true" }, "✓ "), "Decided: ", h("strong", {}, choice))
      : h("span", {}, h("span", { "aria-hidden": "true" }, "● "), "To decide"), choice ? clear : "");
    clear.hidden = !choice;
  }

  return {
    decided,
    leave: () => {
      clearTimeout(timer);
      editor?.destroy();
    },
  };
}

// Whether both sides have it; or, of files, whether one side deleted all that there was.
function isMergeable(one, texts) {
  if (one.ours !== null && one.theirs !== null) return true;
  return one.syntax === "file" && (texts.every((other) => other.ours === null) || texts.every((other) => other.theirs === null));
}

// What stands in the result until somebody writes: both changes, and marks where they meet.
function first(one) {
  return chunksOf(one.base, one.ours ?? "", one.theirs ?? "").map((chunk) => proposed(chunk, LABELS)).join("");
}

function same(one) {
  return one.ours === one.theirs;
}

function sides(one, merging) {
  const only = one.ours === null ? "only there" : one.theirs === null ? "only here" : "";
  const comes = one.syntax === "file" ? "it stands in the result as it is"
    : one.ours === null ? "it comes along with the merged texts" : "what is merged is built on theirs, and will not have it; our version keeps it";
  return h("div", {},
    only && merging ? h("p", {}, `${one.name} is ${only}: ${comes}.`) : null,
    h("div", { class: "anvil-sides" }, ["base", "ours", "theirs"].filter((side) => one[side] !== null).map((side) =>
      h("figure", {}, h("figcaption", {}, LABELS[side]), h("pre", { dir: "auto", tabindex: "0" }, one[side])))));
}
