"""Texts and values that are kept as they are, and those that no store keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import AnvilError, DeclarationError, InvalidInputError
from tests.services.drafts import DRAFT, WELCOME, changes

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

BODIES = [
    "",
    "\n",
    "one line",
    "ends in one\n",
    "ends in three\n\n\n",
    "\n\nbegins with two",
    "windows\r\nlines\r\n",
    "old mac\rlines\r",
    "mixed\n\r\n\rends",
    "tabs\tand  spaces   \n   ",
    "--- not frontmatter",
    "---\nprose, not a mapping\n---\nmore",
    "---\n- a\n- list\n---\nmore",
    "---\nnever closed: yes\n",
    "emoji 👩‍👩‍👧‍👦 🏳️‍🌈 and e\u0301 vs é",
    "{% raw %}{{ braces }}{% endraw %}",
    '{"json": {"nested": [1, 2]}}',
    "\ufeffbyte-order mark",
    "zero\u200bwidth and \u202e turned",
    "line\u2028separator",
    "'; drop table entries; -- $1 %s",
]


def test_text_is_kept_byte_for_byte(ws: Workspace) -> None:
    with ws.burst():
        for number, body in enumerate(BODIES):
            saved = ws.save(f"desk/emails/p{number}", body)
            found = ws.get(f"desk/emails/p{number}@{saved.digest}")
            assert (body, found.template) == (body, body)


def test_a_body_that_would_read_as_frontmatter_is_kept_behind_an_empty_one(ws: Workspace) -> None:
    body = "---\ndescription: part of the text\n---\nand more"
    ws.save(WELCOME, f"---\n---\n{body}")
    assert ws.get(DRAFT).template == body
    assert ws.get(DRAFT).metadata.to_json() == {}


def test_words_that_no_store_keeps_are_refused(ws: Workspace) -> None:
    ws.save(WELCOME, "x")
    for message in ("nul \0", "half \ud800", "x" * 4_001):
        for call in (
            lambda said: ws.save(WELCOME, "y", message=said),
            lambda said: ws.remove(WELCOME, message=said),
            lambda said: ws.rename(WELCOME, "other", message=said),
            lambda said: ws.copy(WELCOME, "desk/emails/other", message=said),
            lambda said: ws.restore(WELCOME, "sha256:000000", message=said),
            lambda said: ws.publish("desk/emails", message=said),
            lambda said: ws.rollback("desk/emails@1.0.0", message=said),
            lambda said: ws.label("desk/emails", "production", message=said),
            lambda said: ws.unlabel("desk/emails", "production", message=said),
            lambda said: ws.create_project("new", title=said),
            lambda said: ws.update_set("desk/emails", description=said),
        ):
            with pytest.raises(InvalidInputError, match="message|title|description"):
                call(message)
    assert changes(ws) == ["save"]
    for metadata in ({"description": "\0"}, {"tags": ["\ud800"]}, {"deep": [{"a": "\ud800"}]}):
        with pytest.raises(DeclarationError):
            ws.save(WELCOME, "x", metadata=metadata)
    ws.save(WELCOME, "x", metadata={"deep": [{"a": "kept as JSON writes it: \0"}]})
    assert ws.get(DRAFT).metadata.settings["deep"] == [{"a": "kept as JSON writes it: \0"}]


def test_values_that_json_cannot_write_are_refused(ws: Workspace) -> None:
    for value in (float("nan"), 2**60, {1: "a"}, object(), {"a", "b"}):
        with pytest.raises(AnvilError, match=r"setting 'x'|parameter|canonical|data"):
            ws.save(WELCOME, "x", metadata={"x": value})
        with pytest.raises(InvalidInputError):
            ws.save(WELCOME, "{{ a }}", parameters=[{"name": "a", "example": value}])
    assert not ws.ls().items


def test_numbers_come_back_as_they_were_digested(ws: Workspace) -> None:
    for value in (1e20, -1e300, 1e16, 2.0**53, -(2.0**53), 1.0, 1e-7, 2**53 - 1, -0.0, 0.1 + 0.2):
        said: dict[str, Any] = {"value": value, "list": [value, {"deep": value}]}
        declared = [{"name": "x", "type": "number", "default": value, "enum": [value, 5]}]
        saved = ws.save(WELCOME, "{{ x }}", metadata=said, parameters=declared)
        found = ws.get(DRAFT)
        assert found.metadata.settings == said
        assert found.content.digest == saved.digest
        assert not ws.save(WELCOME, "{{ x }}", metadata=said).changed


def test_declarations_that_no_file_could_hold_are_refused(ws: Workspace) -> None:
    deep: list[object] = []
    for _ in range(52):
        deep = [deep]
    for metadata in ({"deep": deep}, {"long": "x" * 300_000}):
        with pytest.raises(DeclarationError, match="nest deeper|frontmatter has"):
            ws.save(WELCOME, "x", metadata=metadata)
    assert not ws.ls().items


def test_a_message_of_many_lines_and_scripts_is_kept(ws: Workspace) -> None:
    said = "first line\nsecond: ünïcödé 👍 '; drop table x; --"
    ws.save(WELCOME, "x", message=said)
    assert ws.draft_log(WELCOME).changes[0].message == said
