"""The history of a set, without a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import LabelMovedError, NotFoundError, PlanMovedError
from anvil_nb.widgets.desk import Desk
from anvil_nb.widgets.history import PAGE, HistoryView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path, actor="ada") as made:
        made.save("desk/emails/welcome", "Hello {{ name }}", metadata={"description": "A welcome"})
        made.publish("desk/emails", message="First")
        made.save("desk/emails/welcome", "Good day {{ name }}")
        made.publish("desk/emails", message="Politer")
        made.label("desk/emails@1.0.0", "production", message="It works")
        yield made


@pytest.fixture
def view(ws: Workspace) -> HistoryView:
    return HistoryView(ws, "desk/emails")


def numbers(state: Any) -> list[str]:
    return [row["version"] for row in state["rows"]]


def test_the_state_says_where_labels_are_and_who_put_them_there(view: HistoryView) -> None:
    state: Any = view.state()
    assert numbers(state) == ["1.0.1", "1.0.0"]
    put = state["labels"]["production"]
    assert (put["version"], put["by"], put["message"]) == ("1.0.0", "ada", "It works")
    assert put["at"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("POLITER", ["1.0.1"]),
        ("1.0.0", ["1.0.0"]),
        ("prod", ["1.0.0"]),
        ("ada", ["1.0.1", "1.0.0"]),
        ("nothing", []),
    ],
)
def test_messages_numbers_labels_and_authors_are_searched(
    view: HistoryView, text: str, found: list[str]
) -> None:
    assert numbers(view.page(0, text)) == found


def test_what_one_page_seeks_is_not_what_another_gets(view: HistoryView) -> None:
    widget = view.widget
    assert view.page(0, "first")["count"] == 1
    view.label("1.0.0", "staging", "none")
    for loaded in (widget.state, view.page(0)):  # as a page that is loaded again finds it
        assert (loaded["count"], numbers(loaded)) == (2, ["1.0.1", "1.0.0"])
    widget.close()


def test_many_versions_come_a_page_at_a_time_and_the_state_is_small(ws: Workspace) -> None:
    for at in range(PAGE + 5):
        ws.save("desk/emails/welcome", f"Text {at} {{{{ name }}}}")
        ws.publish("desk/emails", message="m" * 2000)
    view = HistoryView(ws, "desk/emails")
    state: Any = view.state()
    assert (state["count"], len(state["rows"])) == (PAGE + 7, PAGE)
    assert len(json.dumps(state)) < 200_000
    assert numbers(view.page(PAGE))[-1] == "1.0.0"


def test_a_version_is_read_with_its_prompts(view: HistoryView) -> None:
    whole: Any = view.version("1.0.0")
    assert (whole["message"], whole["prompts"]) == ("First", ["welcome"])
    prompt: Any = view.prompt("1.0.0", "welcome")
    assert prompt["template"] == "Hello {{ name }}"
    assert ["description", "A welcome"] in prompt["metadata"]
    assert prompt["parameters"][0][:3] == ["name", "any", "required"]


def test_a_label_is_moved_from_where_the_page_saw_it(ws: Workspace, view: HistoryView) -> None:
    state: Any = view.label("1.0.1", "production", "1.0.0", "Better")
    assert state["labels"]["production"]["version"] == "1.0.1"
    assert ws.get("desk/emails/welcome@production").version == "1.0.1"
    moves: Any = view.moves()
    assert (moves["count"], moves["rows"][0]["message"]) == (2, "Better")


def test_a_label_that_moved_meanwhile_is_not_moved(ws: Workspace, view: HistoryView) -> None:
    ws.label("desk/emails@1.0.1", "production")
    with pytest.raises(LabelMovedError, match=r"at 1\.0\.1 now") as caught:
        view.label("1.0.0", "production", "1.0.0")
    assert "again" in str(caught.value.hint)
    with pytest.raises(LabelMovedError):
        view.unlabel("production", "1.0.0")
    assert ws.get("desk/emails/welcome@production").version == "1.0.1"


def test_a_label_is_removed(view: HistoryView) -> None:
    state: Any = view.unlabel("production", "1.0.0", "Over")
    assert state["labels"] == {}
    assert view.moves()["rows"][0]["to"] is None  # type: ignore[index, call-overload]


def test_a_rollback_is_foreseen_and_done(ws: Workspace, view: HistoryView) -> None:
    foreseen = view.foresee("1.0.0")
    assert [foreseen[one] for one in ("created", "version", "previous", "bump")] == [
        True,
        "1.0.2",
        "1.0.1",
        "patch",
    ]
    assert foreseen["reasons"] == ["welcome: text changed (patch)"]
    assert (foreseen["more"], foreseen["resets"]) == (0, True)
    state: Any = view.roll_back("1.0.0", str(foreseen["plan"]), "Back")
    assert numbers(state)[0] == foreseen["version"]
    assert state["said"] == "Published 1.0.2, which is what 1.0.0 was."
    assert state["rows"][0]["source"] == "1.0.0"
    assert ws.get("desk/emails/welcome@draft").template == "Good day {{ name }}"


def test_a_rollback_to_what_is_there_changes_nothing(view: HistoryView) -> None:
    foreseen = view.foresee("1.0.1")
    assert (foreseen["created"], foreseen["resets"]) == (False, False)
    state: Any = view.roll_back("1.0.1", str(foreseen["plan"]))
    assert state["said"] == "1.0.1 is the latest version already: no version was made."
    assert numbers(state) == ["1.0.1", "1.0.0"]


def test_a_rollback_resets_the_draft_that_was_foreseen_and_no_other(
    ws: Workspace, view: HistoryView
) -> None:
    plan = str(view.foresee("1.0.0")["draft_plan"])
    ws.save("desk/emails/welcome", "Saved meanwhile {{ name }}")
    with pytest.raises(PlanMovedError, match="and reset the draft") as caught:
        view.roll_back("1.0.0", plan, draft=True)
    assert "again" in str(caught.value.hint)
    assert ws.get("desk/emails/welcome@draft").template == "Saved meanwhile {{ name }}"
    view.roll_back("1.0.0", str(view.foresee("1.0.0")["draft_plan"]), draft=True)
    assert ws.get("desk/emails/welcome@draft").template == "Hello {{ name }}"


def test_a_rollback_after_somebody_published_is_looked_at_again(
    ws: Workspace, view: HistoryView
) -> None:
    plan = str(view.foresee("1.0.0")["plan"])
    ws.save("desk/emails/welcome", "Hi {{ name }}")
    ws.publish("desk/emails")
    with pytest.raises(PlanMovedError, match=r"publish desk/emails@1\.0\.3 after 1\.0\.2 now"):
        view.roll_back("1.0.0", plan)
    assert ws.log("desk/emails").versions[0].number == "1.0.2"


@pytest.mark.parametrize(
    ("version", "other", "title"),
    [
        ("1.0.1", "1.0.0", "desk/emails@1.0.0 → desk/emails@1.0.1"),
        ("1.0.0", "1.0.1", "desk/emails@1.0.0 → desk/emails@1.0.1"),
        ("1.0.1", "production", "desk/emails@1.0.0 → desk/emails@1.0.1"),
        ("1.0.1", "draft", "desk/emails@1.0.1 → desk/emails@draft"),
    ],
)
def test_two_versions_are_compared_the_older_first(
    view: HistoryView, version: str, other: str, title: str
) -> None:
    sent: list[Any] = []
    desk = Desk(view, sent.append)
    desk.receive(
        {"to": 0, "id": 1, "call": "compare", "args": {"version": version, "other": other}}
    )
    assert (sent[0]["ok"]["view"], sent[0]["ok"]["title"]) == ("diff", title)


def test_a_version_that_is_not_there_is_told(view: HistoryView) -> None:
    with pytest.raises(NotFoundError, match=r"9\.9\.9"):
        view.version("9.9.9")
