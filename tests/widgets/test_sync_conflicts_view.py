"""Conflicts of a sync, seen, decided and carried out, without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from tests.sync.apart import BASE as SYNC_BASE
from tests.sync.apart import OURS as SYNC_OURS
from tests.sync.apart import THEIRS as SYNC_THEIRS
from tests.sync.apart import kept
from tests.sync.laptops import Laptop, put_skill, skill, stored
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
def apart(ws: Workspace) -> Laptop:
    """Two skills that both sides changed apart, one of them in a file beside it, too."""
    one = Laptop(ws, ws.settings.services)
    for name in ("mail", "call"):
        one.skill(name, SYNC_BASE, {"notes.md": b"Notes\n"})
    one.push()
    one.skill("mail", SYNC_OURS, {"notes.md": b"Notes, here\n"})
    one.skill("call", "Edited here.")
    put_skill(ws, "mail", SYNC_THEIRS, {"notes.md": b"Notes, there\n"})
    put_skill(ws, "call", "Edited there.", {"notes.md": b"Notes\n"})
    one.push(on_conflict="keep")
    return one


def test_conflicts_of_a_sync_have_the_same_form(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    state: Any = page.view.state()
    assert [row[0] for row in state["rows"]] == ["skills/call", "skills/mail"]
    shown = page.call("show", key="skills/mail")
    assert [one["choice"] for one in shown["choices"]] == ["ours", "theirs", "both", "merged"]
    assert [one["name"] for one in shown["texts"]] == ["SKILL.md", "notes.md"]
    assert shown["texts"][1]["base"] == "Notes\n"


def test_conflicts_of_a_sync_are_settled_each_by_its_choice(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    texts = {"SKILL.md": skill("mail", "Both.").decode(), "notes.md": "Notes, both\n"}
    assert page.call("check", key="skills/mail", texts=texts) == {"error": None, "notes": []}
    page.call("decide", key="skills/mail", choice="merged", texts=texts)
    page.call("decide", key="skills/call", choice="both")
    plan = page.call("plan")
    state = page.call("apply", plan=plan["plan"])["state"]
    assert (state["total"], state["done"]["title"]) == (0, "Settled 2 conflicts as decided")
    there = stored(apart.ws)
    assert there["mail"]["notes.md"] == b"Notes, both\n"
    assert b"Both." in there["mail"]["SKILL.md"]
    assert b"Edited there." in there["call-theirs"]["SKILL.md"]
    assert apart.bodies()["skills/mail/notes.md"] == b"Notes, both\n"
    assert apart.push(delete=True).unchanged == 3


def test_a_text_that_makes_no_skill_is_told_and_not_taken(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    texts = {"SKILL.md": "---\nname: [\n---\n", "notes.md": "x"}
    error = page.call("check", key="skills/mail", texts=texts)["error"]
    assert error["code"] == "invalid-input"
    with pytest.raises(Refused):
        page.call("decide", key="skills/mail", choice="merged", texts=texts)


def test_what_is_skipped_stays_in_conflict(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    page.call("decide", key="skills/mail", choice="theirs")
    assert page.call("plan")["plan"] == ""
    plan = page.call("plan", skip=True)
    assert plan["stays"] == ["skills/call stays in conflict, and both sides as they are"]
    state = page.call("apply", plan=plan["plan"], skip=True)["state"]
    assert [row[0] for row in state["rows"]] == ["skills/call"]
    assert [one.key for one in apart.ws.sync_conflicts().conflicts] == ["skills/call"]


def test_a_side_that_moved_since_is_looked_at_again(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    page.call("decide_all", choice="ours")
    put_skill(apart.ws, "mail", "Moved on.", {"notes.md": b"Notes\n"})
    plan = page.call("plan")
    assert ["moved", "ours", "skills/mail"] in [row[:3] for row in plan["rows"]]
    state = page.call("apply", plan=plan["plan"])["state"]
    assert [(row[0], row[2]) for row in state["rows"]] == [("skills/mail", "")]
    assert b"Moved on." in stored(apart.ws)["mail"]["SKILL.md"]
    assert "Moved on." in page.call("show", key="skills/mail")["texts"][0]["theirs"]


def test_what_another_settled_meanwhile_is_not_counted_as_settled_here(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    page.call("decide_all", choice="ours")
    assert page.call("plan")["title"] == "Would settle 2 conflicts as decided"
    apart.ws.sync_resolve("skills/mail", "theirs")
    plan = page.call("plan")
    assert plan["rows"] == [["planned", "ours", "skills/call", ""]]
    assert plan["title"] == "Would settle 1 conflict as decided"
    done = page.call("apply", plan=plan["plan"])["state"]["done"]
    assert done["title"] == "Settled 1 conflict as decided"


def test_what_became_the_same_by_hand_is_closed_as_agreed(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    page.call("decide_all", choice="ours")
    put_skill(apart.ws, "mail", SYNC_OURS, {"notes.md": b"Notes, here\n"})
    plan = page.call("plan")
    assert ["same", "", "skills/mail", "the same on both sides already"] in plan["rows"]
    assert plan["title"] == "Would settle 1 conflict as decided; 1 was the same already"
    page.call("apply", plan=plan["plan"])
    assert apart.ws.sync_conflicts().conflicts == ()
    assert [one.choice for one in kept(apart)] == ["agreed"]


def test_a_merged_text_whose_side_moved_comes_back_to_be_looked_at(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    texts = {"SKILL.md": skill("mail", "Both.").decode(), "notes.md": "Notes, both\n"}
    page.call("decide", key="skills/mail", choice="merged", texts=texts)
    page.call("decide", key="skills/call", choice="ours")
    put_skill(apart.ws, "mail", "Moved on.", {"notes.md": b"Notes\n"})
    answer = page.call("apply", plan=page.call("plan")["plan"])
    assert answer["settled"] == ["skills/call"]
    assert answer["drafts"] == {"skills/mail": texts}


def test_a_plan_of_a_sync_that_moved_is_refused(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    page.call("decide_all", choice="ours")
    plan = page.call("plan")
    put_skill(apart.ws, "call", "Moved on.", {"notes.md": b"Notes\n"})
    with pytest.raises(Refused) as caught:
        page.call("apply", plan=plan["plan"])
    assert caught.value.code == "plan-moved"
    assert b"Moved on." in stored(apart.ws)["call"]["SKILL.md"]


def test_what_was_settled_elsewhere_is_planned_and_counted_no_more(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    page.call("decide_all", choice="ours")
    apart.ws.sync_resolve("skills/mail", "theirs")
    plan = page.call("plan")
    assert [row[2] for row in plan["rows"]] == ["skills/call"]
    assert (plan["state"]["total"], plan["state"]["left"]) == (1, 0)


def test_what_is_no_text_is_said_and_cannot_be_merged(ws: Workspace) -> None:
    one = Laptop(ws, ws.settings.services)
    one.skill("mail", SYNC_BASE, {"logo.png": b"\x89PNG\xff"})
    one.push()
    one.skill("mail", SYNC_OURS, {"logo.png": b"\x89PNG\xfe"})
    put_skill(ws, "mail", SYNC_THEIRS, {"logo.png": b"\x89PNG\xfd"})
    one.push(on_conflict="keep")
    shown = Page(ws.settle()).call("show", key="skills/mail")
    assert shown["notes"] == ["logo.png differs, and is no text: take one of the sides"]
    assert [one["choice"] for one in shown["choices"]] == ["ours", "theirs", "both"]


def test_a_side_that_was_deleted_is_said_so_in_its_outcomes(ws: Workspace) -> None:
    one = Laptop(ws, ws.settings.services)
    one.skill("mail", SYNC_BASE)
    one.push()
    one.rm("skills/mail")
    put_skill(ws, "mail", SYNC_THEIRS)
    one.push(on_conflict="keep", delete=True, force=True)
    page = Page(ws.settle())
    shown = page.call("show", key="skills/mail")
    assert shown["ours"] == "nothing: it was deleted"
    outcomes = {one["choice"]: one["outcome"] for one in shown["choices"]}
    assert outcomes["theirs"] == "it comes back here, as it stands there"
    page.call("decide", key="skills/mail", choice="theirs")
    page.call("apply", plan=page.call("plan")["plan"])
    assert one.bodies()["skills/mail/SKILL.md"] == skill("mail", SYNC_THEIRS)
