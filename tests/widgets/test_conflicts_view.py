"""Conflicts of an import, seen, decided and carried out, without a browser."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.results.exchange import ImportPlan
from anvil_nb.widgets import settling
from anvil_nb.widgets.conflicts import Conflict
from anvil_nb.widgets.import_settlement import ImportSettlement
from anvil_nb.widgets.settling import ConflictsView
from tests.widgets.bundled import (
    OURS,
    SET,
    VERSION,
    declared_in_conflict,
    in_conflict,
    many_conflicts,
    many_sets,
    publish,
)
from tests.widgets.pages import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace

SOUND: dict[str, Any] = {"error": None, "notes": []}
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
    assert state["rows"] == [[VERSION, 0, "", len("version:")]]
    shown = page.call("show", key=VERSION)
    outcomes = {one["choice"]: (one["title"], one["outcome"]) for one in shown["choices"]}
    title, outcome = outcomes["overwrite"]
    assert title == "Overwrite"
    assert outcome.startswith("theirs becomes our next version")
    assert [one["name"] for one in shown["texts"]] == ["foot", "welcome"]
    welcome = shown["texts"][1]
    assert welcome["ours"] == OURS
    assert "thank you." in welcome["base"]
    assert (shown["mergeable"], shown["decided"]) == (True, {})


def test_a_kind_says_its_outcomes_before_it_is_decided(page: Page) -> None:
    said = page.call("choices", kind="changed on both sides")
    assert said["left"] == 1
    assert {one["choice"] for one in said["choices"]} == {"skip", "overwrite", "version"}
    assert said["choices"][0] == {
        "choice": "skip",
        "title": "Skip",
        "count": 1,
        "wordings": 1,
        "outcomes": [["ours stays, and theirs is left out", 1]],
    }
    assert page.call("outcomes", choice="skip") == {
        "count": 1,
        "start": 0,
        "rows": [[f"{SET}@1.0.1", "ours stays, and theirs is left out"]],
    }
    assert page.call("outcomes", choice="merged")["count"] == 0


def test_every_outcome_is_told_of_conflicts_that_would_come_out_differently(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "OUTCOMES", 4)
    page = importing(ws, many_sets(ws, tmp_path, 6))
    assert isinstance(page.view, ConflictsView)
    said = page.call("choices")
    choices = {one["choice"]: one for one in said["choices"]}
    beside = choices["version"]
    assert (beside["count"], beside["wordings"], said["left"]) == (6, 6, 6)
    assert [count for _, count in beside["outcomes"]] == [1, 1, 1]
    assert choices["skip"]["outcomes"] == [["ours stays as it is, and theirs is left out", 6]]
    first, last = (page.call("outcomes", choice="version", start=at) for at in (0, 4))
    assert (len(first["rows"]), len(last["rows"])) == (4, 2)
    told = dict(first["rows"] + last["rows"])
    assert told == {
        one.address: one.choices["version"] for one in page.view.source.conflicts.values()
    }
    page.call("decide", key=f"name:{next(iter(told))}", choice="skip")
    assert page.call("outcomes", choice="version")["count"] == 5, "it is decided"


def test_an_address_that_is_no_part_of_its_key_is_told_whole() -> None:
    conflict = Conflict("name:desk/one", "name taken", "desk/two", "", None, "", "", {})
    assert conflict.address_in_key == "desk/two"
    assert replace(conflict, address="desk/one").address_in_key == len("name:")
    assert replace(conflict, key="desk/two").address_in_key == 0


def test_an_import_is_carried_out_whole_and_conflicts_of_syncs_are_settled_one_by_one(
    ws: Workspace, page: Page
) -> None:
    assert page.view.state()["whole"] is True
    assert ws.settle().state()["whole"] is False


def test_a_thousand_conflicts_are_a_small_state_and_quickly_listed(
    ws: Workspace, tmp_path: Path
) -> None:
    page = importing(ws, many_conflicts(ws, tmp_path, 1_000))
    state = page.view.state()
    assert state["total"] == 1_000
    assert len(json.dumps(state)) <= 75_000, "what it is, and far below 200,000"
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
    assert page.call("check", key=VERSION, texts=texts) == SOUND
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
    error = page.call("check", key=VERSION, texts=texts)["error"]
    assert error["code"] == "invalid-template"
    with pytest.raises(Refused):
        page.call("decide", key=VERSION, choice="merged", texts=texts)
    assert page.view.state()["left"] == 1


SAID: list[tuple[dict[str, str], str | None, list[str]]] = [
    ({"welcome": "{{ name }}"}, None, []),
    (
        {"welcome": "{{ nam }}"},
        None,
        [
            "welcome: uses 'nam', which is not declared; did you mean 'name'?",
            "welcome: declared and not used: name",
        ],
    ),
    ({"welcome": "{{ name }} {% render 'foot' %}"}, None, []),
    ({"welcome": "{% render 'no' %}"}, "renders 'no', and there is no such prompt", []),
    ({"welcome": "{{ name | shout }}"}, "unknown filter", []),
    ({"welcome": "{% render 'foot' %}", "foot": "{% render 'welcome' %}"}, "circle", []),
    ({"welcome": "{{ name"}, "", []),
    ({"else": "Hello"}, "no prompt 'else' to take a merged text", []),
    (
        {"welcome": "---\ndescription: x\n---\n{{ name }}"},
        None,
        ["welcome: opens with frontmatter, which is text here and declares nothing"],
    ),
]
"""Texts, the error or none, and the notes."""


@pytest.mark.parametrize(
    ("how", "texts", "error", "notes"),
    [("version", *one) for one in SAID] + [("draft", *one) for one in SAID if "foot" not in one[0]],
)
def test_all_that_can_be_said_of_a_text_is_said_as_it_is_written(
    ws: Workspace,
    tmp_path: Path,
    how: str,
    texts: dict[str, str],
    error: str | None,
    notes: list[str],
) -> None:
    page = importing(ws, declared_in_conflict(ws, tmp_path, whole=how == "version"))
    state: Any = page.view.state()
    key = state["rows"][0][0]
    said = page.call("check", key=key, texts=texts)
    if error is None:
        assert said == {"error": None, "notes": notes}
        assert page.call("decide", key=key, choice="merged", texts=texts)["left"] == 0
    else:
        assert error in said["error"]["message"].lower()
        assert said["error"]["hint"]
        with pytest.raises(Refused, match=re.escape(said["error"]["message"])):
            page.call("decide", key=key, choice="merged", texts=texts)


def test_a_long_text_is_checked_while_it_is_written(ws: Workspace, tmp_path: Path) -> None:
    page = importing(ws, declared_in_conflict(ws, tmp_path, whole=True))
    state: Any = page.view.state()
    key = state["rows"][0][0]
    lines = "Dear {{ name }}, {% if name %}it is line %s{% endif %}\n{% render 'foot' %}\n"
    times = []
    for turn in range(5):
        text = "".join(lines.replace("%s", f"{turn}.{at}") for at in range(100))
        begin = time.perf_counter()
        assert page.call("check", key=key, texts={"welcome": text}) == SOUND
        times.append(time.perf_counter() - begin)
    assert sorted(times)[2] < 0.25, "50 ms on a machine that does nothing else"  # seconds


def test_a_partial_that_is_not_there_is_told_when_the_text_is_taken(page: Page) -> None:
    with pytest.raises(Refused, match="is not sound"):
        page.call("decide", key=VERSION, choice="merged", texts={"welcome": "{% render 'no' %}"})
    assert page.view.state()["left"] == 1


@pytest.mark.parametrize("mark", ["<<<<<<< Ours", ">>>>>>> theirs"])
def test_a_text_with_the_marks_of_a_merge_is_not_taken(page: Page, mark: str) -> None:
    texts = {"welcome": f"Dear\n{mark}\n"}
    assert "line 2" in page.call("check", key=VERSION, texts=texts)["error"]["message"]
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
    assert page.view.state()["rows"] == [[f"name:{SET}", 0, "", len("name:")]]
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


def test_what_is_saved_is_taken_by_everything_whatever_conflict_brings_up_which(
    ws: Workspace, tmp_path: Path
) -> None:
    publish(ws, welcome="Ours")
    with anvil.init(tmp_path / "theirs", actor="bob") as theirs:
        publish(theirs, welcome="Theirs")
        theirs.export("desk", tmp_path / "apart.anvil")
    bundle = tmp_path / "apart.anvil"
    page = importing(ws, bundle)
    page.call("decide", key=f"name:{SET}", choice="merge")
    page.call("decide", key=f"version:{SET}@1.0.0", choice="version")
    both = page.call("saved")
    assert both == {f"name:{SET}": "merge", f"version:{SET}@1.0.0": "version"}
    for order in (both, dict(reversed(both.items()))):
        assert importing(ws, bundle).call("resume", saved=order)["taken"] == 2
        begun = ImportSettlement(ws, str(bundle), bundle.name, {"allow_unsigned": True})
        begun.begin(lambda *_: None, resolutions=order)
        assert begun.open == []
        plan = ws.import_bundle(bundle, resolutions=order, allow_unsigned=True, dry_run=True)
        assert isinstance(plan, ImportPlan)
        assert plan.open == ()
    # The one that is gone for now is not saved: nothing else would take it.
    page.call("decide", key=f"name:{SET}", choice="version")
    assert page.call("saved") == {f"name:{SET}": "version"}
    ws.import_bundle(bundle, resolutions=page.call("saved"), allow_unsigned=True)


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
