"""The panel of syncs, without a browser: one at a time, and what its page is told."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import PlanMovedError, RefusedError
from anvil_nb.widgets.job import Job
from anvil_nb.widgets.syncing import SyncView
from tests.sync.apart import fallen_apart
from tests.sync.laptops import Laptop, stored
from tests.widgets.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOW: dict[str, Any] = {"target": "skills", "direction": "push"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Laptop]:
    with anvil.init(tmp_path / "ours", actor="ada") as ws:
        yield Laptop(ws, ws.settings.services)


def test_a_second_apply_is_refused_while_one_is_under_way(here: Laptop) -> None:
    here.skill("greet")
    view = SyncView(here.ws)
    plan = Page(view).call("plan", **HOW)["plan"]
    writing, refused = Event(), Event()

    def told(_: object) -> None:
        writing.set()
        assert refused.wait(60)

    answers: list[Any] = []
    first = Thread(target=lambda: answers.append(view.apply(Job(told), **HOW, plan=plan)))
    first.start()
    assert writing.wait(60)
    try:
        with pytest.raises(RefusedError, match="a sync is being carried out here already"):
            view.apply(Job(), **HOW, plan=plan)
    finally:
        refused.set()
        first.join()
    assert [one["state"] for one in answers] == ["completed"]
    assert list(stored(here.ws)) == ["greet"]
    here.skill("greet", "Anew.")
    page = Page(view)
    again = page.call("apply", **HOW, plan=page.call("plan", **HOW)["plan"])
    assert again["state"] == "completed", "the first has ended"


def test_a_plan_that_moved_is_to_be_made_anew_here_and_not_at_a_terminal(here: Laptop) -> None:
    here.skill("greet")
    view = SyncView(here.ws)
    plan = Page(view).call("plan", **HOW)["plan"]
    here.skill("greet", "Moved on.")
    with pytest.raises(PlanMovedError) as caught:
        view.apply(Job(), **HOW, plan=plan)
    assert "does not hold any more" in caught.value.message
    assert caught.value.hint == "Plan it anew: what was seen is not what would be done now."
    assert stored(here.ws) == {}


def test_the_panel_is_told_when_other_conflicts_are_open_than_before(here: Laptop) -> None:
    fallen_apart(here).push(on_conflict="keep")
    page = Page(SyncView(here.ws))
    inner = page.call("settle")["key"]
    page.call("decide", to=inner, key="skills/mail", choice="ours")
    plan = page.call("plan", to=inner)
    assert "settled" not in dict(page.events), "nothing is settled yet"
    page.call("apply", to=inner, plan=plan["plan"])
    assert [name for name, _ in page.events].count("settled") == 1
