// One prompt to write on: text, parameters, preview; saved, merged, published.
import "../styles/editor.css";
import { setDiagnostics } from "@codemirror/lint";
import { Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { textIn, writing } from "../parts/code.js";
import { ask } from "../parts/dialog.js";
import { h } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { parameterForm } from "../parts/parameters.js";
import { threeWay } from "../parts/threeway.js";
import { Unsaved, same } from "../parts/unsaved.js";

const PAUSE = 60; // milliseconds of no typing, then the text is checked
const KEEP = 300; // then what is unsaved is kept

export function drawEditor(page) {
  const failure = failing();
  page.root.append(h("h2", { class: "anvil-title" }, page.title), failure.box);
  const begin = (draft) => new Editor(page, failure, draft).draw();
  if (page.state.draft.document !== null) begin(page.state.draft);
  else failure.run(async () => begin(await page.call("open_draft")));
}

class Editor {
  constructor(page, failure, draft) {
    this.page = page;
    this.failure = failure;
    this.take(draft);
    this.fields = structuredClone(draft.document);
    this.values = {};
    this.names = draft.document.parameters.map((one) => one.name);
    this.unsaved = new Unsaved(storage(), `${page.state.store} ${page.state.address}`);
    this.checks = 0;
    this.quiet = false;
  }

  // What stands in the draft, and what is typed is compared with.
  take({ document, digest, published }) {
    this.saved = structuredClone(document);
    this.digest = digest;
    this.published = published;
  }

  draw() {
    const { page } = this;
    const button = (label, action, properties = {}) => h("button", { type: "button", onclick: action, ...properties }, label);
    this.state = h("span", { role: "status", class: "anvil-badge" });
    this.counts = h("span", { class: "anvil-muted" });
    this.save = button("Save", () => this.saving(), { class: "anvil-primary", title: "Ctrl-S or Cmd-S" });
    this.publish = button("Publish…", () => this.publishing());
    this.message = h("input", { type: "text", "aria-label": "What was changed", placeholder: "What was changed (optional)", class: "anvil-grow" });
    this.faults = h("ul", { class: "anvil-faults", "aria-label": "Problems" });
    this.preview = h("div", { class: "anvil-preview", "aria-label": "Preview", role: "region", tabindex: "0" });
    this.aside = h("div", { class: "anvil-aside" });
    const text = h("div", { class: "anvil-panel anvil-writing" });
    this.form = parameterForm({
      changed: (rows) => this.change({ parameters: rows }),
      added: () => this.text.focus(),
      valued: (values) => {
        this.values = values;
        this.check();
      },
    });
    this.form.show(this.fields.parameters);
    const keys = h("span", { class: "anvil-muted" }, "Ctrl/Cmd-S saves, Ctrl/Cmd-Enter renders at once");
    page.root.append(
      this.aside,
      h("div", { class: "anvil-bar" }, this.state, this.counts, h("span", { class: "anvil-grow" }), keys),
      h("div", { class: "anvil-editor" },
        h("div", { class: "anvil-stack" }, text, this.faults),
        h("div", { class: "anvil-stack" },
          h("h3", {}, "Preview"), this.preview,
          h("details", { open: true }, h("summary", {}, "Parameters"), this.form.box),
          h("details", {}, h("summary", {}, "Metadata"), this.metadata()))),
      h("div", { class: "anvil-bar" }, this.message, this.save, this.publish),
    );
    const ours = (run) => () => {
      run();
      return true;
    };
    const { tags, filters, partials } = page.state.language;
    this.partials = partials;
    this.text = textIn(text, this.fields.text, [
      Prec.highest(keymap.of([
        { key: "Mod-s", run: ours(() => this.saving()), preventDefault: true },
        { key: "Mod-Enter", run: ours(() => this.check(0)), preventDefault: true },
      ])),
      writing(`Text of ${page.state.address}`, {
        tags: tags.map((label) => ({ label, type: "keyword" })),
        filters: filters.map((label) => ({ label, type: "function" })),
        // One list that is kept in step: the language asks for it each time.
        variables: this.completions = [],
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this.quiet) this.change({ text: update.state.doc.toString() });
      }),
    ]);
    // Where the focus is elsewhere in the view, the keys are the view's still.
    page.root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
      if (event.key === "s") this.saving();
      else if (event.key === "Enter") this.check(0);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    page.onLeave(() => {
      this.keep();
      this.text.destroy();
    });
    this.offer();
    this.say();
    this.check(0);
  }

  metadata() {
    const field = (name, label, value, read) =>
      h("label", { class: "anvil-field" }, h("span", {}, label),
        h("input", { type: "text", value, oninput: (event) => this.change({ [name]: read(event.target.value) }) }));
    const words = (text) => text.split(",").map((one) => one.trim()).filter(Boolean);
    const settings = h("textarea", { rows: 3, "aria-describedby": null, value: this.fields.settings.map(([key, value]) => `${key} = ${value}`).join("\n"), oninput: (event) => this.change({ settings: pairs(event.target.value) }) });
    const syntax = h("select", { onchange: (event) => this.change({ syntax: event.target.value }) },
      ["liquid", "plain"].map((one) => h("option", { value: one, selected: one === this.fields.syntax }, one)));
    this.inputs = h("div", { class: "anvil-stack" },
      field("description", "Description", this.fields.description, (text) => text),
      field("tags", "Tags, with commas between them", this.fields.tags.join(", "), words),
      h("label", { class: "anvil-field" }, h("span", {}, "Settings, one name = value a line (values are JSON)"), settings),
      h("label", { class: "anvil-field" }, h("span", {}, "Syntax"), syntax));
    return this.inputs;
  }

  // What is typed

  change(fields) {
    Object.assign(this.fields, fields);
    this.say();
    this.check();
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keep(), KEEP);
  }

  get dirty() {
    return !same(this.fields, this.saved);
  }

  keep() {
    clearTimeout(this.keeping);
    if (this.dirty) this.unsaved.keep(this.fields, this.digest, new Date().toISOString());
    else if (this.offered === undefined) this.unsaved.forget();
  }

  say() {
    const { published } = this;
    const standing = this.digest === "new" ? "new prompt" : published === null ? "never published" : published.same ? `as published in ${published.version}` : `changed since ${published.version}`;
    this.state.textContent = `${this.dirty ? "unsaved" : "saved"} · ${standing}`;
    this.save.disabled = !this.dirty && this.digest !== "new";
    this.publish.disabled = this.dirty;
    this.publish.title = this.dirty ? "Save it first" : "";
  }

  // Text of another time, offered before anything else is done with it.
  offer() {
    const kept = this.unsaved.found();
    if (kept === null || same(kept.document, this.fields)) return;
    this.offered = kept;
    const done = () => {
      this.offered = undefined;
      box.remove();
    };
    const restore = () => {
      done();
      this.digest = kept.base ?? this.digest;
      this.replace(kept.document);
      this.text.focus(); // the button is gone, and the keys are to stay in the view
    };
    const discard = () => {
      done();
      this.unsaved.forget();
      this.text.focus();
    };
    const when = new Date(kept.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const box = h("div", { class: "anvil-notice anvil-bar", role: "group", "aria-label": "Unsaved text" },
      h("span", { class: "anvil-grow" }, `There is unsaved text of ${when}.`),
      h("button", { type: "button", class: "anvil-primary", onclick: restore }, "Restore"),
      h("button", { type: "button", onclick: discard }, "Discard"));
    this.aside.append(box);
  }

  // Puts another document in place of what is typed.
  replace(document) {
    this.fields = structuredClone(document);
    this.quiet = true;
    this.text.dispatch({ changes: { from: 0, to: this.text.state.doc.length, insert: this.fields.text } });
    this.quiet = false;
    this.form.show(this.fields.parameters);
    const old = this.inputs;
    old.replaceWith(this.metadata());
    this.change({});
  }

  // What Python says of it

  check(pause = PAUSE) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(async () => {
      const own = (this.checks += 1);
      try {
        const said = await this.page.call("check", { document: this.fields, values: this.values });
        if (own === this.checks) this.show(said);
      } catch (error) {
        if (own === this.checks && error.code !== "gone") this.failure.show(error);
      }
    }, pause);
  }

  show(said) {
    const { counts, agreement, signature, preview } = said;
    this.counts.textContent = `${counts.characters.toLocaleString("en")} characters, about ${counts.tokens.toLocaleString("en")} tokens`;
    const faults = [...said.errors, ...said.faults.map((one) => ({ ...one, line: null }))];
    if (preview?.message) faults.push({ ...preview, column: null });
    this.faults.replaceChildren(...faults.map((one) => h("li", {},
      one.line ? h("button", { type: "button", class: "anvil-plain", onclick: () => this.goTo(one.line) }, `Line ${one.line}`) : null,
      h("span", {}, `${one.note ? "Note" : "✕"} ${one.message}`), one.hint ? h("span", { class: "anvil-muted" }, one.hint) : null)));
    const { doc } = this.text.state;
    this.text.dispatch(setDiagnostics(this.text.state, faults.filter((one) => one.line && one.line <= doc.lines).map((one) => {
      const line = doc.line(one.line);
      const from = Math.min(line.to, line.from + Math.max(0, (one.column ?? 1) - 1));
      return { from, to: Math.max(from, line.to), severity: one.note ? "info" : "error", message: one.message };
    })));
    if (agreement) this.form.agree(agreement, signature);
    this.names = signature?.map((one) => one.name) ?? this.names;
    this.completions.splice(0, this.completions.length, ...this.names.map((label) => ({ label, type: "variable" })), ...this.partials.map((one) => ({ label: `'${one}'`, type: "text", detail: "prompt" })));
    if (preview && !preview.message) {
      const parts = preview.messages === null
        ? [h("pre", {}, preview.text)]
        : preview.messages.map((one) => h("div", { class: "anvil-message" }, h("strong", {}, one.role), h("pre", {}, one.content)));
      this.preview.replaceChildren(...parts, preview.cut ? h("p", { class: "anvil-muted" }, "… the rest is not shown") : "");
      this.preview.classList.remove("anvil-stale");
    } else this.preview.classList.add("anvil-stale");
    if (said.standing !== this.digest) this.moved();
  }

  goTo(number) {
    const line = this.text.state.doc.line(Math.min(number, this.text.state.doc.lines));
    this.text.dispatch({ selection: { anchor: line.from }, scrollIntoView: true });
    this.text.focus();
  }

  // The draft is another by now: what was typed stays as it is, and nothing is overwritten.
  moved() {
    if (this.told || this.resolving) return;
    this.told = h("div", { class: "anvil-notice anvil-bar", role: "status" },
      h("span", { class: "anvil-grow" }, "The draft was changed elsewhere. Saving shows both changes."),
      h("button", { type: "button", onclick: () => this.failure.run(() => this.meet()) }, this.dirty ? "Look at both" : "Take it"));
    this.aside.append(this.told);
  }

  async meet() {
    if (!this.dirty) {
      const draft = await this.page.call("open_draft");
      this.take(draft);
      this.replace(draft.document);
      this.settled();
    } else this.resolve(await this.page.call("compare", { document: this.fields, expect: this.digest }));
  }

  settled() {
    this.told?.remove();
    this.told = undefined;
    this.resolving?.();
    this.resolving = undefined;
    this.keep();
    this.say();
    this.check(0);
  }

  // Saving and publishing

  saving() {
    if (this.save.disabled) return undefined;
    return this.failure.run(async () => {
      const answer = await this.page.call("save", { document: this.fields, expect: this.digest, message: this.message.value });
      if (answer.conflict) {
        this.resolve(answer.conflict);
        return;
      }
      this.stands(answer.draft);
      this.partials = answer.partials;
    });
  }

  stands(draft) {
    this.message.value = "";
    this.take(draft);
    if (!same(draft.document, this.fields)) this.replace(draft.document);
    this.unsaved.forget();
    this.settled();
  }

  resolve(conflict) {
    this.resolving?.();
    this.told?.remove();
    this.told = undefined;
    if (conflict.removed) {
      this.digest = conflict.expect;
      this.failure.show({ code: "conflict", message: `${conflict.message}: it was removed`, hint: "Save again to make it anew with your text." });
      this.say();
      return;
    }
    const place = h("div", {});
    const left = h("span", { role: "status", class: "anvil-grow" });
    const save = h("button", { type: "button", class: "anvil-primary", onclick: () => this.failure.run(() => this.merge(merge.text(), conflict)) }, "Save the result");
    const box = h("section", { class: "anvil-resolving", "aria-label": "Two changes of this prompt" },
      h("h3", {}, "Two changes of this prompt"),
      h("p", {}, `${conflict.changed ? `${conflict.changed.actor} changed it too${conflict.changed.message ? `: ${conflict.changed.message}` : "."}` : conflict.message} Nothing was saved; your text stays below as it is.`),
      place,
      h("div", { class: "anvil-bar" }, left, h("button", { type: "button", onclick: () => { this.resolving(); this.resolving = undefined; } }, "Later"), save));
    this.aside.append(box);
    const merge = threeWay(place, {
      base: conflict.base, ours: conflict.ours, theirs: conflict.theirs, result: conflict.result,
      onChange: ({ left: open }) => {
        left.textContent = open ? `${open} still to decide` : "Nothing left to decide";
        save.disabled = open > 0;
      },
    });
    const open = merge.left();
    left.textContent = open ? `${open} still to decide` : "Nothing left to decide";
    save.disabled = open > 0;
    this.resolving = () => {
      merge.destroy();
      box.remove();
    };
    box.scrollIntoView({ block: "nearest" });
  }

  async merge(text, conflict) {
    const document = conflict.whole ? await this.page.call("take_apart", { text }) : { ...this.fields, text };
    const answer = await this.page.call("save", { document, expect: conflict.expect, message: this.message.value || "Two changes merged" });
    if (answer.conflict) this.resolve(answer.conflict);
    else this.stands(answer.draft);
  }

  publishing() {
    return this.failure.run(async () => {
      const plan = await this.page.call("plan_publish");
      if (!plan.created) {
        this.failure.show({ code: "unchanged", message: `there is nothing to publish: the draft is ${plan.address} already` });
        return;
      }
      const said = await ask(this.page.root, {
        title: `Publish ${plan.address}`,
        text: [`The changes call for: ${plan.bump}.`, ...plan.reasons].join("\n"),
        fields: [{ name: "message", label: "Changelog" }],
        action: "Publish",
      });
      if (said === null) return;
      const answer = await this.page.call("publish", { plan: plan.plan, ...said });
      this.take(answer.draft);
      this.aside.replaceChildren(h("p", { role: "status" }, `Published ${answer.published.address}.`));
      this.settled();
    });
  }
}

function storage() {
  try {
    return window.localStorage;
  } catch {
    return undefined; // a page that may keep nothing
  }
}

function pairs(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const [key, ...value] = line.split("=");
    return [key.trim(), value.join("=").trim()];
  });
}
