"""The difference of two versions, without a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import NotFoundError, RefusedError
from anvil_nb.widgets.diff import CONTEXT, LINES, NAMES, DiffView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace

MOST = 200_000
"""How many bytes of state a view may have."""


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path) as made:
        yield made


def text(lines: int, *changed: int, word: str = "line") -> str:
    return "".join(
        f"{'other' if at in changed else word} {at} of the text\n" for at in range(1, lines + 1)
    )


def two(ws: Workspace, old: str, new: str) -> DiffView:
    ws.save("desk/emails/welcome", old)
    ws.publish("desk/emails")
    ws.save("desk/emails/welcome", new)
    return DiffView(ws, "desk/emails")


def test_the_state_holds_the_first_prompt_with_its_changed_words(ws: Workspace) -> None:
    state: Any = two(ws, "Hello {{ name }}\n", "Good day {{ name }}\n").state()
    assert (state["old"]["address"], state["new"]["address"]) == (
        "desk/emails@1.0.0",
        "desk/emails@draft",
    )
    removed, added = state["first"]["pieces"]
    assert (removed["kind"], removed["old"], removed["new"]) == ("removed", 1, None)
    assert ["Hello", True] in removed["spans"]
    assert ["Good day", True] in added["spans"]
    assert state["bump"] == "patch"
    assert state["reasons"] == [{"prompt": "welcome", "bump": "patch", "text": "text changed"}]


def test_an_added_line_says_which_old_one_it_stands_beside(ws: Workspace) -> None:
    view = two(ws, "Dear {{ name }}, hello\n", "Be brief.\nDear {{ name }}, good day\n")
    pieces: Any = view.state()["first"]["pieces"]  # type: ignore[index, call-overload]
    assert [(one["kind"], one.get("beside")) for one in pieces] == [
        ("removed", None),
        ("added", None),
        ("added", 1),
    ]


def test_latest_is_the_highest_version_that_is_no_prerelease(ws: Workspace) -> None:
    view = two(ws, "a\n", "b\n")
    ws.publish("desk/emails", version="2.0.0-rc.1")
    choices: Any = view.state()["choices"]
    assert choices["desk/emails"]["versions"][0] == "2.0.0-rc.1"
    assert choices["desk/emails"]["latest"] == "1.0.0"


def test_equal_lines_are_folded_around_changes_and_sent_when_asked_for(ws: Workspace) -> None:
    view = two(ws, text(100), text(100, 50))
    pieces: Any = view.state()["first"]["pieces"]  # type: ignore[index, call-overload]
    folds = [one for one in pieces if "fold" in one]
    assert folds == [
        {"fold": 0, "count": 49 - CONTEXT},
        {"fold": 51 + CONTEXT, "count": 50 - CONTEXT},
    ]
    lines: Any = view.lines("welcome", **_asked(folds[1]))
    assert [lines[0]["old"], lines[-1]["new"]] == [51 + CONTEXT, 100]
    assert {one["kind"] for one in lines} == {"equal"}


def _asked(fold: dict[str, int]) -> dict[str, int]:
    return {"start": fold["fold"], "count": fold["count"]}


def test_a_few_equal_lines_between_changes_are_not_folded(ws: Workspace) -> None:
    pieces: Any = two(ws, text(12), text(12, 1, 11)).state()["first"]["pieces"]  # type: ignore[index, call-overload]
    assert not any("fold" in one for one in pieces)


def test_no_more_lines_are_unfolded_at_once_than_a_page_takes(ws: Workspace) -> None:
    view = two(ws, text(3000), text(3000, 3000))
    assert len(view.lines("welcome", 0, 2900)) == LINES


def test_a_large_difference_comes_in_portions_that_make_it_whole(ws: Workspace) -> None:
    view = two(ws, text(2000), text(2000, word="word"))
    state: Any = view.state()
    assert len(json.dumps(state)) < MOST
    first = state["first"]
    got, following = [*first["pieces"]], first["next"]
    while following is not None:
        portion: Any = view.pieces("welcome", following)
        got += portion["pieces"]
        following = portion["next"]
    assert sum(one["kind"] == "removed" for one in got) == 2000
    assert [one["new"] for one in got if one["kind"] == "added"] == list(range(1, 2001))


def test_a_line_that_is_too_long_for_the_state_is_left_to_a_call(ws: Workspace) -> None:
    view = two(ws, "a" * 300_000, "b" * 300_000)
    state: Any = view.state()
    assert state["first"] is None
    assert len(json.dumps(state)) < MOST
    whole: Any = view.prompt("welcome")
    assert len(whole["pieces"][0]["text"]) == 300_000


def test_a_set_lists_its_prompts_with_counts_a_page_at_a_time(ws: Workspace) -> None:
    with ws.burst():
        for at in range(NAMES + 20):
            ws.save(f"desk/emails/prompt-{at:03}", "Hello\nthere\n")
        ws.publish("desk/emails")
        ws.save("desk/emails/prompt-000", "Hello\nyou\nall\n")
        for at in range(1, NAMES + 20):
            ws.remove(f"desk/emails/prompt-{at:03}")
        ws.save("desk/emails/welcome", "Hi {{ name }}")
    view = DiffView(ws, "desk/emails@1.0.0", "desk/emails@draft")
    state: Any = view.state()
    assert (state["count"], len(state["rows"])) == (NAMES + 21, NAMES)
    assert state["rows"][0] == {
        "name": "prompt-000", "kind": "changed", "added": 2, "removed": 1, "others": 0,
    }  # fmt: skip
    later: Any = view.names(NAMES)
    assert (later["rows"][-1]["name"], later["rows"][-1]["kind"]) == ("welcome", "added")
    assert state["reasons"][0]["bump"] == "major", "the gravest first"


def test_parameters_and_metadata_are_rows(ws: Workspace) -> None:
    ws.save("desk/emails/welcome", "Hi {{ name }}", metadata={"description": "Short"})
    ws.publish("desk/emails")
    ws.save(
        "desk/emails/welcome",
        "Hi {{ name }}",
        parameters={"name": "string"},
        metadata={"description": "Long"},
    )
    whole: Any = DiffView(ws, "desk/emails/welcome").state()["first"]
    assert ["description", "Short", "Long"] in whole["rows"]
    assert any(row[0] == "parameter name" for row in whole["rows"])
    assert whole["pieces"] == []


def test_other_states_are_chosen_in_place_and_a_label_stays_one(ws: Workspace) -> None:
    view = two(ws, "Hello", "Good day")
    ws.label("desk/emails@1.0.0", "production")
    ws.publish("desk/emails")
    state: Any = view.choose("production", "1.0.1")
    assert (state["old"]["selector"], state["old"]["address"]) == (
        "production",
        "desk/emails@1.0.0",
    )
    assert state["choices"]["desk/emails"] == {
        "labels": [["production", "1.0.0"]],
        "versions": ["1.0.1", "1.0.0"],
        "latest": "1.0.1",
    }
    ws.label("desk/emails@1.0.1", "production")
    again: Any = view.choose("production", "1.0.1")
    assert again["count"] == 0
    assert view.to_text() == "desk/emails@1.0.1 and desk/emails@1.0.1 are the same."


def test_what_is_not_there_is_refused_and_the_difference_stays(ws: Workspace) -> None:
    view = two(ws, "Hello", "Good day")
    before = view.state()
    with pytest.raises(NotFoundError, match=r"9\.9\.9"):
        view.choose("9.9.9", "draft")
    assert view.state() == before
    with pytest.raises(NotFoundError, match="'nobody'"):
        view.prompt("nobody")


def test_the_prompt_that_is_read_is_read_on_where_it_still_differs(ws: Workspace) -> None:
    view = two(ws, "Hello", "Good day")
    ws.save("desk/emails/letter", "Dear")
    first: Any = view.choose("latest", "draft")
    assert (first["name"], first["at"]) == ("letter", 0)
    for state in (view.swap("welcome"), view.choose("draft", "latest", "welcome")):
        shown: Any = state
        assert (shown["name"], shown["at"], shown["first"]["name"]) == ("welcome", 1, "welcome")
    ws.save("desk/emails/welcome", "Hello")
    gone: Any = view.choose("draft", "latest", "welcome")
    assert (gone["name"], gone["first"]["name"]) == ("letter", "letter")


def test_the_sides_are_swapped(ws: Workspace) -> None:
    state: Any = two(ws, "Hello", "Good day").swap()
    assert (state["old"]["selector"], state["new"]["selector"]) == ("draft", "1.0.0")
    assert [one["text"] for one in state["first"]["pieces"]] == ["Good day", "Hello"]


def test_hidden_characters_are_seen(ws: Workspace) -> None:
    state: Any = two(ws, "Hello\r\n", "Hello\u202e\n").state()
    assert "[U+202E]" in json.dumps(state["first"]["pieces"], ensure_ascii=False)
    assert "␍" in json.dumps(state["first"]["pieces"], ensure_ascii=False)


def test_a_missing_newline_at_the_end_is_said_where_it_matters(ws: Workspace) -> None:
    pieces: Any = two(ws, "Hello\n", "Hello").state()["first"]["pieces"]  # type: ignore[index, call-overload]
    assert [one.get("open", False) for one in pieces] == [False, True]


def test_a_set_and_a_prompt_are_not_compared(ws: Workspace) -> None:
    two(ws, "Hello", "Good day")
    with pytest.raises(RefusedError):
        ws.compare("desk/emails", "desk/emails/welcome")
