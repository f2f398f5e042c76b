"""Conflicts of an import and of a sync, seen, decided and carried out, without a browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.widgets.import_settlement import ImportSettlement
from anvil_nb.widgets.settling import ConflictsView
from tests.sync.apart import BASE as SYNC_BASE
from tests.sync.apart import OURS as SYNC_OURS
from tests.sync.apart import THEIRS as SYNC_THEIRS
from tests.sync.laptops import Laptop, put_skill, skill, stored
from tests.widgets.bundled import OURS, SET, VERSION, in_conflict, many_conflicts, publish
from tests.widgets.pages import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace

MERGED = "Dear {{ name }},\nmany thanks, a lot.\nBye!\n"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "ours", actor="ada") as made:
        yield made


def importing(ws: Workspace, bundle: Path, **how: Any) -> Page:
    def source(own: Workspace) -> ImportSettlement:
        made = ImportSettlement(own, str(bundle), bundle.name, {"allow_unsigned": True, **how})
        made.begin(lambda *_: None)
        return made

    return Page(ConflictsView(ws, source))


@pytest.fixture
def page(ws: Workspace, tmp_path: Path) -> Page:
    return importing(ws, in_conflict(ws, tmp_path))


# What is shown


def test_a_conflict_is_listed_without_its_texts_and_shown_with_them(page: Page) -> None:
    state: Any = page.view.state()
    assert (state["total"], state["left"], state["kinds"]) == (1, 1, ["changed on both sides"])
    assert state["rows"] == [[VERSION, 0, ""]]
    shown = page.call("show", key=VERSION)
    assert shown["choices"]["overwrite"].startswith("theirs becomes our next version")
    assert [one["name"] for one in shown["texts"]] == ["foot", "welcome"]
    welcome = shown["texts"][1]
    assert welcome["ours"] == OURS
    assert "thank you." in welcome["base"]
    assert (shown["mergeable"], shown["decided"]) == (True, {})


def test_a_kind_says_its_outcomes_before_it_is_decided(page: Page) -> None:
    said = page.call("choices", kind="changed on both sides")
    assert {one["choice"] for one in said} == {"skip", "overwrite", "version"}
    assert said[0] == {
        "choice": "skip",
        "count": 1,
        "outcomes": ["ours stays, and theirs is left out"],
    }


def test_a_thousand_conflicts_are_a_small_state_and_quickly_listed(
    ws: Workspace, tmp_path: Path
) -> None:
    page = importing(ws, many_conflicts(ws, tmp_path, 1_000))
    state = page.view.state()
    assert state["total"] == 1_000
    assert len(json.dumps(state)) <= 200_000
    answer = page.call("decide_all", choice="skip")
    assert (answer["left"], len(answer["changed"])) == (0, 1_000)
    plan = page.call("plan")
    assert len(plan["rows"]) == 1_000


# What is decided


@pytest.mark.parametrize(
    ("choice", "numbers"),
    [
        ("skip", ["1.0.0", "1.0.1"]),
        ("overwrite", ["1.0.0", "1.0.1", "1.0.2"]),
        ("version", ["1.0.0", "1.0.1", "1.0.1-from-bob.1"]),
    ],
)
def test_a_choice_is_carried_out_as_it_was_planned(
    ws: Workspace, page: Page, choice: str, numbers: list[str]
) -> None:
    assert page.call("decide", key=VERSION, choice=choice)["changed"] == {VERSION: choice}
    plan = page.call("plan")
    done = page.call("apply", plan=plan["plan"])["state"]["done"]
    assert done["rows"] == plan["rows"]
    assert sorted(one.number for one in ws.log(SET)) == numbers


def test_a_merged_text_is_taken_and_taken_back(ws: Workspace, page: Page) -> None:
    texts = {"welcome": MERGED, "foot": "Yours truly"}
    assert page.call("check", key=VERSION, texts=texts) is None
    page.call("decide", key=VERSION, choice="merged", texts=texts)
    plan = page.call("plan")
    state = page.call("apply", plan=plan["plan"])["state"]
    assert ws.get(f"{SET}/welcome@latest").template == MERGED
    undone = page.call("undo")
    assert undone["state"]["undone"] is True
    assert "ook back" in undone["said"] or "ndid" in undone["said"]
    assert ws.get(f"{SET}/welcome@latest").template == OURS
    assert state["done"]["undo"] == ws.imports().records[0].id


def test_a_template_that_does_not_parse_is_told_and_not_taken(page: Page) -> None:
    texts = {"welcome": "{{ name", "foot": "x"}
    error = page.call("check", key=VERSION, texts=texts)
    assert error["code"] == "invalid-template"
    with pytest.raises(Refused):
        page.call("decide", key=VERSION, choice="merged", texts=texts)
    assert page.view.state()["left"] == 1


def test_a_partial_that_is_not_there_is_told_when_the_text_is_taken(page: Page) -> None:
    with pytest.raises(Refused, match="is not sound"):
        page.call("decide", key=VERSION, choice="merged", texts={"welcome": "{% render 'no' %}"})
    assert page.view.state()["left"] == 1


@pytest.mark.parametrize("mark", ["<<<<<<< Ours", ">>>>>>> theirs"])
def test_a_text_with_the_marks_of_a_merge_is_not_taken(page: Page, mark: str) -> None:
    texts = {"welcome": f"Dear\n{mark}\n"}
    assert "line 2" in page.call("check", key=VERSION, texts=texts)["message"]
    with pytest.raises(Refused, match="line 2"):
        page.call("decide", key=VERSION, choice="merged", texts=texts)


@pytest.mark.parametrize(
    ("choice", "texts"), [("both", None), ("merged", None), ("merged", {}), ("merged", {"a": 3})]
)
def test_what_is_no_decision_is_refused(page: Page, choice: str, texts: Any) -> None:
    with pytest.raises(Refused):
        page.call("decide", key=VERSION, choice=choice, texts=texts)
    assert page.view.state()["left"] == 1


def test_a_decision_is_taken_back(page: Page) -> None:
    page.call("decide", key=VERSION, choice="skip")
    assert page.call("undecide", key=VERSION)["state"]["left"] == 1


def test_nothing_is_imported_while_a_conflict_is_open_unless_it_is_skipped(
    ws: Workspace, page: Page
) -> None:
    assert page.call("plan")["plan"] == ""
    with pytest.raises(Refused, match="to decide"):
        page.call("apply", plan=None)
    plan = page.call("plan", skip=True)
    assert plan["stays"] == [f"{SET}@1.0.1 stays here as it is, and theirs is left out"]
    page.call("apply", plan=plan["plan"], skip=True)
    assert ws.get(f"{SET}/welcome@latest").template == OURS


def test_a_plan_that_does_not_hold_any_more_is_refused(ws: Workspace, page: Page) -> None:
    page.call("decide", key=VERSION, choice="overwrite")
    plan = page.call("plan")
    publish(ws, welcome="Moved on")
    with pytest.raises(Refused) as caught:
        page.call("apply", plan=plan["plan"])
    assert caught.value.code == "plan-moved"
    assert ws.get(f"{SET}/welcome@latest").template == "Moved on"


def test_a_set_that_is_joined_brings_up_the_conflicts_of_its_versions(
    ws: Workspace, tmp_path: Path
) -> None:
    publish(ws, welcome="Ours")
    with anvil.init(tmp_path / "theirs", actor="bob") as theirs:
        publish(theirs, welcome="Theirs")
        theirs.export("desk", tmp_path / "apart.anvil")
    page = importing(ws, tmp_path / "apart.anvil")
    assert page.view.state()["rows"] == [[f"name:{SET}", 0, ""]]
    joined = page.call("decide", key=f"name:{SET}", choice="merge")["state"]
    assert (joined["total"], joined["left"]) == (2, 1)
    page.call("decide", key=f"version:{SET}@1.0.0", choice="version")
    # Another decision takes them away; they come again, decided, with the first.
    apart = page.call("decide", key=f"name:{SET}", choice="version")["state"]
    assert (apart["total"], apart["left"]) == (1, 0)
    again = page.call("decide", key=f"name:{SET}", choice="merge")["state"]
    assert (again["total"], again["left"]) == (2, 0)
    page.call("apply", plan=page.call("plan")["plan"])
    assert sorted(one.number for one in ws.log(SET)) == ["1.0.0", "1.0.0-from-bob.1"]


# What is kept and sent


def test_decisions_are_saved_and_resumed_by_another(
    ws: Workspace, page: Page, tmp_path: Path
) -> None:
    page.call("decide", key=VERSION, choice="merged", texts={"welcome": MERGED})
    saved = page.call("saved")
    assert saved == {VERSION: {"merged": {"welcome": MERGED}}}
    other = importing(ws, tmp_path / "desk.anvil")
    answer = other.call("resume", saved={**saved, "name:desk/else": "skip"})
    assert (answer["taken"], answer["unknown"]) == (1, ["name:desk/else"])
    assert other.view.state()["left"] == 0
    assert other.view.state()["id"] == page.view.state()["id"]
    # A script takes the same file.
    report = ws.import_bundle(tmp_path / "desk.anvil", resolutions=saved, allow_unsigned=True)
    assert report.conflicts[0].choice == "merged"


@pytest.mark.parametrize(
    "saved",
    [
        {VERSION: "both"},
        {VERSION: {"merged": {"welcome": "<<<<<<< Ours\n"}}},
        {VERSION: {"merged": {"welcome": "{{ name"}}},
        {VERSION: 3},
    ],
)
def test_decisions_that_do_not_fit_are_not_taken(page: Page, saved: Any) -> None:
    with pytest.raises(Refused):
        page.call("resume", saved=saved)
    assert page.view.state()["left"] == 1


def test_what_stands_beside_the_page_follows(page: Page) -> None:
    assert "1 of 1 left" in page.view.to_text()
    page.call("decide", key=VERSION, choice="skip")
    assert page.changes == 1
    assert "0 of 1 left" in page.view.to_text()
    assert "skip" in str(page.view.to_html())
    page.call("apply", plan=page.call("plan")["plan"])
    assert "Imported" in page.view.to_text()


# Syncs


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
    assert set(shown["choices"]) == {"ours", "theirs", "both", "merged"}
    assert [one["name"] for one in shown["texts"]] == ["SKILL.md", "notes.md"]
    assert shown["texts"][1]["base"] == "Notes\n"


def test_conflicts_of_a_sync_are_settled_each_by_its_choice(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    texts = {"SKILL.md": skill("mail", "Both.").decode(), "notes.md": "Notes, both\n"}
    assert page.call("check", key="skills/mail", texts=texts) is None
    page.call("decide", key="skills/mail", choice="merged", texts=texts)
    page.call("decide", key="skills/call", choice="both")
    plan = page.call("plan")
    state = page.call("apply", plan=plan["plan"])["state"]
    assert (state["total"], state["done"]["title"]) == (0, "Settled 2 by decided")
    there = stored(apart.ws)
    assert there["mail"]["notes.md"] == b"Notes, both\n"
    assert b"Both." in there["mail"]["SKILL.md"]
    assert b"Edited there." in there["call-theirs"]["SKILL.md"]
    assert apart.bodies()["skills/mail/notes.md"] == b"Notes, both\n"
    assert apart.push(delete=True).unchanged == 3


def test_a_text_that_makes_no_skill_is_told_and_not_taken(apart: Laptop) -> None:
    page = Page(apart.ws.settle())
    texts = {"SKILL.md": "---\nname: [\n---\n", "notes.md": "x"}
    error = page.call("check", key="skills/mail", texts=texts)
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
    assert ["moved", "skills/mail"] in [row[:2] for row in plan["rows"]]
    state = page.call("apply", plan=plan["plan"])["state"]
    assert [(row[0], row[2]) for row in state["rows"]] == [("skills/mail", "")]
    assert b"Moved on." in stored(apart.ws)["mail"]["SKILL.md"]
    assert "Moved on." in page.call("show", key="skills/mail")["texts"][0]["theirs"]


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


def test_what_is_no_text_is_said_and_cannot_be_merged(ws: Workspace) -> None:
    one = Laptop(ws, ws.settings.services)
    one.skill("mail", SYNC_BASE, {"logo.png": b"\x89PNG\xff"})
    one.push()
    one.skill("mail", SYNC_OURS, {"logo.png": b"\x89PNG\xfe"})
    put_skill(ws, "mail", SYNC_THEIRS, {"logo.png": b"\x89PNG\xfd"})
    one.push(on_conflict="keep")
    shown = Page(ws.settle()).call("show", key="skills/mail")
    assert shown["notes"] == ["logo.png differs, and is no text: take one of the sides"]
    assert "merged" not in shown["choices"]


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
    assert shown["choices"]["theirs"] == "it comes back here, as it stands there"
    page.call("decide", key="skills/mail", choice="theirs")
    page.call("apply", plan=page.call("plan")["plan"])
    assert one.bodies()["skills/mail/SKILL.md"] == skill("mail", SYNC_THEIRS)
