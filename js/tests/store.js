// Python's half of the editor, with a store: it answers as anvil_nb/widgets/editor.py does.

export const ADDRESS = "desk/emails/welcome";
export const EMPTY = { text: "", syntax: "liquid", parameters: [], description: "", tags: [], settings: [] };

const FRONT = /^---(.*)---\n/;
const json = JSON.stringify;

export const failing = (code) => Object.assign(new Error(code), { code, hint: "" });

// Descriptions stand for all that is in the frontmatter of a text, and "{% fault" for what is refused.
export class Store {
  drafts = new Map();
  saved = []; // every document that ever stood in a draft
  published = [];
  address = ADDRESS; // where the view is
  at = ADDRESS; // where the prompt is; null once it is deleted

  constructor(text) {
    this.put(ADDRESS, { ...EMPTY, text });
  }

  put(address, document) {
    this.drafts.set(address, document);
    this.saved.push(document);
  }

  digest(document) {
    return document === undefined ? "new" : `sha256:${String(this.saved.findIndex((one) => json(one) === json(document))).padStart(12, "0")}`;
  }

  get document() {
    return this.drafts.get(this.address);
  }

  draft() {
    return { document: this.document ?? EMPTY, digest: this.digest(this.document), prompt: "p", published: this.latest() };
  }

  latest() {
    const version = this.published.length;
    return version && this.document ? { version: `${version}.0.0`, same: json(this.published.at(-1)) === json(this.document) } : null;
  }

  conflict(ours, expect) {
    const theirs = this.document;
    const found = { expect: this.digest(theirs), removed: theirs === undefined, changed: null };
    if (found.removed) return { ...found, renamed: this.at !== null && this.at !== this.address ? this.at : null };
    const base = this.saved.find((one) => this.digest(one) === expect);
    const whole = [base, theirs].some((one) => one && one.description !== ours.description);
    const [before, mine, other] = [base, ours, theirs].map((one) => one === undefined ? null : whole ? `---${one.description}---\n${one.text}` : one.text);
    return { ...found, whole, base: before, ours: mine, theirs: other, result: null };
  }

  // What the page calls

  save({ document, expect }) {
    if (document.text.includes("{% fault")) throw failing("template");
    if (expect !== this.digest(this.document)) return { conflict: this.conflict(document, expect) };
    const changed = json(document) !== json(this.document);
    if (this.at === null) this.at = this.address;
    this.put(this.address, document);
    return { saved: { changed, notes: [] }, draft: this.draft(), partials: [] };
  }

  compare({ document, expect }) {
    if (document.text.includes("{% fault")) throw failing("template");
    return this.conflict(document, expect);
  }

  open_draft() {
    return this.draft();
  }

  check() {
    return { standing: this.digest(this.document) };
  }

  take_apart({ text }) {
    return { ...EMPTY, text: text.replace(FRONT, ""), description: FRONT.exec(text)?.[1] ?? "" };
  }

  move_in({ document }) {
    const { text, description } = this.take_apart(document);
    return { ...document, text, description: `${document.description} ${description}`.trim() };
  }

  follow() {
    if (this.at === null || this.at === this.address) throw failing("not-found");
    this.address = this.at;
    return { address: this.address, set: "desk/emails", draft: this.draft(), partials: [] };
  }

  plan_publish() {
    const created = this.document !== undefined && !this.latest()?.same;
    return { plan: this.digest(this.document), created, address: "desk/emails@1.0.0", standing: this.digest(this.document), latest: this.latest() };
  }

  publish({ plan }) {
    if (plan !== this.digest(this.document)) throw failing("plan-moved");
    this.published.push(this.document);
    return { published: { version: `${this.published.length}.0.0`, address: `desk/emails@${this.published.length}.0.0` }, draft: this.draft() };
  }
}
