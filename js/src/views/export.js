// Choosing what goes into a bundle, writing it, and taking it away.
import "../styles/export.css";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { latest } from "../parts/latest.js";
import { counted, publishedTree } from "../parts/published.js";
import { checked, gathered, save } from "../parts/saving.js";
import { sizeText } from "../parts/size.js";
import { tree } from "../parts/tree.js";
import { Unsaved, storageOf } from "../parts/unsaved.js";
import { working } from "../parts/working.js";
import { exportForm } from "./export/form.js";

const PAUSE = 250;

export function drawExport(page) {
  let state = page.state;
  let names = [];
  let stop = null; // of the count that is under way
  let miscounted = false; // the error that is shown is of a count
  const failure = failing();
  const work = working("Writing the bundle");
  const fetching = working("Downloading");
  const counting = working("Counting", { after: 400 });
  const sum = h("div", { class: "anvil-export-sum", role: "status", "aria-label": "What would be written" });
  const result = h("div", { class: "anvil-export-done", role: "region", "aria-label": "The bundle", hidden: true });
  const said = h("p", { class: "anvil-muted", role: "status" });
  const form = exportForm(state, {
    counted: [sum, counting.box], below: [work.box, said, result],
    chosen: (other) => {
      if (other) plant();
      preview();
    },
    typed: () => keep(),
    write: () => write(),
  });
  const { go } = form;

  const picked = tree({
    label: "Published prompts", boxes: true,
    changed: () => {
      keep();
      preview();
    },
  });
  function plant() {
    picked.put(publishedTree(state.sets, names, { latest: form.selection().versions === "latest" }));
  }
  const wanted = () => ({ addresses: picked.forest.chosen(), ...form.selection() });
  // Chooses what can be chosen by now: the names of prompts come later.
  let pending = state.addresses;
  function choose() {
    const later = pending.filter((one) => !picked.forest.get(one));
    for (const one of pending) picked.forest.check(one, true);
    pending = later;
    picked.refresh();
  }

  const unsaved = new Unsaved(storageOf(window), [state.location, "export", ...state.asked], crypto.getRandomValues(new Uint32Array(2)).join("-"));
  const keep = () => unsaved.keep({ chosen: [...picked.forest.chosen(), ...pending], words: form.words() });
  const offer = h("div", { class: "anvil-notice anvil-bar", role: "status", hidden: true });
  function offered() {
    const left = unsaved.left();
    if (!left.length) return;
    const over = () => {
      for (const { id } of left) unsaved.drop(id);
      offer.hidden = true;
      picked.box.querySelector("input").focus();
    };
    const take = () => {
      form.fill(left[0].words);
      for (const one of picked.forest.roots) picked.forest.check(one.id, false);
      pending = left[0].chosen;
      plant();
      choose();
      keep();
      over();
      preview();
    };
    offer.replaceChildren(
      h("span", { class: "anvil-grow" }, `What was chosen and typed here was not written: ${new Date(left[0].at).toLocaleString()}.`),
      h("button", { type: "button", onclick: take }, "Go on with it"), h("button", { type: "button", onclick: over }, "Forget it"));
    offer.hidden = false;
  }

  // One count at a time; that of a selection before the last is ended, and not shown.
  const counter = latest((said) => counting.start(({ progress, signal }) => {
    const own = new AbortController();
    stop = own;
    signal.addEventListener("abort", () => own.abort(), { once: true });
    return page.call("preview", said, { progress, signal: own.signal });
  }), {
    wait: PAUSE,
    show: (found) => {
      if (miscounted) failure.clear();
      miscounted = false;
      show(found);
    },
    fail: (error) => {
      if (error.code === "cancelled") {
        sum.replaceChildren(h("p", {}, "Cancelled: it was not counted."), h("div", { class: "anvil-bar" }, h("button", { type: "button", onclick: () => preview() }, "Count again")));
        return;
      }
      sum.replaceChildren(h("p", {}, "This cannot be written as it is chosen."));
      miscounted = true;
      failure.show(error);
    },
  });
  page.onLeave(() => {
    counter.end();
    stop?.abort();
  });
  function preview() {
    stop?.abort();
    const said = wanted();
    go.disabled = !said.addresses.length;
    if (!said.addresses.length) {
      counter.end();
      mark([]);
      sum.replaceChildren(h("p", { class: "anvil-muted" }, state.sets.length ? "Choose what is to go into the bundle." : "Nothing is published yet: publish a set first."));
      return;
    }
    sum.replaceChildren(h("p", { class: "anvil-muted" }, "Counting…"));
    counter.soon(said);
  }
  function show({ counts, total, along, along_count: number, external }) {
    const parts = [counted(counts.projects, "project"), counted(counts.prompt_sets, "set"), counted(counts.versions, "version"), counted(counts.prompts, "prompt")];
    mark(along);
    sum.replaceChildren(...[
      h("p", {}, h("strong", {}, `${parts.join(", ")} · ${sizeText(total)}`)),
      number ? h("div", {}, h("p", {}, `+ ${counted(number, "prompt")} ${number === 1 ? "comes" : "come"} along, which others render:`), h("ul", { class: "anvil-export-along", tabindex: "0", "aria-label": "Comes along" }, along.map((one) => h("li", {}, one)))) : null,
      external.length ? h("div", {}, h("p", {}, `⚠ ${counted(external.length, "prompt")} ${external.length === 1 ? "is" : "are"} needed and left out:`), h("ul", { class: "anvil-export-along", tabindex: "0", "aria-label": "Left out" }, external.map((one) => h("li", {}, one)))) : null,
    ].filter(Boolean));
  }
  let marked = [];
  function mark(along) {
    for (const node of marked) node.badge = undefined;
    marked = along.map((one) => picked.forest.get(one)).filter((node) => node && node.checked === false);
    for (const node of marked) node.badge = "+ comes along";
    picked.refresh();
  }

  let writing = false; // Enter in a field submits, whether the button is disabled or not
  const write = () => !writing && picked.forest.chosen().length && failure.run(async () => {
    said.textContent = "";
    const how = { ...wanted(), ...form.how() };
    const standing = !result.hidden;
    writing = go.disabled = result.hidden = true;
    try {
      done(await work.start((options) => page.call("write", how, options)));
      form.forget();
      unsaved.drop();
    } catch (error) {
      result.hidden = !standing; // what was written before is still there
      if (error.code !== "cancelled") throw error;
      said.textContent = "Cancelled: no bundle was written.";
    } finally {
      writing = false;
      go.disabled = !picked.forest.chosen().length;
      // Neither the button, disabled meanwhile, nor Cancel, hidden by now, can keep the focus.
      const focused = page.root.getRootNode().activeElement;
      if (focused === null || focused === document.body || work.box.contains(focused)) go.focus();
    }
  });
  const download = (file) => failure.run(() => fetching.start(async ({ progress, signal }) => {
    const blob = await gathered((start) => page.call("chunk", { start }), file.size, { signal, told: (share) => progress({ text: `${Math.round(share * 100)} %`, share }) });
    save(await checked(blob, file.sha256), file.name);
  }));
  function done(file) {
    result.hidden = !file;
    if (!file) return;
    const signed = file.signers.length ? `signed by ${file.signers.join(", ")}` : "not signed";
    result.replaceChildren(
      h("p", {}, h("strong", {}, `✓ Written: ${file.name}`), ` · ${sizeText(file.size)} · ${signed} · ${file.encrypted ? "encrypted" : "not encrypted"}`),
      h("p", {}, h("code", {}, file.path)),
      h("p", { class: "anvil-muted" }, `SHA-256 ${file.sha256}`),
      h("div", { class: "anvil-bar" }, h("button", { type: "button", onclick: () => download(file) }, "Download"), fetching.box));
  }

  // What is published, and which keys there are, as they are by now.
  const refresh = () => failure.run(async () => {
    const before = picked.forest.chosen();
    state = await page.call("refresh");
    names = await page.call("names");
    form.put(state);
    plant();
    const gone = before.filter((one) => !picked.forest.get(one));
    said.textContent = gone.length ? `Not published any more, and not chosen: ${gone.join(", ")}.` : "";
    preview();
  });

  page.root.append(
    h("div", { class: "anvil-bar" }, h("h2", { class: "anvil-title anvil-grow" }, page.title), h("button", { type: "button", onclick: refresh }, "Refresh")),
    failure.box, offer, h("div", { class: "anvil-panes" }, picked.box, form.box));
  plant();
  choose();
  preview();
  done(state.written);
  offered();
  failure.beside(async () => {
    names = await page.call("names");
    plant();
    choose();
    preview();
  });
}
