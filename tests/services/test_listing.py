"""Listing under a prefix, page by page, in one order on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import AddressError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

# Where hyphens are ignored, as most dictionaries order words, these come in another order.
NAMES = ["a", "a-b", "a-c", "a0", "a1", "a10", "a2", "aa", "ab", "ab-c", "abc", "b-a", "b0", "ba"]


def addresses(ws: Workspace, prefix: str = "", limit: int = 50) -> list[str]:
    """Return all addresses under a prefix, read page by page."""
    found: list[str] = []
    cursor = None
    while True:
        page = ws.ls(prefix, limit=limit, cursor=cursor)
        assert 0 < len(page) <= limit
        found += [item.address for item in page]
        cursor = page.cursor
        if cursor is None:
            return found
        assert f"--cursor {cursor}" in page.to_text()


@pytest.fixture
def many(ws: Workspace, tmp_path: Path) -> Workspace:
    """A set of 120 prompts, and projects, sets and prompts whose names are hard to order."""
    with ws.burst():
        for into, names in (
            ("desk/emails", [f"prompt-{number}" for number in range(120)]),
            ("order/prompts", NAMES),
        ):
            file = tmp_path / "many.csv"
            file.write_text("name,prompt\n" + "".join(f"{name},text\n" for name in names))
            ws.load(file, into)
        for name in NAMES:
            ws.create_project(name)
            ws.create_set(f"order/{name}")
    return ws


def test_pages_hold_everything_once_and_in_order(many: Workspace) -> None:
    prompts = sorted(f"desk/emails/prompt-{number}" for number in range(120))
    for limit in (1000, 120, 50, 7):
        assert addresses(many, "desk/emails", limit) == prompts
    assert addresses(many, "desk/emails/prompt-11") == [
        one for one in prompts if one.startswith("desk/emails/prompt-11")
    ]
    sets = [f"order/{name}" for name in sorted([*NAMES, "prompts"])]
    for limit in (3, 50):
        assert addresses(many, "order/prompts/", limit) == [
            f"order/prompts/{name}" for name in sorted(NAMES)
        ]
        assert addresses(many, "order", limit) == sets
        assert addresses(many, "", limit) == sorted([*NAMES, "desk", "order"])
    assert [item.address for item in many.project("order").items] == sets


def test_a_prefix_is_a_whole_name_or_the_beginning_of_one(many: Workspace) -> None:
    many.save("order/ab/x", "x")
    for prefix, expected in (
        ("order/ab", ["order/ab/x"]),
        ("order/ab*", ["order/ab/x"]),
        ("order/abc", []),
        ("order/a-", ["order/a-b", "order/a-c"]),
        ("order/prompts/ab", [f"order/prompts/{name}" for name in ("ab", "ab-c", "abc")]),
        ("des", ["desk"]),
        ("desk", ["desk/emails"]),
        ("@acme/desk", ["desk/emails"]),
        ("b", ["b-a", "b0", "ba"]),
        ("order/prompts/zzz", []),
        ("zzz*", []),
        ("zzz/yyy*", []),
        ("zzz/yyy/xxx*", []),
    ):
        found = [item.address for item in many.ls(prefix)]
        assert (prefix, found) == (prefix, expected)
    assert many.ls("zzz*").to_text() == "Nothing under zzz* yet."


def test_a_project_or_a_set_that_is_not_there_is_told_the_nearest(ws: Workspace) -> None:
    ws.save("desk/emails/p", "x")
    for prefix, message, hint in (
        ("dessk", "there is no project 'dessk'", "Did you mean 'desk'?"),
        ("dessk/", "there is no project 'dessk'", "Did you mean 'desk'?"),
        ("dessk/emails", "there is no project 'dessk'", "Did you mean 'desk'?"),
        ("desk/emials", "there is no prompt set 'desk/emials'", "Did you mean 'desk/emails'?"),
        ("desk/emials/p", "there is no prompt set 'desk/emials'", "Did you mean 'desk/emails'?"),
        ("zzz", "there is no project 'zzz'", "Try: anvil ls"),
    ):
        with pytest.raises(NotFoundError) as caught:
            ws.ls(prefix)
        assert caught.value.message == message
        assert hint in caught.value.hint


def test_a_project_or_a_set_that_is_empty_is_said_to_be_so(ws: Workspace) -> None:
    ws.create_project("vacant")
    ws.create_set("desk/empty")
    for prefix in ("vacant", "vacant/", "desk/empty", "desk/empty/", "desk/empty/p"):
        assert ws.ls(prefix).to_text() == f"Nothing under {prefix} yet."
    assert ws.ls("desk", cursor="desk/zzz").items == ()


def test_items_say_what_there_is(ws: Workspace) -> None:
    ws.create_set("desk/emails", title="Letters", description="one\ntwo  three")
    (project,) = ws.ls()
    assert (project.kind, project.address, project.count) == ("project", "desk", 1)
    (found,) = ws.ls("desk")
    assert (found.title, found.description, found.count) == ("Letters", "one two three", 0)
    assert found.version is None
    said = {"description": "first line\nsecond " + "long " * 30}
    ws.save("desk/emails/p", "x", metadata=said)
    (item,) = ws.ls("desk/emails")
    assert (item.kind, item.state, item.version) == ("prompt", "new", None)
    assert item.description.startswith("first line second long")
    assert len(item.description) == 80
    ws.publish("desk/emails")
    assert [(one.state, one.version) for one in ws.ls("desk/emails")] == [("published", "1.0.0")]
    ws.save("desk/emails/p", "y")
    assert [(one.state, one.version) for one in ws.ls("desk/emails")] == [("changed", "1.0.0")]
    assert [(one.count, one.version) for one in ws.ls("desk")] == [(1, "1.0.0")]


def test_a_project_or_set_that_holds_very_much_is_shown_in_part(
    ws: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "many.csv"
    file.write_text("name,prompt\n" + "".join(f"p{number},x\n" for number in range(1_003)))
    ws.load(file, "desk/emails")
    shown = ws.set("desk/emails")
    assert (shown.count, len(shown.items)) == (1_003, 1_000)
    assert "… and 3 more: anvil ls desk/emails/" in shown.to_text()
    assert "and 3 more" in shown.to_html()


def test_what_cannot_be_asked_for_is_refused(ws: Workspace) -> None:
    ws.save("desk/emails/p", "x")
    for limit in (0, -5, 1_001):
        with pytest.raises(InvalidInputError, match="a limit is a number from 1 to 1,000"):
            ws.ls(limit=limit)
    for cursor in ("Desk", "desk/emails/p@draft", "a b", "'; drop table entries; --", "\0", "%"):
        with pytest.raises(InvalidInputError, match="no cursor of a listing"):
            ws.ls("desk/emails", cursor=cursor)
    for prefix in ("Desk", "desk/emails@1.0.0", "a/b/c/d", "desk//x", "%", "\0"):
        with pytest.raises(AddressError):
            ws.ls(prefix)


def released(ws: Workspace, limit: int = 50) -> list[str]:
    """Return all that applications get, read page by page."""
    found: list[str] = []
    cursor = None
    while True:
        page = ws.released(limit=limit, cursor=cursor)
        assert len(page) <= limit
        found += [item.address for item in page]
        cursor = page.cursor
        if cursor is None:
            return found


def test_what_applications_get_is_the_label_they_follow_and_else_the_latest(
    many: Workspace,
) -> None:
    assert released(many) == []
    many.publish("order/prompts")
    many.publish("desk/emails")
    many.label("desk/emails@1.0.0", "production")
    many.save("desk/emails/newer", "x")
    many.publish("desk/emails")
    found = released(many, limit=7)
    assert found == sorted(set(found), key=lambda address: address.partition("@")[0])
    assert len(found) == 120 + len(NAMES)
    assert {one.partition("@")[2] for one in found if one.startswith("desk/")} == {"production"}
    assert {one.partition("@")[2] for one in found if one.startswith("order/")} == {"latest"}
    for address in found:
        path = address.partition("@")[0]
        assert many.get_released(path).address == many.get(address).address
    with pytest.raises(NotFoundError, match="production"):
        many.get_released("desk/emails/newer")
    assert many.get_released("desk/emails/newer@latest").version == "1.1.0"
    many.unlabel("desk/emails", "production")
    assert many.get_released("desk/emails/newer").version == "1.1.0"
    assert "desk/emails/newer@latest" in released(many)


def test_what_is_no_prompt_is_not_one_that_applications_get(many: Workspace) -> None:
    with pytest.raises(NotFoundError, match="nothing"):
        many.get_released("nothing/at/all")
    with pytest.raises(NotFoundError, match="@elsewhere"):
        many.get_released("@elsewhere/desk/emails/prompt-1")
    with pytest.raises(AddressError):
        many.get_released("desk/emails")
    with pytest.raises(InvalidInputError, match="cursor"):
        many.released(cursor="\x00")
