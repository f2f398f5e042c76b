"""The past of projects, sets and prompts, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import NotFoundError
from anvil_nb.versions.past import past

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace


@pytest.fixture
def kept(ws: Workspace) -> Workspace:
    """Two sets of one project, published in turns, and one of another."""
    for path, text, message in (
        ("desk/emails", "One", "first"),
        ("desk/chats", "Two", "second"),
        ("desk/emails", "Three", "third"),
        ("other/emails", "Four", "fourth"),
    ):
        ws.save(f"{path}/hello", text, message=f"{message} save")
        ws.publish(path, message=message)
        ws.label(f"{path}", "production", message=f"{message} move")
    return ws


def test_a_project_has_the_versions_and_moves_of_its_sets_newest_first(kept: Workspace) -> None:
    found = past(kept.access, "desk")
    said = [(one.set, one.version.number, one.version.message) for one in found.lines]
    assert said == [
        ("desk/emails", "1.0.1", "third"),
        ("desk/chats", "1.0.0", "second"),
        ("desk/emails", "1.0.0", "first"),
    ]
    assert found.sets["desk/emails"] == kept.log("desk/emails")
    assert found.sets["desk/chats"] == kept.log("desk/chats")
    moves = [(path, move.message) for path, move in found.moves()]
    assert moves == [
        ("desk/emails", "third move"),
        ("desk/chats", "second move"),
        ("desk/emails", "first move"),
    ]


def test_a_project_without_sets_has_nothing_behind_it(kept: Workspace) -> None:
    kept.create_project("empty")
    found = past(kept.access, "empty")
    assert (found.lines, found.moves()) == ((), [])
    assert found.to_text() == "empty has no published version."


def test_a_prompt_that_goes_comes_and_stays_is_told_so(kept: Workspace) -> None:
    kept.save("desk/emails/more", "More")
    kept.publish("desk/emails", message="of another")
    kept.remove("desk/emails/hello", message="gone")
    kept.publish("desk/emails", message="without")
    found = past(kept.access, "desk/emails/hello")
    changes = [(one.version.message, one.change) for one in found.lines]
    assert changes == [("without", "removed"), ("third", "changed"), ("first", "added")]
    assert found.present == {"1.0.0", "1.0.1", "1.1.0"}
    saves = [one.message for one in found.drafts]
    assert saves == ["gone", "third save", "first save"]
    assert found.drafts == kept.draft_log("desk/emails/hello").changes
    assert found.moves() == []


def test_what_never_was_is_told_with_what_there_is(kept: Workspace) -> None:
    with pytest.raises(NotFoundError, match="no project 'dask'") as caught:
        past(kept.access, "dask")
    assert "Did you mean 'desk'?" in str(caught.value.hint)
    with pytest.raises(NotFoundError, match="no prompt 'hullo'"):
        past(kept.access, "desk/emails/hullo")
