// A bundle on its way in: dropped or chosen, sent piece by piece, verified step by step, settled.
import { submitting } from "../parts/dialog.js";
import { h, newId } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { held } from "../parts/focus.js";
import { sizeText } from "../parts/size.js";
import { once } from "../parts/turns.js";
import { upload } from "../parts/upload.js";
import { working } from "../parts/working.js";
import { arrangedText, arrangementOffer, keepArrangement } from "./import/arranged.js";
import "../styles/import.css";

const SIGNS = { passed: "✓", failed: "✕", noted: "!", waiting: "·", running: "…" };

export function drawImport(page) {
  let { state } = page;
  let leave = null; // what takes the resolver away
  let stop = null; // of the upload
  let settles = 0;
  const failure = failing();
  const sending = working("Sending…");
  const verifying = working("Verifying…");
  const planning = working("Planning…");
  const said = h("p", { class: "anvil-muted", role: "status" });

  const input = h("input", { type: "file", accept: ".anvil,.json,.zip", hidden: true, "aria-label": "Bundle", onchange: () => hold(() => chosen(input.files)) });
  const choose = h("button", { type: "button", class: "anvil-primary", onclick: () => input.click() }, "Choose a file…");
  const zone = h("div", { class: "anvil-drop", role: "group", "aria-label": "Bundle to import" },
    h("p", { class: "anvil-drop-sign", "aria-hidden": "true" }, "⇩"),
    h("p", {}, h("strong", {}, "Drop a bundle here"), ", or"), choose, input,
    h("p", { class: "anvil-muted" }, `A file that anvil export has written, up to ${sizeText(state.most)}. It is verified before anything of it is used.`));
  const name = h("strong", { class: "anvil-grow anvil-file" });
  const other = h("button", { type: "button", onclick: once(again) }, "Another file…");
  const bar = h("div", { class: "anvil-bar" }, name, other);
  const checks = h("ol", { class: "anvil-checks", "aria-label": "What was verified" });
  const about = h("div", { class: "anvil-muted" });
  const into = h("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  const map = h("textarea", { rows: 2, autocomplete: "off", spellcheck: "false", placeholder: "desk=support" });
  const organisation = h("select", {}, state.organisations.map((one) => h("option", { value: one }, `@${one}`)));
  const unsigned = h("input", { type: "checkbox" });
  const labels = h("input", { type: "checkbox" });
  const chosenSo = h("span", { class: "anvil-muted" });
  const more = h("details", { class: "anvil-more" },
    h("summary", {}, "More", chosenSo),
    h("form", { class: "anvil-secret", onsubmit: (event) => { event.preventDefault(); planAgain(); }, onkeydown: submitting },
      h("label", { class: "anvil-field" }, h("span", {}, "Put all sets into the project"), into, h("span", { class: "anvil-hint" }, "Empty: into the projects that the bundle names.")),
      h("label", { class: "anvil-field" }, h("span", {}, "Another name for a project, or another path for a set"), map, h("span", { class: "anvil-hint" }, "OLD=NEW, one a line: desk=support, or desk/emails=desk/letters.")),
      state.organisations.length > 1 ? h("label", { class: "anvil-field" }, h("span", {}, "For another organisation of yours"), organisation) : null,
      h("label", { class: "anvil-check" }, h("span", {}, "Move labels as the bundle has them"), labels),
      h("div", { class: "anvil-bar" }, h("button", { type: "submit" }, "Plan again"))));
  const secret = h("form", { class: "anvil-secret", hidden: true, onsubmit: unlock, onkeydown: submitting });
  const trust = h("div", { class: "anvil-notice", hidden: true });
  const retry = h("button", { type: "button", onclick: once(() => hold(() => verify(state.unsigned ? { allow_unsigned: unsigned.checked } : {}))) }, "Check again");
  // What has the focus when something is begun is gone by its end, as often as not.
  const hold = (action) => held(page.root, action, () => (bar.hidden ? choose : other));
  const planAgain = once(() => hold(arrange));
  const before = arrangementOffer((kept) => {
    fill(kept);
    planAgain();
  });
  const settled = h("div", { class: "anvil-settled-room" });
  page.root.append(
    h("h2", { class: "anvil-title" }, "Import a bundle"),
    zone, bar, sending.box, said, checks, verifying.box, failure.box, secret, trust, about, before.box, more, planning.box, settled);

  for (const event of ["dragenter", "dragover"]) zone.addEventListener(event, over);
  zone.addEventListener("dragleave", (event) => zone.classList.toggle("anvil-over", zone.contains(event.relatedTarget)));
  zone.addEventListener("drop", (event) => {
    over(event);
    zone.classList.remove("anvil-over");
    chosen(event.dataTransfer.files);
  });
  page.on("checks", drawChecks);
  page.onLeave(() => stop?.abort());
  page.onLeave(() => leave?.());
  page.on("settled", (done) => {
    more.hidden = done;
    state = { ...state, done };
    keepArrangement(state);
    before.draw(state);
  });
  draw();
  if (state.file && !state.verified && !state.error) verify();

  // The notebook takes files that are dropped on it, too: this one is ours.
  function over(event) {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.add("anvil-over");
  }

  function draw() {
    const there = Boolean(state.file);
    zone.hidden = there || !sending.box.hidden;
    bar.hidden = !there;
    name.textContent = state.file;
    checks.hidden = !there;
    drawChecks(state.checks);
    about.replaceChildren(...(state.info ? [...state.info.lines, state.info.description].filter(Boolean).map((line) => h("p", {}, line)) : []));
    more.hidden = !state.verified || state.done;
    fill(state);
    before.draw(state);
    unsigned.checked = state.allow_unsigned;
    chosenSo.textContent = [...arrangedText(state, state.own), state.unsigned && "nobody signed it"].filter(Boolean).map((one) => ` · ${one}`).join("");
    failure.clear();
    if (state.error && state.error.code !== "passphrase-needed") failure.show(state.error);
    drawSecret();
    trust.hidden = !state.error;
    trust.replaceChildren(...trusting());
    settle();
  }

  function fill(arrangement) {
    into.value = arrangement.into;
    labels.checked = arrangement.labels;
    map.value = arrangement.map.join("\n");
    organisation.value = arrangement.organisation;
  }

  function drawChecks(all) {
    checks.replaceChildren(...all.map(({ title, state: found, text }) =>
      h("li", { class: `anvil-check-${found}` },
        h("span", { class: "anvil-sign", "aria-hidden": "true" }, SIGNS[found]),
        h("span", {}, title), h("span", { class: "anvil-badge" }, found),
        text ? h("span", { class: "anvil-muted anvil-found" }, text) : null)));
  }

  // The view trusts nobody by itself: it says what to ask, and what to type then.
  function trusting() {
    if (!state.error || state.needs) return [];
    if (state.unsigned) {
      return [
        h("p", {}, h("strong", {}, "⚠ Nobody signed this bundle."), " Whoever had the file may have written or changed it, and nothing here can tell. Take it only if you know where it comes from."),
        h("label", { class: "anvil-check" }, h("span", {}, "Take it all the same, this once (--allow-unsigned)"), unsigned),
        retry];
    }
    if (!state.trusting) return [h("p", {}, "When that is mended:"), retry];
    return [
      h("p", {}, "If its maker tells you the same fingerprint, trust the key in a cell of your own, then check again:"),
      h("pre", { tabindex: "0", "aria-label": "Command that trusts the key" }, state.trusting),
      retry];
  }

  function drawSecret() {
    const { needs } = state;
    secret.hidden = !needs;
    if (!needs) {
      secret.replaceChildren();
      return;
    }
    const field = (id, label) => h("label", { class: "anvil-field" }, h("span", {}, label), h("input", { type: "password", name: id, autocomplete: "off" }));
    secret.replaceChildren(
      h("p", { id: newId("secret") }, "The bundle is encrypted. What you type stays in the memory of the kernel."),
      needs.key ? field("key_passphrase", `Passphrase of your key ${needs.key}`) : "",
      field("passphrase", needs.key ? "Or the passphrase of the bundle" : "Passphrase of the bundle"),
      h("div", { class: "anvil-bar" }, h("button", { type: "submit", class: "anvil-primary" }, "Open it")));
  }

  async function unlock(event) {
    event.preventDefault();
    const args = {};
    for (const field of secret.querySelectorAll("input")) {
      if (field.value) args[field.name] = field.value;
      field.value = "";
    }
    if (Object.keys(args).length) await verify(args);
  }

  async function chosen(files) {
    const [file] = files;
    const several = files.length > 1;
    if (!file) return;
    stop = new AbortController();
    const { signal } = stop;
    said.textContent = "";
    zone.hidden = true;
    const answer = await failure.run(async () => {
      if (several) throw Object.assign(new Error("one bundle is imported at a time"), { code: "invalid-input", hint: "Drop one file." });
      try {
        return await sending.start(({ progress, signal: cancelled }) => {
          cancelled.addEventListener("abort", () => stop.abort(), { once: true });
          return upload(file, { call: page.call, piece: state.piece, progress, signal });
        });
      } catch (error) {
        if (error.code !== "cancelled") throw error;
        said.textContent = "The upload was cancelled; nothing of it is kept.";
        return undefined;
      }
    });
    input.value = "";
    stop = null;
    zone.hidden = Boolean(answer);
    if (!answer) {
      choose.focus();
      return;
    }
    state = answer;
    draw();
    await verify();
  }

  async function verify(args = {}) {
    failure.clear();
    secret.hidden = trust.hidden = true;
    drawChecks(state.checks.map((one) => ({ ...one, state: "running", text: "" })));
    const answer = await failure.run(() => verifying.start(({ progress, signal }) => page.call("verify", args, { progress, signal })));
    if (answer) {
      state = answer;
      draw();
    } else {
      drawChecks(state.checks.map((one) => ({ ...one, state: "waiting", text: "" })));
      trust.hidden = false;
      trust.replaceChildren(retry);
    }
    secret.querySelector("input")?.focus();
  }

  async function arrange() {
    const args = { into: into.value, labels: labels.checked, renames: map.value, organisation: organisation.value };
    const answer = await failure.run(() => planning.start(({ progress, signal }) => page.call("arrange", args, { progress, signal })));
    if (!answer) return;
    state = answer;
    keepArrangement(state);
    draw();
  }

  async function settle() {
    settles += 1;
    const own = settles;
    leave?.();
    leave = null;
    settled.replaceChildren();
    if (!state.verified) return;
    const opened = await failure.run(() => page.call("settle"));
    if (opened && own === settles) leave = page.mount(settled, opened);
  }

  async function again() {
    const answer = await failure.run(() => page.call("forget"));
    if (!answer) return;
    state = answer;
    said.textContent = "";
    draw();
    choose.focus();
  }
}
