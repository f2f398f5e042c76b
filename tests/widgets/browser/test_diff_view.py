"""The difference of two versions in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.lab import begin_at, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.widgets.view import View
    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Notebook

DIFF = "%anvil diff desk/emails@1.0.0 draft --widget"


def letter(tone: str, end: str) -> str:
    middle = "".join(f"Rule {at}: answer in whole sentences.\n" for at in range(1, 41))
    return f"You write {tone} letters to {{{{ name }}}}.\n{middle}End with {end}.\n"


@pytest.fixture(autouse=True)
def versions(ws: Workspace) -> None:
    ws.save("desk/emails/letter", letter("kind", "a greeting"), metadata={"description": "Old"})
    ws.save("desk/emails/welcome", "Hello {{ name }}")
    ws.save("desk/emails/farewell", "Good bye {{ name }}")
    ws.publish("desk/emails", message="First")
    ws.label("desk/emails@1.0.0", "production")
    ws.save("desk/emails/letter", letter("short", "your name"), metadata={"description": "New"})
    ws.save("desk/emails/welcome", "Hello {{ name }}, {{ greeting }}")
    ws.remove("desk/emails/farewell")


@pytest.fixture
def view(notebook: Notebook) -> Locator:
    shown = notebook.view(DIFF)
    shown.get_by_role("listbox").wait_for()
    return shown


def choose(view: Locator, name: str) -> Locator:
    view.get_by_role("option", name=name).click()
    lines = view.get_by_role("region", name=f"Lines of {name}")
    lines.wait_for()
    return lines


def test_prompts_are_listed_and_one_is_read_side_by_side_and_unified(view: Locator) -> None:
    expect(view.get_by_text("1 removed, 2 changed; calls for a major version")).to_be_visible()
    expect(view.get_by_role("option", name="farewell")).to_contain_text("removed")
    lines = choose(view, "letter")
    expect(lines.locator("del").first).to_have_text("kind")
    expect(lines.locator("ins").first).to_have_text("short")
    expect(view.get_by_role("row", name="description")).to_contain_text("New")
    lines.get_by_role("button", name="34 equal lines").click()
    expect(lines.get_by_text("Rule 20: answer").first).to_be_visible()
    view.get_by_role("button", name="Unified").click()
    expect(view.get_by_role("button", name="Unified")).to_have_attribute("aria-pressed", "true")
    expect(lines.get_by_text("Rule 20: answer")).to_have_count(1)
    expect(lines.get_by_role("img", name="removed")).to_have_count(2)


def test_the_keyboard_alone_goes_from_change_to_change_and_unfolds(view: Locator) -> None:
    keyboard = view.page.keyboard
    new = view.get_by_label("New: desk/emails")
    begin_at(new)
    keyboard.press("ArrowDown")  # from the draft to the latest version
    expect(view.get_by_text("are the same")).to_be_visible()
    expect(new).to_be_focused()
    keyboard.press("ArrowUp")
    tab_to(view.get_by_role("listbox"))
    keyboard.press("ArrowDown")
    expect(view.get_by_role("heading", name="letter")).to_be_visible()
    said = view.get_by_role("status").filter(has_text="hange")
    keyboard.press("n")
    expect(said).to_have_text("Change 1 of 2")
    keyboard.press("n")
    expect(said).to_have_text("Change 2 of 2")
    keyboard.press("p")
    expect(said).to_have_text("Change 1 of 2")
    fold = view.get_by_role("button", name="equal lines")
    tab_to(fold, "Enter")
    expect(fold).to_have_count(0)
    expect(view.get_by_role("region", name="Lines of letter")).to_be_focused()
    keyboard.press("n")
    keyboard.press("n")
    expect(view.get_by_role("heading", name="welcome")).to_be_visible()
    expect(said).to_have_text("Change 1 of 1")


def test_other_versions_are_chosen_in_place(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.compare("desk/emails@1.0.0", "desk/emails@draft"))
    new = view.get_by_label("New: desk/emails")
    new.select_option("production")
    expect(view.get_by_text("desk/emails@1.0.0 and desk/emails@1.0.0 are the same")).to_be_visible()
    ws.unlabel("desk/emails", "production")
    view.get_by_role("button", name="Refresh").click()
    expect(view.get_by_role("alert")).to_contain_text("production")
    expect(view.get_by_label("New: desk/emails")).to_have_value("production")
    new.select_option("draft")
    expect(view.get_by_role("listbox").get_by_role("option")).to_have_count(3)
    choose(view, "letter")
    view.get_by_role("button", name="Swap").click()
    expect(
        view.get_by_role("heading", name="desk/emails@draft → desk/emails@1.0.0")
    ).to_be_visible()
    expect(view.get_by_role("region", name="Lines of letter")).to_be_visible()
    expect(view.get_by_role("option", name="letter")).to_have_attribute("aria-selected", "true")


def test_two_long_prompts_are_shown_whole(ws: Workspace, notebook: Notebook) -> None:
    for word in ("line", "row"):
        text = "".join(f"A {word} of the text, its number {at}\n" for at in range(2000))
        ws.save("desk/long/prompt", text)
        if word == "line":
            ws.publish("desk/long")
    view = notebook.view("%anvil diff desk/long/prompt --widget")
    lines = view.get_by_role("region", name="Lines of prompt")
    expect(lines.locator("ins").get_by_text("row")).to_have_count(2000)
    view.get_by_role("button", name="Next change").click()
    expect(view.get_by_text("Change 1 of 1", exact=True)).to_be_visible()


def test_pictures(view: Locator, picture: Callable[[str, Locator], None]) -> None:
    choose(view, "letter")
    view.page.keyboard.press("n")
    expect(view.get_by_text("Change 1 of 2", exact=True)).to_be_visible()
    picture("diff", view)
