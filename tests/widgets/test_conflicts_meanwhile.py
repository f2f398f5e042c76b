"""Conflicts of an import that somebody else settles, or decides in another window, meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import anvil_nb as anvil
from anvil_nb.widgets.import_settlement import ImportSettlement
from anvil_nb.widgets.settling import ConflictsView
from tests.widgets.bundled import VERSION, in_conflict
from tests.widgets.pages import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "ours", actor="ada") as made:
        yield made


@pytest.fixture
def source(ws: Workspace, tmp_path: Path) -> ImportSettlement:
    bundle = in_conflict(ws, tmp_path)
    made = ImportSettlement(ws, str(bundle), bundle.name, {"allow_unsigned": True})
    made.begin(lambda *_: None)
    return made


@pytest.fixture
def page(ws: Workspace, source: ImportSettlement) -> Page:
    return Page(ConflictsView(ws, lambda _: source))


def settled_elsewhere(ws: Workspace, source: ImportSettlement) -> None:
    """Somebody imports the bundle beside the page, and takes theirs as a version of its own."""
    ws.import_bundle(source.path, strategy="version", allow_unsigned=True)


def test_a_conflict_that_is_gone_by_the_time_of_the_plan_is_listed_no_more(
    ws: Workspace, source: ImportSettlement, page: Page
) -> None:
    page.call("decide", key=VERSION, choice="overwrite")
    settled_elsewhere(ws, source)
    plan = page.call("plan")
    assert (plan["state"]["total"], plan["state"]["left"]) == (0, 0)
    with pytest.raises(Refused, match="no conflict"):
        page.call("show", key=VERSION)


def test_a_plan_by_which_all_is_the_same_already_is_carried_out_and_does_nothing(
    ws: Workspace, source: ImportSettlement, page: Page
) -> None:
    page.call("decide", key=VERSION, choice="version")
    settled_elsewhere(ws, source)
    before = len(ws.imports().records)
    done = page.call("apply", plan=page.call("plan")["plan"])["state"]["done"]
    assert {row[0] for row in done["rows"]} == {"same"}
    assert len(ws.imports().records) == before


def test_an_import_that_is_refused_tells_of_no_change(
    ws: Workspace, source: ImportSettlement, page: Page
) -> None:
    page.call("decide", key=VERSION, choice="overwrite")
    plan = page.call("plan")["plan"]
    settled_elsewhere(ws, source)
    page.events.clear()
    with pytest.raises(Refused, match="does not hold any more") as caught:
        page.call("apply", plan=plan)
    assert caught.value.hint == "Preview the plan again."
    assert page.events == []


def test_a_plan_of_the_same_conflicts_brings_no_list(page: Page) -> None:
    page.call("decide", key=VERSION, choice="version")
    assert "state" not in page.call("plan")


def test_what_is_decided_in_one_window_is_told_to_all_that_show_it(
    ws: Workspace, source: ImportSettlement, page: Page
) -> None:
    other = Page(ConflictsView(ws, lambda _: source))
    answer = page.call("decide", key=VERSION, choice="overwrite")
    assert page.events == [("changed", answer["number"])]
    now = other.call("now")["state"]
    assert other.events == page.events
    assert (now["number"], now["left"]) == (answer["number"], 0)
