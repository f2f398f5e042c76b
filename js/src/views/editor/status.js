// How the text stands to the draft and to what is published, in words.

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
