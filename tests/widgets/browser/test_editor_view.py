"""Writing a prompt in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.axe import serious_findings
from tests.widgets.browser.lab import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Window

ADDRESS = "desk/emails/welcome"
EDIT = f"%anvil edit {ADDRESS}"


@pytest.fixture(autouse=True)
def draft(ws: Workspace) -> None:
    ws.save(
        ADDRESS,
        "Hello {{ name }},\nwelcome.\n",
        parameters={"name": {"type": "string", "example": "Ada"}},
    )


def text_of(view: Locator) -> Locator:
    return view.get_by_role("textbox", name=f"Text of {ADDRESS}")


def written(view: Locator, text: str) -> None:
    """Write at the end of the text, as a person does."""
    text_of(view).click()
    view.page.keyboard.press("Control+End")
    view.page.keyboard.insert_text(text)


def test_a_prompt_is_written_declared_saved_and_published(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(EDIT)
    preview = view.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("Hello Ada")
    written(view, "Ask for {{ team }}.")
    expect(view.get_by_text("✕ Missing:")).to_be_visible()
    view.get_by_role("button", name="Add what is missing").click()
    expect(view.get_by_text("✕ Missing:")).to_be_hidden()
    expect(preview).to_contain_text("Ask for [team].")
    view.page.keyboard.press("Control+s")
    expect(view.get_by_text("saved · never published", exact=True)).to_be_visible()
    draft = ws.get(f"{ADDRESS}@draft")
    assert draft.template == "Hello {{ name }},\nwelcome.\nAsk for {{ team }}."
    assert [one.name for one in draft.parameters] == ["name", "team"]
    view.get_by_role("button", name="Publish…").click()
    dialog = view.get_by_role("dialog")
    expect(dialog).to_contain_text("first")
    dialog.get_by_label("Changelog").fill("First letters")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(view.get_by_text("Published desk/emails@1.0.0.")).to_be_visible()
    assert ws.log("desk/emails").versions[0].message == "First letters"


def test_an_error_is_shown_at_its_line_and_nothing_is_saved(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(EDIT)
    written(view, "{% if name %}Hello")
    problems = view.get_by_role("list", name="Problems")
    expect(problems.get_by_role("button", name="Line")).to_be_visible()
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_role("alert")).to_be_visible()
    assert ws.get(f"{ADDRESS}@draft").template == "Hello {{ name }},\nwelcome.\n"


def test_two_windows_on_one_prompt_end_in_both_changes(
    ws: Workspace, notebook: Notebook, place: str, open_window: Callable[..., Window]
) -> None:
    mine = notebook.view(EDIT)
    other = Notebook(open_window(), place, "other")
    other.run("%load_ext anvil_nb")
    theirs = other.view(EDIT)
    written(theirs, "Yours, the other one\n")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_text("saved · never published", exact=True)).to_be_visible()
    text_of(mine).click()
    mine.page.keyboard.press("Control+Home")
    mine.page.keyboard.insert_text("Dear guest\n")
    mine.page.keyboard.press("Control+s")
    both = mine.get_by_role("region", name="Two changes of this prompt")
    both.get_by_role("button", name="Save the result").click()
    expect(both).to_be_hidden()
    expect(mine.get_by_text("saved · never published", exact=True)).to_be_visible()
    text = "Dear guest\nHello {{ name }},\nwelcome.\nYours, the other one\n"
    assert ws.get(f"{ADDRESS}@draft").template == text
    other.close()


def test_what_was_typed_is_offered_again_after_a_restart(notebook: Notebook) -> None:
    view = notebook.view(EDIT)
    written(view, "Not saved yet")
    expect(view.get_by_text("unsaved · never published", exact=True)).to_be_visible()
    notebook.restart_kernel()
    expect(text_of(view)).to_contain_text("Not saved yet")
    notebook.run("%load_ext anvil_nb")
    again = notebook.view(EDIT)
    again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_contain_text("Not saved yet")
    again.page.keyboard.press("Control+s")
    expect(again.get_by_text("saved · never published", exact=True)).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_a_checker_of_accessibility_finds_nothing_serious(
    notebook: Notebook, *, dark: bool
) -> None:
    notebook.theme(dark=dark)
    view = notebook.view(EDIT)
    written(view, "{{ team }}")
    view.get_by_text("✕ Missing:").wait_for()
    assert serious_findings(notebook.page) == []


def test_pictures(notebook: Notebook, picture: Callable[[str, Locator], None]) -> None:
    view = notebook.view(EDIT)
    expect(view.get_by_role("region", name="Preview")).to_contain_text("Hello Ada")
    picture("editor", view)
