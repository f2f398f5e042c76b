// Completion in a template: the words of our Liquid, parameters, what objects hold, and partials.
import { liquidCompletionSource } from "@codemirror/lang-liquid";

const NEVER = new Set(["tablerowloop"]); // our Liquid has no tablerow
const INSIDE = /\{[{%](?:(?!\}\}|%\})[^])*$/; // a tag that is not closed yet
const LOOKED_AT = 1000;
const LOCAL = /\{%-?\s*(?:assign|capture|for)\s+([\w-]+)/g;

// `words()` returns { tags, filters, roles, partials, parameters }, as they are at that moment. Only
// inside a tag: in prose, Enter would take a word in place of the line that it begins.
export function completing(words) {
  return (context) => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - LOOKED_AT), context.pos);
    if (!INSIDE.test(before)) return null;
    const known = words();
    const named = (pattern, all, type) => {
      const typed = pattern.exec(before)?.[1];
      if (typed === undefined) return null;
      return { from: context.pos - typed.length, options: all.map((label) => ({ label, type })), validFor: /^[\w-]*$/ };
    };
    const special = named(/\{%-?\s*render\s+['"]([\w-]*)$/, known.partials, "text") ?? named(/\{%-?\s*message\s+(\w*)$/, known.roles, "enum");
    if (special) return special;
    const found = liquidCompletionSource({ variables: variables(context.state.doc.toString(), known.parameters), properties: (path) => properties(path, known.parameters) })(context);
    if (found === null) return null;
    const front = context.state.sliceDoc(Math.max(0, found.from - 300), found.from);
    if (/\|\s*$/.test(front)) return { ...found, options: known.filters.map((label) => ({ label, type: "function" })) };
    if (/\{%-?\s*$/.test(front)) return { ...found, options: known.tags.map((label) => ({ label, type: "keyword" })) };
    return { ...found, options: found.options.filter((one) => !NEVER.has(one.label)) };
  };
}

export function variables(text, parameters) {
  const names = new Map(parameters.map((one) => [one.name, { label: one.name, type: "variable", boost: 2, detail: one.type || "any", info: one.description || undefined }]));
  for (const [, label] of text.matchAll(LOCAL)) {
    if (!names.has(label)) names.set(label, { label, type: "variable", boost: 1 });
  }
  return [...names.values()];
}

// What the example (or default) of a parameter holds at a path.
export function properties(path, parameters) {
  const row = parameters.find((one) => one.name === path[0]);
  try {
    const value = path.slice(1).reduce((inside, name) => inside?.[name === "[]" ? 0 : name], JSON.parse(row?.example ?? row?.default ?? "null"));
    return value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value).map((label) => ({ label, type: "property" })) : [];
  } catch {
    return [];
  }
}
