// Enter in a text of several lines: JupyterLab takes it for a command of the notebook's own.

// Puts the line in, as typed: it can be undone.
export function newLine(event) {
  const { target } = event;
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.tagName !== "TEXTAREA") return;
  event.preventDefault();
  document.execCommand("insertText", false, "\n");
}
