// What was typed into questions that were left without an answer; no page is needed here.

const TYPED = new Set([undefined, "text", "textarea"]);
const written = (field) => !field.options && TYPED.has(field.type);

// Kept by the name of the question, for as long as this object is there. `fields` are as `ask`
// takes them, `values` as it returns them. A box that was ticked and a choice are not kept: they
// are to be meant each time.
export class Typed {
  #kept = new Map();

  keep(name, fields, values) {
    const typed = fields.filter((one) => written(one) && values[one.name] !== (one.value ?? ""));
    if (typed.length === 0) this.#kept.delete(name);
    else this.#kept.set(name, new Map(typed.map((one) => [one.name, { began: one.value ?? "", value: values[one.name] }])));
  }

  drop(name) {
    this.#kept.delete(name);
  }

  // What stands in the fields at first: { values, kept, moved }: whether something of it was typed
  // before, and whether what it was typed over is another by now.
  begin(name, fields) {
    const before = this.#kept.get(name) ?? new Map();
    const here = fields.filter((one) => before.has(one.name));
    return {
      values: Object.fromEntries(fields.map((one) => [one.name, before.get(one.name)?.value ?? one.value])),
      kept: here.length > 0,
      moved: here.some((one) => before.get(one.name).began !== (one.value ?? "")),
    };
  }
}
