// A question inside the widget, which keeps the focus until it is answered.
import { h, newId } from "./dom.js";
import { failing } from "./failing.js";
import { again } from "./focus.js";
import { Typed } from "./typed.js";
import { wholeList } from "./whole.js";

const PATIENCE = 400; // milliseconds until it is said that an answer takes its time
const DOUBLE = 500; // milliseconds within which a second click belongs to the first
const left = new WeakMap(); // what was typed, by the widget it was typed in

// Asks with `fields` ({name, label, value?, type?, checked?, options?}) and returns their values, or
// null: also when something is asked already. `text` may be a function, which is asked again after
// a refusal. `lists` are shown below it: {text, items, warning?}.
//
// `act(values, options)` does what was asked for while the dialog is open, once however often it is
// pressed; what it fails with is shown there, and the fields stay. Is it `work`, Cancel ends it by
// options.signal. What fails after the dialog was left, `ask` fails with.
//
// What was typed and left is there again when the same is asked, by `name`. The focus goes back to
// what had it or is called so now, else to what `back()` returns.
//
// When the field called `watched` is given another value, `watch(values)` resolves to what is to be
// said from then on, {title, text, action}; while it fails, that is shown and nothing can be
// answered but no.
export function ask(root, {
  title, name = title, text = "", lists = [], fields = [], action, danger = false, act, work = false, back = () => null, watch, watched,
}) {
  const widget = root.closest(".anvil") ?? root;
  if (widget.querySelector("dialog[open]")) return Promise.resolve(null);
  const typed = left.get(widget) ?? new Typed();
  left.set(widget, typed);
  return new Promise((resolve, reject) => {
    const before = root.getRootNode().activeElement ?? null;
    const id = newId("dialog");
    const first = typed.begin(name, fields);
    const inputs = fields.map((one) => ({ one, input: input({ ...one, value: first.values[one.name] }) }));
    const values = () =>
      Object.fromEntries(inputs.map(({ one, input: it }) => [one.name, one.type === "checkbox" ? it.checked : it.value]));
    let open = true;
    let clicked = false;
    const close = () => {
      open = false;
      box.close();
      box.remove();
      if (clicked) shield();
      (again(root, before === document.body ? null : before) ?? back())?.focus?.();
    };
    const done = (value) => {
      typed.drop(name);
      if (open) close();
      resolve(value);
    };
    let doing = null; // what ends it, while it is done
    const leave = () => {
      if (doing !== null && work) {
        waiting.say("Cancelling…");
        doing.abort();
        return;
      }
      typed.keep(name, fields, values());
      clicked = false;
      close();
      if (doing === null) resolve(null);
    };
    const submit = async () => {
      if (doing !== null || go.disabled) return;
      const said = values();
      if (!act) {
        done(said);
        return;
      }
      doing = new AbortController();
      failure.clear();
      waiting.begin();
      try {
        await act(said, { signal: doing.signal, progress: waiting.told });
        done(said);
      } catch (error) {
        if (open) await refused(error);
        else reject(error);
      } finally {
        doing = null;
        waiting.end();
      }
    };
    const refused = async (error) => {
      failure.show(error);
      failure.box.scrollIntoView({ block: "nearest" });
      if (typeof text === "function") tell(text());
      if (watch) await look(failure.beside);
    };
    const failure = failing();
    const waiting = patience();
    const heading = h("h3", { id }, title);
    const told = h("p", { "aria-live": watch || typeof text === "function" ? "polite" : null });
    const tell = (words) => {
      told.hidden = !words;
      told.textContent = words;
    };
    tell(typeof text === "function" ? text() : text);
    const go = h("button", { type: "submit", class: danger ? "anvil-danger" : "anvil-primary", onclick: ({ detail }) => { clicked = detail > 0; } }, action);
    let latest = 0;
    const look = async (run = failure.run) => {
      const own = (latest += 1);
      if (go.getRootNode().activeElement === go) cancel.focus(); // a button that is off has no focus
      go.disabled = true;
      const now = await run(() => watch(values()));
      if (own !== latest || now === undefined) return;
      [heading.textContent, go.textContent] = [now.title, now.action];
      tell(now.text);
      go.disabled = false;
    };
    inputs.find(({ one }) => watch && one.name === watched)?.input.addEventListener("change", () => look());
    const cancel = h("button", { type: "button", onclick: leave }, "Cancel");
    const box = h(
      "dialog",
      { class: "anvil-dialog", "aria-labelledby": id, oncancel: (event) => { event.preventDefault(); leave(); } },
      h("form", { onsubmit: (event) => { event.preventDefault(); submit(); }, onkeydown: submitting },
        heading, told, lists.map(listed), first.kept ? afresh(first.moved, inputs) : null,
        inputs.map(({ one, input: it }) => h("label", { class: one.type === "checkbox" ? "anvil-check" : "anvil-field" }, h("span", {}, one.label), it)),
        failure.box, waiting.box,
        h("div", { class: "anvil-bar anvil-end" }, cancel, go)),
    );
    root.append(box);
    box.showModal();
    (inputs[0]?.input ?? cancel).focus(); // not what is scrolled above it
  });
}

// What says that the fields hold what was typed before, and puts back what they began with.
function afresh(moved, inputs) {
  const start = () => {
    for (const { one, input: it } of inputs) if (one.type !== "checkbox" && !one.options) it.value = one.value ?? "";
    box.remove();
    inputs[0].input.focus();
  };
  const box = h("div", { class: "anvil-notice anvil-bar" },
    h("span", { class: "anvil-grow" }, `What you typed here before is still there${moved ? "; what it was typed over was changed meanwhile" : ""}.`),
    h("button", { type: "button", onclick: start }, "Start afresh"));
  return box;
}

// What says, after a while, that an answer is waited for, and how far it is.
function patience() {
  const bar = h("progress", { max: "1", "aria-label": "How far it is" });
  const said = h("span", { role: "status" });
  const box = h("div", { class: "anvil-working", hidden: true }, bar, said);
  let timer = null;
  return {
    box,
    say: (text) => { said.textContent = text; },
    begin() {
      bar.removeAttribute("value");
      said.textContent = "Waiting for the answer…";
      timer = setTimeout(() => { box.hidden = false; }, PATIENCE);
    },
    told: ({ text, share }) => {
      said.textContent = text;
      if (share === null || share === undefined) bar.removeAttribute("value");
      else bar.value = share;
    },
    end() {
      clearTimeout(timer);
      box.hidden = true;
    },
  };
}

// The second click of a double one would fall through to what lay below the dialog.
function shield() {
  const kinds = ["mousedown", "mouseup", "click", "dblclick"];
  const stop = (event) => {
    if (event.detail < 2) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  for (const kind of kinds) window.addEventListener(kind, stop, true);
  setTimeout(() => { for (const kind of kinds) window.removeEventListener(kind, stop, true); }, DOUBLE);
}

// JupyterLab keeps Enter from a form's own default: a field submits.
export function submitting(event) {
  if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

function listed({ text, items, warning = false }) {
  return h("div", { class: warning ? "anvil-notice" : null }, h("p", {}, warning ? "⚠ " : "", text), wholeList(text, items));
}

function input({ type = "text", value = "", checked = false, required = false, options }) {
  if (options) return h("select", {}, options.map((one) => typeof one === "string" ? { value: one, label: one } : one).map((one) => h("option", { value: one.value, selected: one.value === value }, one.label)));
  if (type === "textarea") return h("textarea", { rows: 3, value, required });
  return h("input", { type, value, checked, required });
}
