"""Comparing any two states of a set or a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

SET = "desk/emails"
WELCOME = f"{SET}/welcome"


@pytest.fixture
def three(ws: Workspace) -> Workspace:
    """Two versions and a draft, in which one prompt stays, one changes, some come and go."""
    with ws.burst():
        ws.save(WELCOME, "Hello {{ name }},\nwelcome.", metadata={"model": "small"})
        ws.save(f"{SET}/kept", "kept")
        ws.save(f"{SET}/gone", "gone later")
        ws.publish(SET)
        ws.save(WELCOME, "Dear {{ name }},\nwelcome.", metadata={"model": "large"})
        ws.remove(f"{SET}/gone")
        ws.publish(SET)
        ws.label(f"{SET}@1.0.0", "production")
        ws.save(f"{SET}/new", "{{ x }}", parameters={"x": "integer"})
    return ws


def kinds(ws: Workspace, old: str, new: str | None = None) -> dict[str, str]:
    return {one.name: one.kind for one in ws.diff(old, new)}


def test_any_two_selectors_can_be_compared(three: Workspace) -> None:
    one, two = (version.digest for version in reversed(three.log(SET).versions))
    changed = {"gone": "removed", "welcome": "changed"}
    for old in ("1.0.0", "production", "<2", "^1", one, one[:19]):
        for new in ("2.0.0", "latest", "2.x", two):
            assert kinds(three, f"{SET}@{old}", f"{SET}@{new}") == changed
        assert kinds(three, f"{SET}@{old}", f"{SET}@draft") == {**changed, "new": "added"}
    back = {"gone": "added", "welcome": "changed"}
    assert kinds(three, f"{SET}@2.0.0", f"{SET}@1.0.0") == back
    assert three.diff(f"{SET}@2.0.0", f"{SET}@1.0.0").bump == "minor"


def test_nothing_said_means_the_latest_version_and_the_draft(three: Workspace) -> None:
    found = three.diff(SET)
    assert (found.old, found.new) == (f"{SET}@2.0.0", f"{SET}@draft")
    assert (found.bump, [one.name for one in found]) == ("minor", ["new"])
    assert kinds(three, f"{SET}@production") == kinds(three, f"{SET}@1.0.0", f"{SET}@draft")
    assert kinds(three, SET, f"{SET}@1.0.0") == kinds(three, f"{SET}@2.0.0", f"{SET}@1.0.0")


def test_a_difference_says_text_parameters_and_metadata(three: Workspace) -> None:
    (one,) = three.diff(f"{WELCOME}@1.0.0", f"{WELCOME}@2.0.0")
    assert (
        one.text.unified() == "@@ -1,2 +1,2 @@\n-Hello {{ name }},\n+Dear {{ name }},\n welcome.\n"
    )
    assert [(change.name, change.old, change.new) for change in one.metadata] == [
        ("model", "small", "large")
    ]
    (new,) = three.diff(SET)
    (change,) = new.parameters
    assert change.old is None
    assert change.new is not None
    assert change.new.type == "integer"


def test_what_is_the_same_has_no_difference(three: Workspace) -> None:
    for one, other in (
        (f"{SET}@1.0.0", f"{SET}@production"),
        (f"{SET}@draft", f"{SET}@draft"),
        (f"{SET}/kept@1.0.0", f"{SET}/kept@draft"),
        (f"{SET}/kept", None),
    ):
        found = three.diff(one, other)
        assert (found.changed, found.bump, found.prompts) == (False, "", ())
        assert found.to_text().endswith("are the same.")


def test_two_prompts_are_compared_whatever_they_are_called(three: Workspace) -> None:
    three.save("desk/letters/hello", "Hello {{ name }},\nwelcome.", metadata={"model": "small"})
    found = three.diff(f"{WELCOME}@2.0.0", "desk/letters/hello@draft")
    assert (found.old, found.new) == (f"{WELCOME}@2.0.0", "desk/letters/hello@draft")
    assert [(one.name, one.kind) for one in found] == [("hello", "changed")]
    assert not three.diff(f"{WELCOME}@1.0.0", "desk/letters/hello").changed
    within = three.diff(f"{SET}/kept@draft", f"{SET}/new@draft")
    assert [(one.name, one.kind, one.text.removed) for one in within] == [("new", "changed", 1)]
    assert kinds(three, f"{SET}@1.0.0", "desk/letters") == {
        "gone": "removed",
        "kept": "removed",
        "welcome": "removed",
        "hello": "added",
    }


def test_a_prompt_that_only_one_version_has_was_added_or_removed(three: Workspace) -> None:
    assert kinds(three, f"{SET}/gone@1.0.0", f"{SET}/gone@2.0.0") == {"gone": "removed"}
    assert kinds(three, f"{SET}/gone@2.0.0", f"{SET}/gone@1.0.0") == {"gone": "added"}
    assert kinds(three, f"{SET}/new") == {"new": "added"}


def test_a_prompt_that_is_nowhere_is_missing(three: Workspace) -> None:
    for old, new in (
        (f"{SET}/gone@2.0.0", f"{SET}/gone@draft"),
        (f"{SET}/gone@draft", f"{SET}/kept@draft"),
        (f"{SET}/kept@draft", f"{SET}/gone@draft"),
        (f"{SET}/absent", None),
        (f"{SET}@3.0.0", None),
        ("desk/absent", None),
    ):
        with pytest.raises(NotFoundError):
            three.diff(old, new)
    with pytest.raises(RefusedError, match="a set and a prompt cannot be compared"):
        three.diff(SET, WELCOME)


def test_an_old_text_of_the_draft_is_compared_by_its_digest(ws: Workspace) -> None:
    old = ws.save(WELCOME, "one {{ a }}{% render 'foot' %}").digest
    ws.save(WELCOME, "two {{ a }}")
    found = ws.diff(f"{WELCOME}@{old[:19]}", f"{WELCOME}@draft")
    assert [(one.kind, one.text.added) for one in found] == [("changed", 1)]
    ws.remove(WELCOME)
    assert ws.diff(f"{WELCOME}@{old}", f"{WELCOME}@{old}").changed is False


def test_a_draft_that_is_not_sound_can_be_compared(ws: Workspace) -> None:
    ws.save(WELCOME, "{% render 'foot' %}", parameters={"a": "string"})
    ws.save(f"{SET}/foot", "Bye")
    ws.publish(SET)
    ws.save(f"{SET}/foot", "{% message user %}Bye{% endmessage %}")
    assert kinds(ws, SET) == {"foot": "changed"}
    ws.remove(f"{SET}/foot")
    assert kinds(ws, SET) == {"foot": "removed"}


def test_a_set_that_was_never_published_has_nothing_to_compare_with(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    with pytest.raises(NotFoundError, match="has no published version"):
        ws.diff(SET)
    assert not ws.diff(f"{SET}@draft").changed
