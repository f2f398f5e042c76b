"""Views in a real browser: JupyterLab, a kernel and headless Chromium on this machine.

"After its cell ran" is from the moment at which JupyterLab says that the cell is done to the moment
at which what was waited for stands in the page; nothing when it stood there before. The note has
the time from the start of the cell. Each repeat is a new cell of one notebook.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

import anvil_nb as anvil
from benchmarks.measure import Figure, Sample
from benchmarks.stores import table
from tests.widgets.browser.lab import Notebook, Window, browsing
from tests.widgets.browser.servers import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.workspace import Workspace

SHOW = """async ([source, selector, text]) => {
    const app = window.jupyterapp;
    const notebook = app.shell.currentWidget.content;
    const cells = notebook.model.sharedModel;
    const at = cells.cells.length;
    cells.insertCell(at, { cell_type: "code", source });
    notebook.activeCellIndex = at;
    const started = performance.now();
    let ended = null;
    const run = app.commands.execute("notebook:run-cell").then(() => (ended = performance.now()));
    let shown = null;
    while (shown === null || ended === null) {
        const cell = notebook.widgets[at];
        const found = shown === null && cell.node.querySelector(selector);
        if (found && found.textContent.includes(text)) shown = performance.now();
        if (performance.now() - started > 60000) throw new Error("nothing was shown: " + selector);
        await new Promise((go) => setTimeout(go, 1));
    }
    await run;
    notebook.widgets[at].node.scrollIntoView();
    return [Math.max(0, shown - ended) / 1000, (shown - started) / 1000];
}"""

KEYS = """async ([area, text]) => {
    const views = [...document.querySelectorAll("section.anvil")];
    const view = views[views.length - 1];
    const target = view.querySelector(area);
    return new Promise((done) => {
        const seen = new MutationObserver(() => {
            if (!target.textContent.includes(text)) return;
            seen.disconnect();
            done((performance.now() - window.anvilTyped) / 1000);
        });
        seen.observe(target, { subtree: true, childList: true, characterData: true });
        window.anvilReady = true;
    });
}"""

SCROLL = """async (selector) => {
    const views = [...document.querySelectorAll("section.anvil")];
    const list = views[views.length - 1].querySelector(selector);
    const frames = [];
    let last = performance.now();
    for (let top = 0; top < list.scrollHeight; top += 400) {
        list.scrollTop = top;
        await new Promise((go) => requestAnimationFrame(go));
        frames.push((performance.now() - last) / 1000);
        last = performance.now();
    }
    return frames;
}"""

LINES = 2_000
CONFLICTS = 1_000
ARRIVING = 214
PROMPTS = 10_000


def opening(*, quick: bool) -> Iterator[Figure]:
    """Small views: how long after its cell a widget stands in the page."""
    with _notebook() as (ws, notebook):
        _small(ws)
        repeats = 3 if quick else 10
        for view, source, selector in (
            ("editor", "%anvil edit desk/emails/welcome", "[aria-label=Rendered] > *"),
            ("history", "%anvil log desk/emails --widget", "section.anvil ol > li"),
            ("browser", "%anvil ui", "section.anvil [role=treeitem]"),
        ):
            first = notebook.page.evaluate(SHOW, [source, selector, ""])
            yield from _shown(
                notebook, source, selector, f"{view} shown after its cell ran", 300, repeats,
                note=f"first of the page {first[0] * 1000:.0f} ms",
            )  # fmt: skip


def importing(*, quick: bool) -> Iterator[Figure]:
    """A bundle of 214 prompts: how long until its view stands, and until it is verified."""
    with _notebook() as (ws, notebook), tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with anvil.init(folder / "theirs", actor="bob") as theirs:
            theirs.load(table(folder, ARRIVING), "desk/all", liquid=True)
            theirs.publish("desk/all")
            theirs.export("desk", folder / "desk.anvil")
        _small(ws)
        source = f"%anvil import {folder / 'desk.anvil'} --widget --allow-unsigned"
        for what, selector, bar in (
            ("import view shown after its cell ran", ".anvil-checks > li", 300),
            ("its bundle verified, and planned", ".anvil-settled-room > *", None),
        ):
            repeats = 3 if quick else 10
            yield from _shown(notebook, source, f"section.anvil {selector}", what, bar, repeats)


def typing(*, quick: bool) -> Iterator[Figure]:
    """Keystroke to preview in a prompt of 200 lines."""
    with _notebook() as (ws, notebook):
        lines = [f"Line {at}: {{{{ name_{at % 20} | upcase }}}} and the rest." for at in range(200)]
        ws.save("desk/emails/long", "\n".join(lines) + "\n")
        view = notebook.view("%anvil edit desk/emails/long")
        view.locator("[aria-label=Rendered] > *").first.wait_for()
        notebook.page.evaluate(
            "() => addEventListener('keydown', () => { window.anvilTyped = performance.now(); },"
            " true)"
        )
        view.locator(".cm-content").click()
        notebook.page.keyboard.press("Control+Home")
        taken = []
        for at in range(5 if quick else 20):
            text = "abcdefghijklmnopqrstuvwxyz"[: at + 1]
            waiting = notebook.page.evaluate_handle(
                f"([a, t]) => ({{ promise: ({KEYS})([a, t]) }})", ["[aria-label=Rendered]", text]
            )
            notebook.page.keyboard.press(text[-1])
            taken.append(notebook.page.evaluate("one => one.promise", waiting))
        sample = Sample(tuple(taken))
        yield sample.figure("keystroke to preview, 200 lines", "ms", bar=100)


def differing(*, quick: bool) -> Iterator[Figure]:
    """A difference of two prompts of 2,000 lines, every tenth of them changed."""
    with _notebook() as (ws, notebook):
        lines = [f"Line {at} of a long prompt, like its neighbours." for at in range(LINES)]
        ws.save("desk/emails/long", "\n".join(lines), syntax="plain")
        ws.publish("desk/emails")
        changed = [f"{one} Changed." if at % 10 == 0 else one for at, one in enumerate(lines)]
        ws.save("desk/emails/long", "\n".join(changed), syntax="plain")
        source = "%anvil diff desk/emails/long@1.0.0 draft --widget"
        repeats = 3 if quick else 10
        for what, selector, text in (
            ("diff of two 2,000-line prompts", "section.anvil ins", ""),
            ("all its 200 changes loaded", ".anvil-diff-prompt span[role=status]", "200 changes"),
        ):
            yield from _shown(notebook, source, selector, what, 500, repeats, text=text)
        yield _state("of that diff", ws.compare("desk/emails/long@1.0.0", "desk/emails/long@draft"))


def running(*, quick: bool) -> Iterator[Figure]:
    """The grid of a run of 10,000 rows by two versions."""
    with _notebook() as (ws, notebook):
        _small(ws)
        ws.publish("desk/emails")
        notebook.run(f"rows = [{{'name': f'Guest {{at}}'}} for at in range({PROMPTS})]")
        notebook.run("found = ws.run(['desk/emails/welcome@1.0.0', 'desk/emails/welcome'], rows)")
        repeats = 3 if quick else 10
        yield from _shown(
            notebook, "ws.grid(found)", "section.anvil [role=row] [role=gridcell]",
            "grid of 10,000 rows shown after its cell ran", 300, repeats,
        )  # fmt: skip


def settling(*, quick: bool) -> Iterator[Figure]:
    """A thousand conflicts of a sync, and scrolling through them."""
    with _notebook() as (ws, notebook):
        assert ws.root is not None
        skills = ws.root / "services" / "skills"
        for at in range(CONFLICTS):
            (skills / f"skill-{at}").mkdir(parents=True)
            (skills / f"skill-{at}" / "SKILL.md").write_text(_skill(at, "first"))
        ws.sync("skills", "push", dry_run=False)
        for at in range(CONFLICTS):
            (skills / f"skill-{at}" / "SKILL.md").write_text(_skill(at, "here"))
        with ws.burst():
            for at in range(CONFLICTS):
                ws.save_item("skill", f"skill-{at}", {"SKILL.md": _skill(at, "there")})
        ws.sync("skills", "push", dry_run=False, on_conflict="keep", force=True)
        source = "%anvil sync conflicts --widget"
        repeats = 3 if quick else 10
        yield from _shown(
            notebook, source, "section.anvil [role=option]", "list of 1,000 conflicts", 500, repeats
        )
        frames = notebook.page.evaluate(SCROLL, ".anvil-rows")
        worst = max(frames) * 1000
        yield Figure(
            "one step of scrolling through them", statistics.median(frames) * 1000, "ms",
            best=min(frames) * 1000, repeats=len(frames), note=f"the slowest {worst:.0f} ms",
        )  # fmt: skip
        yield _state("of 1,000 conflicts", ws.settle())


def exporting(*, quick: bool) -> Iterator[Figure]:
    """The tree of 10,000 prompts, and filtering it."""
    with _notebook() as (ws, notebook):
        with tempfile.TemporaryDirectory() as folder:
            ws.load(table(Path(folder), PROMPTS), "desk/emails")
        ws.publish("desk/emails")
        source = "%anvil export --widget"
        repeats = 3 if quick else 10
        yield from _shown(
            notebook, source, "section.anvil [role=treeitem]", "export tree of 10,000 prompts",
            500, repeats,
        )  # fmt: skip
        view = notebook.page.locator("section.anvil").last
        taken = [view.evaluate(FILTER, f"prompt-{at}") for at in range(3 if quick else 10)]
        yield Sample(tuple(taken)).figure("filter it", "ms", bar=100)
        yield _state("of that tree", ws.exporting())


FILTER = """async (view, text) => {
    const box = view.querySelector("input[type=search]");
    const found = () => view.querySelector("[role=tree]").parentElement.textContent;
    const before = found();
    const started = performance.now();
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    while (found() === before) {
        if (performance.now() - started > 10000) throw new Error("nothing was filtered");
        await new Promise((go) => setTimeout(go, 1));
    }
    return (performance.now() - started) / 1000;
}"""


@contextmanager
def _notebook() -> Iterator[tuple[Workspace, Notebook]]:
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            os.environ[name] = str(home / name.lower())
        folder = home / "notebooks"
        folder.mkdir()
        lab = Lab(folder, home / "server.log")
        try:
            with sync_playwright() as playwright:
                browser = browsing(playwright)
                window = Window(lab, browser)
                with anvil.init(folder / "place", actor="ada") as ws:
                    notebook = Notebook(window, "place")
                    notebook.run("import anvil_nb as anvil\nws = anvil.open()\n%load_ext anvil_nb")
                    yield ws, notebook
                    notebook.close()
                window.close()
                browser.close()
        finally:
            lab.stop()


def _shown(  # noqa: PLR0913, PLR0917 - what is shown, and what is said of it
    notebook: Notebook, source: str, selector: str, what: str, bar: float | None, repeats: int,
    note: str = "", text: str = "",
) -> Iterator[Figure]:  # fmt: skip
    taken = [notebook.page.evaluate(SHOW, [source, selector, text]) for _ in range(repeats)]
    whole = statistics.median(one[1] for one in taken) * 1000
    said = f"{whole:.0f} ms from the start of the cell"
    sample = Sample(tuple(one[0] for one in taken))
    yield sample.figure(what, "ms", bar=bar, note=f"{said}; {note}" if note else said)


def _state(what: str, view: Any) -> Figure:
    size = len(json.dumps(view.state(), ensure_ascii=False).encode()) / 1e6
    return Figure(f"state {what}", size, "MB", bar=0.2)


def _small(ws: Workspace) -> None:
    ws.save("desk/emails/welcome", "Hello {{ name }}")
    ws.publish("desk/emails", message="First")
    ws.save("desk/emails/welcome", "Good day {{ name }}")


def _skill(at: int, said: str) -> str:
    return f"---\nname: skill-{at}\ndescription: What it is for.\n---\n\nDo it, {said}.\n"


MEASUREMENTS = (opening, importing, typing, differing, running, settling, exporting)
