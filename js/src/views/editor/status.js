// How the text stands to the draft and to what is published, in words.

const MOVED = {
  code: "draft-conflict",
  message: "the draft was changed elsewhere, and is not the text that is shown here",
  hint: "Nothing was published. Look at what stands there first: see the notice above the text.",
};
const CHANGED = {
  code: "draft-conflict",
  message: "the text was changed here meanwhile, and is not what would be published",
  hint: "Nothing was published. Cancel, and publish what stands here now.",
};

// Of `base`, the draft that was typed over, `standing`, the draft there is now, and `published`, the
// latest version: { badge, publish, unsaved, origin, elsewhere }.
export function statusOf({ dirty, base, standing, published, conflict }) {
  const gone = standing === "new";
  const version = published === null ? "never published" : published.same ? `as in ${published.version}` : `changed since ${published.version}`;
  return {
    badge: dirty ? "● Unsaved" : base === "new" ? "New" : gone ? "● Not in the draft" : "✓ Saved",
    publish: dirty ? "Save and publish…" : "Publish…",
    unsaved: dirty || gone,
    origin: base === "new" ? "Not in the draft yet" : `Draft ${base.slice(7, 19)}, ${version}`,
    elsewhere: standing === base || conflict ? "" : `${
      gone ? "The prompt was deleted or renamed elsewhere." : "The draft was changed elsewhere."} What you typed stays until you say otherwise.`,
  };
}

// Why what was planned is not to be published; null when nothing speaks against it.
export function refusalOf({ moved, changed }) {
  return moved ? MOVED : changed ? CHANGED : null;
}
