// One conflict: what is the matter, what can be chosen with what comes of it, and its texts.
import { h, newId } from "../parts/dom.js";
import { redrawn } from "../parts/focus.js";
import { comesFrom, Merging } from "../parts/merging.js";
import { threeWay } from "../parts/threeway.js";

const LABELS = { base: "Base", ours: "Ours", theirs: "Theirs" };
const WAIT = 300; // from the last key to the check, in milliseconds

// Draws into `room`. `draft` are results that were written before, by name; `check(texts)` asks
// Python whether they are sound, `decide(choice, texts)` and `undecide()` report, and
// `onDraft(texts)` is told what is written. Returns { key, shows, decided, leave }: `shows(other)`
// tells whether another answer would look the same, `since` where the result was written on; and `decided(choice, written)` says what is
// decided, and whether the result was written on since.
export function drawConflict(room, { conflict, draft, check, decide, undecide, onDraft }) {
  const { texts, choices } = conflict;
  const given = draft ?? conflict.decided.merged ?? {}; // what was written since it was decided
  const merged = choices.find(({ choice }) => choice === "merged");
  const merging = new Merging(texts, given, LABELS, { merging: merged !== undefined });
  const { both, results } = merging;
  const taking = Boolean(merged) && both.length > 0;
  let editor = null;
  let timer = 0;

  const sound = h("div", { class: "anvil-sound", role: "status" });
  const takeIt = h("button", { type: "button", class: "anvil-primary", onclick: () => decide("merged", results) }, "Take this result");
  const buttons = new Map();
  const clear = h("button", { type: "button", class: "anvil-plain", onclick: undecide }, "Take the decision back");
  const offered = choices.filter((one) => one !== merged);
  const list = h("ul", { class: "anvil-choices", "aria-label": "What can be chosen" }, offered.map(({ choice, title, outcome }) => {
    const id = newId("outcome");
    const button = h("button", { type: "button", "aria-describedby": id, "aria-pressed": "false", onclick: () => decide(choice) }, title);
    buttons.set(choice, button);
    return h("li", {}, button, h("span", { id }, outcome));
  }));
  const decision = h("p", { class: "anvil-decision" });
  const tabs = h("div", { class: "anvil-bar anvil-texts", role: "group", "aria-label": "Texts" });
  const place = h("div", { class: "anvil-text" });

  room.replaceChildren(
    h("div", { class: "anvil-bar" },
      h("h3", { class: "anvil-grow anvil-conflict-title" }, conflict.address), h("span", { class: "anvil-badge" }, conflict.kind)),
    h("p", {}, conflict.message),
    h("dl", { class: "anvil-sides-told" }, ["base", "ours", "theirs"].flatMap((side) =>
      conflict[side] === null ? [] : [h("dt", {}, LABELS[side]), h("dd", {}, conflict[side])])),
    decision, list,
    conflict.notes.length ? h("ul", { class: "anvil-notice" }, conflict.notes.map((one) => h("li", {}, one))) : "",
    texts.length ? h("h4", {}, merged ? "Or merge the texts" : "The texts") : "",
    merged && texts.length ? h("p", { class: "anvil-muted" }, merged.outcome) : "",
    tabs, place,
    taking ? h("div", { class: "anvil-bar" }, takeIt, sound) : "");
  decided(conflict.decided.choice, draft !== undefined && conflict.decided.choice === "merged");
  if (texts.length) open(merging.first);
  if (taking) look();

  function open(one) {
    editor?.destroy();
    editor = null;
    place.replaceChildren();
    drawTabs(one);
    if (!merging.has(one)) {
      place.append(sides(one, merged ? comesFrom(one) : ""));
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
      const told = merging.told(one);
      return h("button", { type: "button", "aria-pressed": String(one === now), onclick: () => open(one) },
        one.name, told ? h("span", { class: "anvil-muted" }, ` · ${told}`) : null);
    }));
  }

  // Asks Python whether the result can be taken, once nobody types.
  function look() {
    clearTimeout(timer);
    const { wanting } = merging;
    takeIt.disabled = true;
    sound.classList.toggle("anvil-unsound", wanting !== "");
    if (wanting) {
      sound.textContent = wanting;
      return;
    }
    sound.textContent = "Checking…";
    timer = setTimeout(async () => {
      const asked = JSON.stringify(results);
      try {
        const { error, notes } = await check(results);
        if (JSON.stringify(results) !== asked) return;
        sound.replaceChildren(
          error ? `✕ ${error.message}${error.hint ? ` – ${error.hint}` : ""}` : "✓ The result is sound.",
          notes.length ? h("ul", { class: "anvil-notes" }, notes.map((one) => h("li", {}, one))) : "");
        sound.classList.toggle("anvil-unsound", Boolean(error));
        takeIt.disabled = Boolean(error);
      } catch (error) {
        sound.textContent = error.message;
      }
    }, WAIT);
  }

  function decided(choice, written = false) {
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === choice));
    takeIt.setAttribute("aria-pressed", String(choice === "merged"));
    redrawn(decision, () => decision.replaceChildren(choice
      ? h("span", {}, h("span", { "aria-hidden": "true" }, "✓ "), "Decided: ", h("strong", {}, choice))
      : h("span", {}, h("span", { "aria-hidden": "true" }, "● "), "To decide"),
    written ? h("span", {}, "⚠ What you wrote since is not in it: take the result again.") : "", choice ? clear : ""),
    () => list.querySelector("button"));
  }

  const asked = (other) => JSON.stringify({ ...other, decided: null });
  const drawn = asked(conflict);

  return {
    key: conflict.key,
    shows: (other, since) => asked(other) === drawn && (since || !other.decided.merged || Object.entries(other.decided.merged).every(([name, text]) => results[name] === text)),
    decided,
    leave: () => {
      clearTimeout(timer);
      editor?.destroy();
    },
  };
}

function sides(one, told) {
  return h("div", {},
    told ? h("p", {}, told) : null,
    h("div", { class: "anvil-sides" }, ["base", "ours", "theirs"].filter((side) => one[side] !== null).map((side) =>
      h("figure", {}, h("figcaption", {}, LABELS[side]), h("pre", { dir: "auto", tabindex: "0" }, one[side])))));
}
