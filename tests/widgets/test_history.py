"""The history of a set, without a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import InvalidInputError, LabelMovedError, NotFoundError, PlanMovedError
from anvil_nb.widgets.desk import Desk
from anvil_nb.widgets.history import PAGE, HistoryView
from anvil_nb.widgets.job import Job

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


@pytest.fixture
def project(ws: Workspace) -> HistoryView:
    """The history of a project with two sets, whose versions have the same numbers."""
    ws.save("desk/chats/hello", "Hi {{ name }}")
    ws.publish("desk/chats", message="Begun")
    ws.save("desk/chats/hello", "Hi there {{ name }}")
    ws.publish("desk/chats", message="Longer")
    ws.save("other/set/one", "Not of this project")
    ws.publish("other/set")
    return HistoryView(ws, "desk")


@pytest.fixture
def alone(ws: Workspace) -> HistoryView:
    """The history of a prompt that changed, did not, went, and came again."""
    ws.save("desk/emails/other", "Something else")
    ws.publish("desk/emails", message="Another")
    ws.remove("desk/emails/welcome", message="Away with it")
    ws.publish("desk/emails", message="Less")
    ws.save("desk/emails/welcome", "Here again {{ name }}")
    ws.publish("desk/emails", message="Back")
    ws.save("desk/emails/welcome", "Not published {{ name }}", message="A try")
    return HistoryView(ws, "desk/emails/welcome")


def numbers(state: Any) -> list[str]:
    return [row["version"] for row in state["rows"]]


def test_the_state_says_where_labels_are_and_who_put_them_there(view: HistoryView) -> None:
    state: Any = view.state()
    assert numbers(state) == ["1.0.1", "1.0.0"]
    assert state["sets"]["desk/emails"]["labels"] == {"production": "1.0.0"}
    (put,) = state["rows"][1]["labels"]
    assert (put["name"], put["by"], put["message"]) == ("production", "ada", "It works")
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
    assert state["sets"]["desk/emails"]["labels"] == {"production": "1.0.1"}
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
    assert state["sets"]["desk/emails"]["labels"] == {}
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
    state: Any = view.roll_back(Job(), "1.0.0", str(foreseen["plan"]), "Back")
    assert numbers(state)[0] == foreseen["version"]
    assert state["said"] == "Published 1.0.2, which is what 1.0.0 was."
    assert state["rows"][0]["source"] == "1.0.0"
    assert ws.get("desk/emails/welcome@draft").template == "Good day {{ name }}"


def test_a_rollback_to_what_is_there_changes_nothing(view: HistoryView) -> None:
    foreseen = view.foresee("1.0.1")
    assert (foreseen["created"], foreseen["resets"]) == (False, False)
    state: Any = view.roll_back(Job(), "1.0.1", str(foreseen["plan"]))
    assert state["said"] == "1.0.1 is the latest version already: no version was made."
    assert numbers(state) == ["1.0.1", "1.0.0"]


def test_a_rollback_resets_the_draft_that_was_foreseen_and_no_other(
    ws: Workspace, view: HistoryView
) -> None:
    plan = str(view.foresee("1.0.0")["draft_plan"])
    ws.save("desk/emails/welcome", "Saved meanwhile {{ name }}")
    with pytest.raises(PlanMovedError, match="and reset the draft") as caught:
        view.roll_back(Job(), "1.0.0", plan, draft=True)
    assert "again" in str(caught.value.hint)
    assert ws.get("desk/emails/welcome@draft").template == "Saved meanwhile {{ name }}"
    view.roll_back(Job(), "1.0.0", str(view.foresee("1.0.0")["draft_plan"]), draft=True)
    assert ws.get("desk/emails/welcome@draft").template == "Hello {{ name }}"


def test_a_rollback_after_somebody_published_is_looked_at_again(
    ws: Workspace, view: HistoryView
) -> None:
    plan = str(view.foresee("1.0.0")["plan"])
    ws.save("desk/emails/welcome", "Hi {{ name }}")
    ws.publish("desk/emails")
    with pytest.raises(PlanMovedError, match=r"publish desk/emails@1\.0\.3 after 1\.0\.2 now"):
        view.roll_back(Job(), "1.0.0", plan)
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


def lines(state: Any) -> list[tuple[str, str]]:
    return [(row["set"], row["version"]) for row in state["rows"]]


def test_a_project_has_the_versions_of_all_its_sets_newest_first(project: HistoryView) -> None:
    state: Any = project.state()
    assert (state["kind"], project.title) == ("project", "History of desk")
    assert lines(state) == [
        ("desk/chats", "1.0.1"),
        ("desk/chats", "1.0.0"),
        ("desk/emails", "1.0.1"),
        ("desk/emails", "1.0.0"),
    ]
    assert state["sets"] == {}  # each is fetched when something is done with it
    assert project.known("desk/chats")["numbers"] == ["1.0.1", "1.0.0"]
    assert lines(project.page(0, "CHATS")) == lines(state)[:2]
    assert lines(project.page(0, "politer")) == [("desk/emails", "1.0.1")]
    assert project.moves()["rows"][0]["set"] == "desk/emails"  # type: ignore[index, call-overload]


def test_what_is_done_in_a_project_is_done_in_the_set_of_the_row(
    ws: Workspace, project: HistoryView
) -> None:
    read: Any = project.prompt("1.0.0", "hello", of="desk/chats")
    assert read["template"] == "Hi {{ name }}"
    assert project.version("1.0.0", of="desk/chats")["prompts"] == ["hello"]
    state: Any = project.label("1.0.1", "staging", "none", of="desk/chats")
    assert state["sets"]["desk/chats"]["labels"] == {"staging": "1.0.1"}
    assert ws.get("desk/chats/hello@staging").version == "1.0.1"
    foreseen = project.foresee("1.0.0", of="desk/chats")
    state = project.roll_back(Job(), "1.0.0", str(foreseen["plan"]), of="desk/chats")
    assert state["said"] == "desk/chats: Published 1.0.2, which is what 1.0.0 was."
    assert lines(state)[0] == ("desk/chats", "1.0.2")
    state = project.unlabel("staging", "1.0.1", of="desk/chats")
    assert state["sets"]["desk/chats"]["labels"] == {}
    assert ws.log("desk/emails").versions[0].number == "1.0.1"
    with pytest.raises(NotFoundError, match="other/set"):
        project.version("1.0.0", of="other/set")


def test_a_project_of_many_sets_has_a_small_state(ws: Workspace) -> None:
    for at in range(PAGE + 5):
        ws.save(f"many/set-{at}/welcome", "Hello")
        ws.publish(f"many/set-{at}", message="m" * 2000)
        ws.label(f"many/set-{at}@1.0.0", "production", message="w" * 2000)
    view = HistoryView(ws, "many")
    state: Any = view.state()
    assert (state["count"], len(state["rows"]), state["moves"]) == (PAGE + 5, PAGE, PAGE + 5)
    assert len(json.dumps(state)) < 200_000
    assert lines(view.page(PAGE))[-1] == ("many/set-0", "1.0.0")


def test_a_prompt_has_the_versions_in_which_it_was_another_than_before(
    ws: Workspace, alone: HistoryView
) -> None:
    state: Any = alone.state()
    changes = [(row["message"], row["change"]) for row in state["rows"]]
    assert changes == [
        ("Back", "added"),
        ("Less", "removed"),
        ("Politer", "changed"),
        ("First", "added"),
    ]
    assert [one.number for one in ws.log("desk/emails")] == [
        "2.1.0",
        "2.0.0",
        "1.1.0",
        "1.0.1",
        "1.0.0",
    ]
    known = state["sets"]["desk/emails"]
    assert known["numbers"] == ["2.1.0", "1.1.0", "1.0.1", "1.0.0"]  # those that have it
    assert known["draft"]
    assert [row["message"] for row in alone.page(0, "removed")["rows"]] == ["Less"]  # type: ignore[union-attr, call-overload, index]
    assert alone.version("1.1.0")["prompts"] == ["welcome"]


def test_the_changes_of_a_prompt_in_the_draft_are_told_with_who_and_why(
    alone: HistoryView,
) -> None:
    drafts: Any = alone.drafts()
    said = [(one["action"], one["by"], one["message"]) for one in drafts["rows"]]
    assert said[0][1:] == ("ada", "A try")
    assert "Away with it" in [message for _, _, message in said]
    assert alone.state()["drafts"] == drafts["count"] == 5
    assert alone.page(0, "a TRY")["drafts"] == 1
    found: Any = alone.drafts(0, "a TRY")
    assert [one["message"] for one in found["rows"]] == ["A try"]


def test_a_prompt_is_compared_with_itself(alone: HistoryView) -> None:
    sent: list[Any] = []
    desk = Desk(alone, sent.append)
    args = {"version": "2.1.0", "other": "1.0.0", "of": "desk/emails"}
    desk.receive({"to": 0, "id": 1, "call": "compare", "args": args})
    title = "desk/emails/welcome@1.0.0 → desk/emails/welcome@2.1.0"
    assert sent[0]["ok"]["title"] == title


def test_a_prompt_that_is_published_nowhere_has_a_past_in_the_draft_alone(ws: Workspace) -> None:
    ws.save("desk/emails/new", "Hello", message="Begun")
    view = HistoryView(ws, "desk/emails/new")
    assert (view.state()["count"], view.state()["drafts"]) == (0, 1)
    assert "Begun" in view.to_text()
    assert "is in no version" in str(view.to_html())


@pytest.mark.parametrize("address", ["nowhere", "desk/nowhere", "desk/emails/nowhere"])
def test_what_never_was_has_no_past(ws: Workspace, address: str) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        HistoryView(ws, address)


@pytest.mark.parametrize("address", ["desk/emails@1.0.0", "desk/emails/welcome@draft"])
def test_one_state_of_something_has_no_past(ws: Workspace, address: str) -> None:
    with pytest.raises(InvalidInputError, match="a log is of all versions"):
        HistoryView(ws, address)


def test_without_a_page_a_project_says_the_set_and_a_prompt_what_happened(
    project: HistoryView, alone: HistoryView
) -> None:
    assert "chats" in project.to_text()
    assert "removed" in alone.to_text()
    assert "Changes in the draft" in str(alone.to_html())
