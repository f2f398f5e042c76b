// A run as a grid: rows by versions, what differs marked, and the whole of a row on demand.
import "../styles/runs.css";
import { h, newId } from "../parts/dom.js";
import { failing } from "../parts/failing.js";
import { Pages } from "../parts/pages.js";
import { counted } from "../parts/published.js";
import { rows } from "../parts/rows.js";

const HEIGHT = 30;

export function drawRuns(page) {
  const failure = failing();
  const body = h("div", { class: "anvil-stack" });
  const title = h("h2", { class: "anvil-title" }, page.title);
  page.root.append(title, failure.box, body);

  const show = (state) => {
    if (state.error) {
      failure.show(state.error);
      body.replaceChildren();
    } else if (state.running) body.replaceChildren(underWay(page, failure));
    else {
      const prompts = new Set(state.columns.map(({ address }) => address.slice(0, address.lastIndexOf("@"))));
      title.textContent = `${page.title} of ${[...prompts].join(", ")}`;
      body.replaceChildren(...grid(page, failure, state));
    }
  };
  page.on("state", show);
  show(page.state);
}

function underWay(page, failure) {
  const bar = h("progress", { max: "1", "aria-label": "How far the run is" });
  const text = h("span", { role: "status" }, "Running…");
  page.on("progress", ({ text: said, share }) => {
    text.textContent = said;
    bar.value = share;
  });
  const cancel = h("button", { type: "button", onclick: () => failure.run(() => page.call("cancel")) }, "Cancel");
  return h("div", { class: "anvil-working" }, bar, text, cancel);
}

function grid(page, failure, state) {
  const { columns } = state;
  // The rows are this page's: another that shows the same run may look at others.
  let sought = { text: "", only: "all" };
  const pages = new Pages(state.rows.length || 1, (start) => failure.run(() => page.call("page", { start, ...sought })));
  const template = `5em minmax(8em, 1fr) repeat(${columns.length}, minmax(8em, 1.4fr))`;
  const id = newId("run");
  let active = 0;

  const cell = ({ text, differs, failed }) =>
    h("span", { role: "gridcell", class: failed ? "anvil-failed" : differs ? "anvil-differs" : "", title: text },
      failed ? h("b", {}, "✕ ") : differs ? h("b", { "aria-label": "differs" }, "≠ ") : null, text);
  const head = h("div", { role: "row", class: "anvil-grid-head", "aria-rowindex": 1, style: `grid-template-columns:${template}` },
    h("span", { role: "columnheader" }, "Row"), h("span", { role: "columnheader" }, "Inputs"),
    columns.map((one) => h("span", { role: "columnheader", title: one.address }, one.label)));

  const list = rows({
    height: HEIGHT,
    head,
    most: 420,
    properties: { class: "anvil-rows anvil-grid", role: "grid", "aria-label": "Rows by versions", "aria-colcount": columns.length + 2 },
    row: (at) => {
      const one = pages.see(at, list.repaint);
      return h("div", {
        role: "row", id: `${id}-${at}`, "aria-rowindex": at + 2, "aria-selected": String(at === active), style: `grid-template-columns:${template}`,
        onclick: () => go(at, true),
      }, one === undefined ? h("span", { role: "gridcell" }, "…") : [
        h("span", { role: "rowheader" }, one.number),
        h("span", { role: "gridcell", class: "anvil-muted", title: one.inputs }, one.inputs),
        one.cells.map(cell),
      ]);
    },
  });
  const detail = h("div", { class: "anvil-detail", hidden: true, role: "region", "aria-label": "The row" });
  const open = (at) => failure.run(async () => {
    const known = pages.get(at) ?? (await pages.want(at), pages.get(at));
    if (known === undefined) return;
    whole(detail, columns, await page.call("row", { number: known.number }), () => {
      detail.hidden = true;
      list.box.focus();
    });
  });
  const go = (at, opens) => {
    if (pages.count === 0) return undefined;
    active = Math.max(0, Math.min(pages.count - 1, at));
    list.show(active);
    list.box.setAttribute("aria-activedescendant", `${id}-${active}`);
    return opens ? open(active) : undefined;
  };
  list.box.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    if (event.key in moves) go(active + moves[event.key], !detail.hidden);
    else if (event.key === "Enter" || event.key === " ") go(active, true);
    else if (event.key === "Escape" && !detail.hidden) detail.hidden = true;
    else return;
    event.preventDefault();
  });

  const found = h("span", { role: "status", class: "anvil-muted" });
  const take = (answer) => {
    pages.begin(answer);
    active = 0;
    detail.hidden = true; // it was of a row that may not be here
    list.box.scrollTop = 0;
    list.box.setAttribute("aria-rowcount", answer.count + 1);
    list.draw(answer.count);
    found.textContent = counted(answer.count, "row");
  };
  const text = h("input", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows by text" });
  const only = h("select", { "aria-label": "Which rows" },
    h("option", { value: "all" }, "All rows"),
    h("option", { value: "different" }, `That differ (${state.different.toLocaleString("en")})`),
    h("option", { value: "failed" }, `That failed (${state.failed.toLocaleString("en")})`));
  let latest = 0;
  const filter = async () => {
    const own = (latest += 1);
    const now = { text: text.value, only: only.value };
    const answer = await failure.run(() => page.call("page", { start: 0, ...now }));
    if (own !== latest || answer === undefined) return;
    sought = now;
    take(answer);
  };
  text.addEventListener("input", filter);
  only.addEventListener("change", filter);
  take(state);

  return [
    h("p", { class: "anvil-muted" }, state.summary),
    ...state.notes.map((one) => h("p", { class: "anvil-notice" }, `Note: ${one}`)),
    h("div", { class: "anvil-bar" }, text, only, found),
    list.box,
    detail,
  ];
}

function whole(detail, columns, row, away) {
  const close = h("button", { type: "button", class: "anvil-plain", onclick: away }, "Close");
  const side = (cell, column) =>
    h("div", { class: "anvil-panel anvil-pad" },
      h("h3", {}, column.label,
        " ", cell.failed ? h("span", { class: "anvil-badge" }, "✕ failed") : cell.differs ? h("span", { class: "anvil-badge" }, "≠ differs") : null,
        cell.seconds === null ? null : h("span", { class: "anvil-muted" }, ` ${cell.seconds.toFixed(1)} s`)),
      h("pre", { tabindex: "0", "aria-label": `What ${column.label} gave` }, cell.shown.map(([text, changed]) => (changed ? h("ins", {}, text) : text))),
      cell.prompt === null ? null : h("details", {}, h("summary", {}, "Prompt"), h("pre", {}, cell.prompt)));
  detail.replaceChildren(
    h("div", { class: "anvil-bar" }, h("h3", { class: "anvil-grow" }, `Row ${row.number}`), close),
    h("dl", {}, row.inputs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("div", { class: "anvil-panes" }, row.cells.map((cell, at) => side(cell, columns[at]))));
  detail.hidden = false;
}
