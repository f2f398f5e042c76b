// Choosing what goes into a bundle, writing it, and taking it away.
import "../styles/export.css";
import { submitting } from "../parts/dialog.js";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { held } from "../parts/focus.js";
import { keeping } from "../parts/keeping.js";
import { latest } from "../parts/latest.js";
import { counted, publishedTree } from "../parts/published.js";
import { checked, gathered, save } from "../parts/saving.js";
import { sizeText } from "../parts/size.js";
import { tree } from "../parts/tree.js";
import { once } from "../parts/turns.js";
import { working } from "../parts/working.js";

const PAUSE = 250;

export function drawExport(page) {
  let state = page.state;
  let names = [];
  let stop = null; // of the count that is under way
  let touched = false; // something was chosen in the tree
  let miscounted = false; // the error that is shown is of a count
  const failure = failing();
  const work = working("Writing the bundle");
  const fetching = working("Downloading");
  const counting = working("Counting", { after: 400 });
  const sum = h("div", { class: "anvil-export-sum", role: "status", "aria-label": "What would be written" });
  const result = h("div", { class: "anvil-export-done", role: "region", "aria-label": "The bundle", hidden: true });
  const field = (text, control, hint) => h("label", { class: "anvil-field" }, h("span", {}, text), control, hint ? h("span", { class: "anvil-hint" }, hint) : null);
  const tick = (text, control) => h("label", { class: "anvil-check" }, h("span", {}, text), control);

  const which = h("select", { onchange: () => { plant(); preview(); } }, h("option", { value: "all" }, "All versions"), h("option", { value: "latest" }, "The latest version of each set"));
  const labels = h("input", { type: "checkbox", onchange: () => preview() });
  const deps = h("input", { type: "checkbox", checked: true, onchange: () => preview() });
  const own = h("select", { onchange: () => lock() });
  function keys(chosen) {
    own.replaceChildren(h("option", { value: "" }, "Nobody signs it"), ...state.own.map((one) => h("option", { value: one.name, selected: one.name === chosen }, one.locked ? `${one.name} (takes a passphrase)` : one.name)));
    lock();
  }
  const secret = () => h("input", { type: "password", autocomplete: "new-password" });
  const keyPass = secret();
  const keyField = field("Passphrase of the key", keyPass);
  const pass = secret();
  const passAgain = secret();
  const recipients = state.recipients.map((name) => ({ name, box: h("input", { type: "checkbox" }) }));
  const description = h("textarea", { rows: 2 });
  const tags = h("input", { type: "text", placeholder: "release, eu" });
  const path = h("input", { type: "text", value: state.path, spellcheck: "false" });
  const force = h("input", { type: "checkbox" });
  const said = h("p", { class: "anvil-muted", role: "status" });
  const go = h("button", { type: "submit", class: "anvil-primary" }, "Write the bundle");

  const picked = tree({ label: "Published prompts", boxes: true, changed: () => { touched = true; keep(); preview(); } });
  function plant() {
    picked.put(publishedTree(state.sets, names, { latest: which.value === "latest" }));
  }
  function lock() {
    keyField.hidden = !state.own.some((one) => one.name === own.value && one.locked);
  }
  const wanted = () => ({ addresses: picked.forest.chosen(), versions: which.value, labels: labels.checked, deps: deps.checked });

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

  // What is chosen and typed outlives the kernel, and no passphrase does.
  const kept = keeping(`anvil.export.${JSON.stringify([state.location, state.addresses])}`);
  const typed = { description, tags, path };
  const keep = () => kept.set({ chosen: picked.forest.chosen(), ...Object.fromEntries(Object.entries(typed).map(([name, field]) => [name, field.value])) });
  for (const field of Object.values(typed)) field.addEventListener("input", keep);
  const before = kept.get();
  const back = h("div", { class: "anvil-notice anvil-bar", hidden: true },
    h("span", { class: "anvil-grow" }, "What you chose and typed here before is there again."),
    h("button", { type: "button", onclick: () => held(page.root, afresh, () => picked.search) }, "Start afresh"));
  function choose(addresses) {
    for (const one of picked.forest.chosen()) picked.forest.check(one, false);
    for (const one of addresses) picked.forest.check(one, true);
  }
  function comeBack() {
    if (!before) return;
    for (const [name, field] of Object.entries(typed)) field.value = before[name] ?? field.value;
    for (const field of Object.values(typed)) if (field.value && field.closest("details")) field.closest("details").open = true;
    back.hidden = false;
  }
  function afresh() {
    [description.value, tags.value, path.value] = ["", "", state.path];
    choose(state.addresses);
    state.addresses.forEach(settle);
    picked.refresh();
    kept.forget();
    back.hidden = true;
    preview();
  }

  const write = once(() => failure.run(async () => {
    said.textContent = "";
    if (pass.value !== passAgain.value) throw Object.assign(new Error("the two passphrases are not the same"), { code: "invalid-input", hint: "Type the passphrase of the bundle again." });
    const standing = !result.hidden;
    go.disabled = result.hidden = true;
    try {
      const how = {
        ...wanted(), path: path.value, sign: own.value, key_passphrase: keyField.hidden ? "" : keyPass.value, passphrase: pass.value,
        encrypt_to: recipients.filter((one) => one.box.checked).map((one) => one.name), description: description.value,
        tags: tags.value.split(",").map((one) => one.trim()).filter(Boolean), force: force.checked,
      };
      done(await work.start((options) => page.call("write", how, options)));
      for (const one of [pass, passAgain, keyPass]) one.value = "";
      kept.forget();
      back.hidden = true;
    } catch (error) {
      result.hidden = !standing; // what was written before is still there
      if (error.code !== "cancelled") throw error;
      said.textContent = "Cancelled: no bundle was written.";
    } finally {
      go.disabled = !picked.forest.chosen().length;
      // Neither the button, disabled meanwhile, nor Cancel, hidden by now, can keep the focus.
      const focused = page.root.getRootNode().activeElement;
      if (focused === null || focused === document.body || work.box.contains(focused)) go.focus();
    }
  }));
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

  const form = h("form", { class: "anvil-export-form", onsubmit: (event) => { event.preventDefault(); write(); }, onkeydown: submitting },
    h("fieldset", {}, h("legend", {}, "What comes"), field("Versions", which), tick("The labels of the sets too", labels), tick("What single prompts render too", deps), sum, counting.box),
    h("fieldset", {}, h("legend", {}, "Signed by"), field("Key", own), keyField, state.own.length ? null : h("p", { class: "anvil-hint" }, "You have no key yet: %anvil keys generate NAME")),
    h("details", {}, h("summary", {}, "Encryption"),
      h("fieldset", {}, h("legend", {}, "Who can open it"), recipients.map(({ name, box }) => tick(name, box)), recipients.length ? null : h("p", { class: "anvil-hint" }, "No keys are known here."), field("Passphrase of the bundle", pass, "Kept nowhere: whoever loses it cannot open the bundle."), field("The same again", passAgain))),
    h("details", {}, h("summary", {}, "Description and tags"), h("fieldset", {}, h("legend", {}, "For people"), field("Description", description), field("Tags, with commas between", tags))),
    h("fieldset", {}, h("legend", {}, "Where to"), field("Path", path), tick("Replace the file if it is there", force)),
    h("div", { class: "anvil-bar" }, go), work.box, said, result);

  // What was published, or deleted, since: what is chosen stays chosen, as far as it is there.
  const refresh = once(() => held(page.root, () => failure.run(async () => {
    state = { ...await page.call("refresh"), addresses: state.addresses };
    names = await page.call("names");
    plant();
    keys(own.value);
    preview();
  })));

  page.root.append(
    h("div", { class: "anvil-bar" }, h("h2", { class: "anvil-title anvil-grow" }, page.title), h("button", { type: "button", onclick: refresh }, "Refresh")),
    failure.box, back, h("div", { class: "anvil-panes" }, picked.box, form));
  plant();
  choose(before?.chosen ?? state.addresses);
  keys(state.sign);
  comeBack();
  picked.refresh();
  preview();
  done(state.written);
  failure.beside(async () => {
    names = await page.call("names");
    plant();
    if (before && !touched) choose(before.chosen); // prompts, too, by now
    if (!before) state.addresses.forEach(settle);
    picked.refresh();
    preview();
  });

  function settle(address) {
    const found = picked.forest.get(address) ?? [...picked.forest.nodes.values()].find((node) => node.kind === "prompt" && node.id.startsWith(`${address}@`));
    if (found?.kind === "prompt") {
      picked.forest.check(found.id, true);
      picked.select(found.id);
    }
  }
}
