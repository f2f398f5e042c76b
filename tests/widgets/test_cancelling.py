"""What is carried out for conflicts ends as it should at whatever moment it is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.sync import resolving
from anvil_nb.widgets.job import CancelledError, Job
from anvil_nb.widgets.settling import ConflictsView
from tests.bundles.stores import everything
from tests.sync.laptops import Laptop, skill, stored
from tests.widgets.bundled import OURS, SET, VERSION
from tests.widgets.pages import Ending, Page
from tests.widgets.test_conflicts_view import keys, page, ws
from tests.widgets.test_sync_conflicts_view import apart

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from anvil_nb.workspace import Workspace

__all__ = ["apart", "keys", "page", "ws"]


def cancelled_at_every_moment(work: Callable[[Job], Any], untouched: Callable[[], bool]) -> Ending:
    for at in range(1, 1_000):
        job = Ending(at)
        try:
            work(job)
        except CancelledError:
            assert untouched()
        else:
            return job
    raise AssertionError("it asks without end")


def test_an_import_and_its_undo_end_whole_or_not_at_all_whenever_they_are_cancelled(
    ws: Workspace, page: Page
) -> None:
    page.call("decide", key=VERSION, choice="overwrite")
    view, plan = page.view, page.call("plan")["plan"]
    assert isinstance(view, ConflictsView)
    before = everything(ws)
    job = cancelled_at_every_moment(
        lambda job: view.apply(job, plan), lambda: everything(ws) == before
    )
    words = [text.partition(" ")[0] for text in job.said]
    assert [word for word in dict.fromkeys(words) if word != "Cancelling:"] == [
        "checked",
        "planned",
        "stored",
    ]
    assert view.state()["done"]
    done = everything(ws)
    job = cancelled_at_every_moment(view.undo, lambda: everything(ws) == done)
    assert any(text.startswith("taken back") for text in job.said)
    assert view.state()["undone"] is True
    assert ws.get(f"{SET}/welcome@latest").template == OURS


def test_a_cancel_that_comes_when_all_is_written_is_told_so(page: Page) -> None:
    page.call("decide", key=VERSION, choice="overwrite")
    view, plan = page.view, page.call("plan")["plan"]
    assert isinstance(view, ConflictsView)
    job = cancelled_at_every_moment(lambda job: view.apply(job, plan), lambda: True)
    job.cancel()  # by then
    assert job.said[-1] == "Cancelling: unless all is written by now, nothing is changed"


def test_a_settling_that_is_cancelled_says_what_was_not_begun_and_keeps_those_decisions(
    apart: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "PORTION", 1)
    page = Page(apart.ws.settle())
    view = page.view
    assert isinstance(view, ConflictsView)
    page.call("decide", key="skills/call", choice="ours")
    page.call("decide", key="skills/mail", choice="theirs")
    texts = {"SKILL.md": skill("mail", "Both.").decode(), "notes.md": "Notes, both\n"}
    page.call("decide", key="skills/mail", choice="merged", texts=texts)
    seen: set[str | int] = set()
    for at in range(1, 100):
        plan = page.call("plan")["plan"]
        try:
            answer: Any = view.apply(Ending(at), plan)
        except CancelledError:
            seen.add("untouched")
            continue
        state = answer["state"]
        left = state["done"]["left"]
        assert [row[0] for row in state["rows"] if row[2]] == left
        assert [row[2] for row in state["done"]["rows"] if row[0] == "cancelled"] == left
        assert set(answer["settled"]) == {"skills/call", "skills/mail"} - set(left)
        seen.add(len(left))
        if len(left) == 1:
            break
    assert seen == {"untouched", 2, 1}
    assert state["done"]["title"] == "Settled 1 conflict as decided; cancelled: 1 not begun"
    assert apart.ws.sync_conflicts().conflicts[0].key == "skills/mail"
    state = page.call("apply", plan=page.call("plan")["plan"])["state"]
    assert (state["total"], state["done"]["left"]) == (0, [])
    assert stored(apart.ws)["mail"]["notes.md"] == b"Notes, both\n"
    assert stored(apart.ws)["call"]["SKILL.md"] == skill("call", "Edited here.")
