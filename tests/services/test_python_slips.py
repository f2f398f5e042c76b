"""Slips in Python are answered with what to type, not with a traceback of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import (
    DraftConflictError,
    ExistsError,
    InvalidInputError,
    LabelMovedError,
    PublishRaceError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.parametrize("store", ["duckdb"], indirect=True)

WELCOME = "desk/emails/welcome"

CALLS: dict[str, Callable[[Any], object]] = {
    "get": lambda ws: ws.get(3),
    "find": lambda ws: ws.find(None),
    "ls": lambda ws: ws.ls(3),
    "save an address": lambda ws: ws.save(3, "text"),
    "save a template": lambda ws: ws.save(WELCOME, 3),
    "publish": lambda ws: ws.publish(3),
    "log": lambda ws: ws.log(3),
    "diff": lambda ws: ws.diff("desk/emails", 3),
    "label": lambda ws: ws.label("desk/emails@1.0.0", 3),
    "project": lambda ws: ws.create_project(3),
    "rename": lambda ws: ws.rename(WELCOME, 3),
    "search": lambda ws: ws.search(3),
    "write": lambda ws: ws.write(3, "folder"),
    "render": lambda ws: ws.get(WELCOME).render({3: 4, "customer": "Ada"}),
    "a message": lambda ws: ws.save(WELCOME, "text", message=None),
    "the message of a publish": lambda ws: ws.publish("desk/emails", message=3),
    "a title": lambda ws: ws.create_set("desk/letters", title=None),
    "another title": lambda ws: ws.update_set("desk/emails", title=3),
    "a description": lambda ws: ws.create_project("shop", description=None),
}


@pytest.fixture
def desk(ws: Workspace) -> Workspace:
    ws.save(WELCOME, "Hello {{ customer }}{{ order | default: '' }}")
    ws.publish("desk/emails")
    return ws


def test_what_is_no_text_is_refused_by_what_it_is(desk: Workspace) -> None:
    for name, call in CALLS.items():
        with pytest.raises(InvalidInputError, match="text, found") as caught:
            call(desk)
        assert caught.value.hint, name


@pytest.mark.parametrize("value", ["Ada", "", 3, 0, ["Ada"], object()])
def test_a_value_without_a_name_is_told_the_names(desk: Workspace, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="values are passed by name, found") as caught:
        desk.get(WELCOME).render(value)
    assert caught.value.hint == "Try: render(customer=…, order=…)"
    with pytest.raises(InvalidInputError, match="values are passed by name, found"):
        desk.render(WELCOME, value)


@pytest.mark.parametrize("value", [None, "50", [50], 0])
def test_a_limit_that_is_no_number_is_refused(desk: Workspace, value: Any) -> None:
    for listed in (
        desk.ls,
        lambda **given: desk.search("a", **given),
        lambda **given: desk.draft_log("desk/emails", **given),
    ):
        with pytest.raises(InvalidInputError, match="a limit is a number from 1 to 1,000"):
            listed(limit=value)


def test_a_prompt_without_parameters_is_told_to_take_none(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello")
    with pytest.raises(InvalidInputError) as caught:
        ws.get(f"{WELCOME}@draft").render("Ada")  # type: ignore[arg-type]  # the slip
    assert caught.value.hint == "This prompt takes none. Try: render()"


def test_a_conflict_names_the_way_out_in_python_and_it_works(
    desk: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(DraftConflictError) as conflict:
        desk.save(WELCOME, "Hi", expect="new")
    assert "To save over it: expect=None" in conflict.value.hint
    desk.save(WELCOME, "Hi", expect=None)
    with pytest.raises(PublishRaceError, match="is at 1.0.0 now") as race:
        desk.publish("desk/emails", expect="none")
    assert "leave out expect=…" in race.value.hint
    assert desk.publish("desk/emails").created
    desk.label("desk/emails@1.0.0", "production")
    with pytest.raises(LabelMovedError) as moved:
        desk.label("desk/emails@latest", "production", expect="none")
    assert "leave out expect=…" in moved.value.hint
    desk.label("desk/emails@latest", "production")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "welcome.md").write_text("mine")
    with pytest.raises(ExistsError) as exists:
        desk.write("desk/emails", tmp_path / "out")
    assert "Pass force=True" in exists.value.hint
    assert desk.write("desk/emails", tmp_path / "out", force=True).changed
    desk.save("desk/emails/other", "x")
    with pytest.raises(ExistsError) as taken:
        desk.copy(WELCOME, "desk/emails/other")
    assert "anvil rm desk/emails/other" in taken.value.hint
