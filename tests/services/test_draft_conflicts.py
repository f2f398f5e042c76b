"""Saving over a draft that was changed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import DraftConflictError, InvalidInputError
from tests.services.drafts import DRAFT, WELCOME, changes

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace


def test_a_save_on_top_of_what_was_read_goes_through(ws: Workspace) -> None:
    first = ws.save(WELCOME, "one", expect="new")
    second = ws.save(WELCOME, "two", expect=first.digest)
    ws.save(WELCOME, "three", expect=second.digest[:19])
    assert ws.get(DRAFT).template == "three"


def test_a_conflict_shows_both_sides_and_loses_neither(ws: Workspace) -> None:
    read = ws.save(WELCOME, "as it was read")
    theirs = ws.save(WELCOME, "---\nmodel: large\n---\ntheirs")
    with pytest.raises(DraftConflictError) as caught:
        ws.save(WELCOME, "ours", expect=read.digest)
    assert caught.value.details() == {
        "expected": read.digest,
        "found": theirs.digest,
        "theirs": "theirs",
        "ours": "ours",
    }
    assert theirs.digest[:19] in caught.value.message
    assert read.digest[:19] in caught.value.message
    assert f"anvil log --draft {WELCOME}" in caught.value.hint
    assert ws.get(DRAFT).template == "theirs"
    assert ws.get(f"{WELCOME}@{read.digest}").template == "as it was read"
    assert changes(ws) == ["save", "save"]


def test_a_conflict_over_a_removed_or_a_new_prompt_says_so(ws: Workspace) -> None:
    read = ws.save(WELCOME, "one")
    with pytest.raises(DraftConflictError, match="it was not there when it was read") as caught:
        ws.save(WELCOME, "two", expect="new")
    assert (caught.value.expected, caught.value.found) == (None, read.digest)
    ws.remove(WELCOME)
    with pytest.raises(DraftConflictError, match="is not there any more") as caught:
        ws.save(WELCOME, "two", expect=read.digest)
    assert (caught.value.expected, caught.value.theirs) == (read.digest, None)
    ws.save(WELCOME, "two", expect="new")


def test_who_saves_what_stands_there_already_has_no_conflict(ws: Workspace) -> None:
    read = ws.save(WELCOME, "one")
    ws.save(WELCOME, "two")
    assert not ws.save(WELCOME, "two", expect=read.digest).changed


def test_what_is_expected_is_a_digest_or_new(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    for expect in ("", "sha256:", "one", "NEW", "sha256:zzzzzz", "1.0.0"):
        with pytest.raises(InvalidInputError, match="what is expected is a digest or 'new'"):
            ws.save(WELCOME, "two", expect=expect)
