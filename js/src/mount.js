// Draws one view into an element, and hands it what it needs of the page around it.
import { drawBrowser } from "./views/browser.js";
import { drawConflicts } from "./views/conflicts.js";
import { drawDiff } from "./views/diff.js";
import { drawEditor } from "./views/editor.js";
import { drawExport } from "./views/export.js";
import { drawHistory } from "./views/history.js";
import { drawImport } from "./views/import.js";
import { drawRun } from "./views/run.js";
import { drawRuns } from "./views/runs.js";
import { drawSync } from "./views/sync.js";

const VIEWS = {
  browser: drawBrowser,
  conflicts: drawConflicts,
  diff: drawDiff,
  editor: drawEditor,
  export: drawExport,
  history: drawHistory,
  import: drawImport,
  run: drawRun,
  runs: drawRuns,
  sync: drawSync,
};

// A place: { key, view, title, state }, as a desk of Python gives it. Returns what takes it away.
export function mount(root, place, channel) {
  const leaving = [];
  const page = {
    root,
    key: place.key,
    title: place.title,
    state: place.state,
    call: (name, args, options) => channel.call(place.key, name, args, options),
    on: (event, listener) => leaving.push(channel.on(place.key, event, listener)),
    onEnd: (action) => leaving.push(channel.onEnd(action)), // the kernel is gone
    onLeave: (action) => leaving.push(action),
    mount: (element, other) => {
      const leave = mount(element, other, channel);
      return () => {
        leave();
        channel.close(other.key);
      };
    },
  };
  VIEWS[place.view](page);
  return () => {
    for (const action of leaving.reverse()) action();
  };
}
