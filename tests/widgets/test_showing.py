"""Widgets in a kernel: what stands beside them, what closing them lets go of."""

from __future__ import annotations

import subprocess
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import AnvilError, RefusedError
from anvil_nb.results.html import Html
from anvil_nb.widgets.beside import Beside
from anvil_nb.widgets.holding import hold, let_go
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


class Told(View):
    """A view that says a word."""

    name = "browser"
    title = "Told"
    word = "old"
    asked: Any = staticmethod(lambda: None)

    def state(self) -> dict[str, Any]:
        return {"word": self.word}

    def to_html(self) -> Html:
        return Html(self.word)

    def to_text(self) -> str:
        word = self.word
        self.asked()
        return word


class Output:
    """An output of a cell, as IPython's handle to it."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def display(self, said: dict[str, str], *, raw: bool) -> None:
        assert raw
        assert not self.shown
        self.shown.append(said["text/plain"])

    def update(self, said: dict[str, str], *, raw: bool) -> None:
        assert raw
        assert self.shown, "an output that is not there yet takes no update"
        self.shown.append(said["text/plain"])


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path) as made:
        made.save("desk/notes/welcome", "Hi")
        yield made


def test_every_output_of_a_view_tells_what_is_true_now(ws: Workspace) -> None:
    view, outputs = Told(ws), [Output(), Output()]
    for at, one in enumerate(outputs):
        view.widget.beside.put(one, f"cell {at}", f"run {at}")
    view.word = "new"
    view.put_on(tell=lambda *_: None, changed=view.widget.beside.update, opener=lambda _: None)
    view.changed()
    assert [one.shown for one in outputs] == [["old", "new"], ["old", "new"]]


def test_an_output_that_a_later_run_of_its_cell_replaced_is_left_alone(ws: Workspace) -> None:
    view, first, twice = Told(ws), Output(), [Output(), Output()]
    view.widget.beside.put(first, "cell", "run 1")
    for one in twice:
        view.widget.beside.put(one, "cell", "run 2")
    view.widget.beside.update()
    assert len(first.shown) == 1
    assert [len(one.shown) for one in twice] == [2, 2]


def test_what_changes_while_it_is_shown_is_told_after(ws: Workspace) -> None:
    view, output, looking = Told(ws), Output(), Event()
    beside = Beside(view)
    threads: list[Thread] = []

    def changed_meanwhile() -> None:
        if not looking.is_set():
            looking.set()
            view.word = "new"
            threads.append(Thread(target=beside.update))
            threads[0].start()

    view.asked = changed_meanwhile
    beside.put(output, "cell", "run")
    threads[0].join(10)
    assert output.shown == ["old", "new"]


def test_a_widget_that_is_closed_lets_go_of_its_view(ws: Workspace) -> None:
    view = Told(ws)
    view.widget.close()
    with pytest.raises(AnvilError, match="closed"):
        view.ws.ls()
    with pytest.raises(RefusedError, match="this view was closed: Told"):
        _ = view.widget
    ws.ls()


def test_work_that_ends_after_its_widget_was_closed_says_nothing_any_more(ws: Workspace) -> None:
    view, output = Told(ws), Output()
    widget = view.widget
    widget.beside.put(output, "cell", "run")
    widget.close()
    view.changed()
    assert output.shown == ["old"]


def test_views_of_one_workspace_share_a_handle_until_the_last_is_closed(ws: Workspace) -> None:
    views = [Told(ws) for _ in range(3)]
    inner = Told(views[0].ws)
    assert len({id(one.ws) for one in [*views, inner]}) == 1
    assert views[0].ws is not ws
    for one in views:
        one.close()
        one.close()
    assert inner.ws.ls()
    inner.close()
    with pytest.raises(AnvilError, match="closed"):
        inner.ws.ls()
    assert hold(ws) is not inner.ws, "a view made later begins with a handle that is open"


def test_views_go_on_when_their_workspace_is_closed(ws: Workspace) -> None:
    view = Told(ws)
    ws.close()
    assert view.ws.ls()
    later = Told(ws)
    assert later.ws.ls(), "one made of a workspace that is closed opens the store too"
    for one in (view, later):
        one.close()


def test_a_handle_is_let_go_of_once_for_each_time_that_it_is_held(ws: Workspace) -> None:
    handle = hold(ws)
    assert hold(ws) is handle
    let_go(handle)
    assert handle.ls()
    let_go(handle)
    with pytest.raises(AnvilError, match="closed"):
        handle.ls()


def test_a_program_that_ends_with_widgets_open_says_nothing(tmp_path: Path) -> None:
    program = """
import sys, anvil_nb
ws = anvil_nb.open(store=sys.argv[1], actor="ada")
ws.save("desk/emails/welcome", "Hello")
widgets = [one.widget for one in (ws.edit("desk/emails/welcome"), ws.ui())]
"""
    command = [sys.executable, "-c", program, str(tmp_path / "store.duckdb")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
