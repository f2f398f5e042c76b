// The form of a prompt as plain data: what Python's declaring.py hands out and takes back.

const FIELDS = ["text", "syntax", "parameters", "description", "tags", "settings"];
const ROW = ["name", "type", "required", "description", "default", "example", "enum"];

// Whether two documents say the same.
export function same(one, other) {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

// Whether two rows declare the same.
export function sameRow(one, other) {
  return JSON.stringify(cells(one)) === JSON.stringify(cells(other));
}

// What a card's row says: a default is set aside while a value is required.
export function said(row) {
  const { default: aside, ...rest } = row;
  return row.required || aside === undefined ? rest : { ...rest, default: aside };
}

function plain(document) {
  return FIELDS.map((name) => name === "parameters" ? document.parameters.map(cells) : document[name]);
}

function cells(row) {
  return ROW.map((field) => row[field] ?? null);
}

// A value as it is typed, of its JSON text. Text stands as it is; where any type goes, a text
// that could be read as something else keeps its quotes.
export function shown(json, type) {
  const value = parsed(json);
  if (typeof value !== "string") return json;
  if (type === "string") return value;
  return type === "" && parsed(value) === undefined ? value : json;
}

// The JSON text of what was typed: see `shown`. What is no JSON is for Python to refuse.
export function asJson(typed, type) {
  if (type === "string" || (type === "" && parsed(typed) === undefined)) return JSON.stringify(typed);
  return typed.trim();
}

// Values as lines, one for each. Text that would not come back of its line (several lines, blank,
// with blanks at its ends, or in quotes) stands as JSON.
export function lined(values, type) {
  return values.map((json) => {
    const line = shown(json, type);
    return line === json || (line === line.trim() && line !== "" && !/^"|[\r\n]/.test(line)) ? line : json;
  }).join("\n");
}

// The values of the lines: see `lined`. Empty lines are none.
export function valuesOf(lines, type) {
  return lines.split("\n").map((line) => line.trim()).filter(Boolean)
    .map((line) => typeof parsed(line) === "string" ? line : asJson(line, type));
}

// What a field for true and false offers: also that there is none, or what is written and is neither.
export function truths(json) {
  const offered = ["true", "false"].map((one) => ({ value: one, label: one }));
  if (json === undefined) return [{ value: "", label: "not given" }, ...offered];
  return offered.some((one) => one.value === json) ? offered : [{ value: json, label: `${json || "nothing"}: neither true nor false` }, ...offered];
}

// A row whose type was changed, its values typed anew.
export function retyped(row, type) {
  const made = { ...row, type };
  for (const field of ["default", "example"]) {
    if (row[field] !== undefined) made[field] = asJson(shown(row[field], row.type), type);
  }
  if (row.enum) made.enum = row.enum.map((one) => asJson(shown(one, row.type), type));
  return made;
}

// The row that declares what a template uses.
export function rowFor({ name, required }) {
  return { name, type: "", required, description: "" };
}

// How lines end in a text: only where all are alike can an editor keep them so.
export function breaksOf(text) {
  return /\r\n/.test(text) && !/(^|[^\r])\n/.test(text) && !/\r(?!\n)/.test(text) ? "\r\n" : "\n";
}

// A text whose lines all end in the same way.
export function withBreaks(text, lineBreak) {
  return text.replace(/\r\n?|\n/g, lineBreak);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
