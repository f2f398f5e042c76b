"""No text is lost in the editor: others save, rename and delete, kernels restart, views close."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.conftest import PREPARED
from tests.widgets.browser.editing import SHOW, WELCOME, text_of, welcome, write
from tests.widgets.browser.lab import Notebook, begin_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Window

__all__ = ["welcome"]

KEPT = """said => Object.entries(localStorage)
    .some(([key, value]) => key.includes("anvil-unsaved") && value.includes(said))"""


@pytest.mark.usefixtures("welcome")
def test_two_windows_on_one_prompt_end_in_three_ways_and_lose_nothing(
    ws: Workspace, notebook: Notebook, open_window: Callable[..., Window], place: str
) -> None:
    mine = notebook.view(SHOW)
    second = Notebook(open_window(), place, "second")
    second.run(PREPARED)
    theirs = second.view(SHOW)
    write(theirs, "Good day {{ name }},\n\nwelcome to {{ place }}.\n\nYours,\nthe whole desk\n")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_text("✓ Saved")).to_be_visible()
    write(mine, "Hi {{ name }},\n\nwelcome to {{ place }}!\n\nYours,\nthe desk\n")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("1 of 1 conflict left")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template.startswith("Good day")
    go = mine.get_by_role("button", name="Save the result")
    expect(go).to_be_disabled()
    conflict = mine.get_by_role("listitem", name=re.compile("Conflict 1 of 1"))
    for side, said in (("Base", "Hello"), ("Mine", "Hi"), ("Theirs", "Good day")):
        figure = conflict.get_by_role("figure").filter(has_text=side)
        expect(figure.first).to_contain_text(said)
    conflict.get_by_role("button", name="Take mine").click()
    go.click()
    expect(mine.get_by_text("✓ Saved")).to_be_visible()
    merged = "Hi {{ name }},\n\nwelcome to {{ place }}!\n\nYours,\nthe whole desk\n"
    assert ws.get(f"{WELCOME}@draft").template == merged
    second.close()


@pytest.mark.usefixtures("welcome")
def test_what_is_typed_while_a_save_meets_a_conflict_is_a_part_of_our_side(
    ws: Workspace, notebook: Notebook
) -> None:
    mine = notebook.view(SHOW)
    ws.save(WELCOME, "Good day {{ name }},\n", message="meanwhile")
    write(mine, "Hi {{ name }},\n")
    with ws.access.engine.write():  # the save waits for it
        mine.get_by_role("button", name="Save", exact=True).click()
        write(mine, "Hi and welcome {{ name }},\n")
    conflict = mine.get_by_role("listitem", name=re.compile("Conflict 1 of 1"))
    expect(conflict.get_by_role("figure").filter(has_text="Mine")).to_contain_text("and welcome")
    conflict.get_by_role("button", name="Take mine").click()
    mine.get_by_role("button", name="Save the result").click()
    expect(mine.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "Hi and welcome {{ name }},\n"


@pytest.mark.usefixtures("welcome")
def test_what_was_not_saved_is_offered_again_after_a_restart(
    ws: Workspace, notebook: Notebook
) -> None:
    before = ws.get(f"{WELCOME}@draft").digest
    view = notebook.view(SHOW)
    write(view, "Not saved {{ name }}")
    expect(view.get_by_text("● Unsaved")).to_be_visible()
    notebook.restart_kernel()
    expect(view.get_by_text("The kernel was restarted")).to_be_visible()
    expect(text_of(view)).to_have_text("Not saved {{ name }}")
    notebook.run(PREPARED)
    again = notebook.view(SHOW)
    expect(again.get_by_text("Unsaved text of")).to_be_visible()
    again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_have_text("Not saved {{ name }}")
    assert ws.get(f"{WELCOME}@draft").digest == before
    again.get_by_role("button", name="Save", exact=True).click()
    expect(again.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "Not saved {{ name }}"


@pytest.mark.usefixtures("welcome")
def test_typing_on_before_the_offer_is_answered_loses_neither_text(notebook: Notebook) -> None:
    view = notebook.view(SHOW)
    write(view, "the first text")
    expect(view.get_by_text("● Unsaved")).to_be_visible()
    notebook.restart_kernel()
    notebook.run(PREPARED)
    again = notebook.view(SHOW)
    expect(again.get_by_text("Unsaved text of")).to_be_visible()
    write(again, "the second text")
    notebook.page.wait_for_function(KEPT, arg="the second text")
    assert notebook.page.evaluate(KEPT, "the first text")
    again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_have_text("the first text")
    expect(again.get_by_text("Unsaved text of")).to_be_visible()  # what was typed since
    again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_have_text("the second text")


def test_a_result_that_was_settled_and_not_saved_outlives_a_restart(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "one\n")
    view = notebook.view(SHOW)
    write(view, "mine\n")
    ws.save(WELCOME, "theirs\n")
    notebook.page.keyboard.press("Control+s")
    view.get_by_role("button", name="Take both").click()
    expect(view.get_by_text("All 1 settled")).to_be_visible()
    notebook.page.wait_for_function(KEPT, arg='"result":"mine')
    notebook.restart_kernel()
    notebook.run(PREPARED)
    again = notebook.view(SHOW)
    again.get_by_role("button", name="Restore").click()
    again.get_by_role("button", name="Save the result").click()
    expect(again.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "mine\ntheirs\n"


def test_there_is_nothing_to_undo_in_a_long_text_that_was_only_opened(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "long\n" * 25_000)
    view = notebook.view(SHOW)
    expect(text_of(view)).to_contain_text("long")
    begin_at(text_of(view))
    notebook.page.keyboard.press("Control+z")
    notebook.page.keyboard.press("Control+s")
    expect(view.get_by_text("Nothing had changed.")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "long\n" * 25_000


@pytest.mark.usefixtures("welcome")
def test_a_text_that_is_still_written_is_not_offered_until_it_was_left(
    ws: Workspace, notebook: Notebook
) -> None:
    first = notebook.view(SHOW)
    write(first, "still written")
    notebook.page.wait_for_function(KEPT, arg="still written")
    second = notebook.view(SHOW)
    offer = second.get_by_role("group", name="Unsaved text of")
    expect(offer).to_be_hidden()
    write(first, "written further")  # what is offered in the end is all of it
    notebook.page.evaluate(
        """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.widgets;
            cells.at(-2).outputArea.model.clear();
        }"""
    )
    expect(offer).to_be_visible()
    offer.get_by_text("Unsaved text of").click()
    expect(offer.get_by_role("region", name="The unsaved text")).to_have_text("written further")
    write(second, "mine")
    ws.save(WELCOME, "theirs")
    notebook.page.keyboard.press("Control+s")
    expect(second.get_by_text("1 of 1 conflict left")).to_be_visible()
    expect(offer).to_be_hidden()  # the result would be written over what is restored
    second.get_by_role("button", name="Back to my text").click()
    offer.get_by_role("button", name="Discard").click()
    expect(text_of(second)).to_be_focused()
    assert not notebook.page.evaluate(KEPT, "written further")


@pytest.mark.usefixtures("welcome")
def test_a_prompt_that_was_renamed_or_deleted_elsewhere_is_told_and_gone_on_with(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    ws.rename(WELCOME, "hello")
    write(view, "mine {{ name }}")
    notebook.page.keyboard.press("Control+s")
    expect(view.get_by_role("heading", name="The prompt was renamed meanwhile")).to_be_focused()
    view.get_by_role("button", name="Go on as desk/emails/hello").click()
    expect(view.get_by_role("heading", name="desk/emails/hello")).to_be_visible()
    expect(text_of(view)).to_be_focused()
    notebook.page.wait_for_function(KEPT, arg="mine")
    notebook.page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get("desk/emails/hello@draft").template == "mine {{ name }}"
    assert ws.find(f"{WELCOME}@draft") is None
    ws.delete_set("desk/emails")
    notebook.page.keyboard.press("Control+Enter")
    expect(view.get_by_text("The prompt was deleted or renamed elsewhere.")).to_be_visible()
    expect(view.get_by_text("● Not in the draft")).to_be_visible()
    view.get_by_role("button", name="Look at it").click()
    expect(view.get_by_role("heading", name="The set was deleted meanwhile")).to_be_focused()
    view.get_by_role("button", name="Save it again").click()
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get("desk/emails/hello@draft").template == "mine {{ name }}"


@pytest.mark.usefixtures("welcome")
def test_what_was_left_under_the_old_name_is_offered_under_the_new_one(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    write(view, "left behind")
    notebook.page.wait_for_function(KEPT, arg="left behind")
    notebook.page.evaluate(
        """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.widgets;
            cells.at(-1).outputArea.model.clear();
        }"""
    )
    ws.rename(WELCOME, "hello")
    renamed = notebook.view("%anvil edit desk/emails/hello")
    offer = renamed.get_by_role("group", name=f"of {WELCOME}")
    offer.get_by_role("button", name="Restore").click()
    expect(text_of(renamed)).to_have_text("left behind")
    notebook.page.keyboard.press("Control+s")
    expect(renamed.get_by_text("✓ Saved")).to_be_visible()
    assert not notebook.page.evaluate(KEPT, "left behind")


def test_a_result_that_was_left_for_the_text_is_there_again(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "one\n")
    view = notebook.view(SHOW)
    write(view, "mine\n")
    ws.save(WELCOME, "theirs\n")
    notebook.page.keyboard.press("Control+s")
    view.get_by_role("button", name="Take both").click()
    view.get_by_role("button", name="Back to my text").click()
    expect(text_of(view)).to_be_focused()
    notebook.page.wait_for_function(KEPT, arg='"result":"mine')
    notebook.page.keyboard.press("Control+s")
    view.get_by_role("button", name="Save the result").click()
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    expect(text_of(view)).to_be_focused()
    assert ws.get(f"{WELCOME}@draft").template == "mine\ntheirs\n"


TYPED_AT_ONCE = """(button, typed) => {
    button.click();
    document.querySelector("section.anvil [aria-label=Template]").focus();
    document.execCommand("insertText", false, typed);
}"""


def test_what_is_typed_while_a_newer_draft_is_fetched_is_a_second_change(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "one\n")
    view = notebook.view(SHOW)
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    ws.save(WELCOME, "theirs\n")
    text_of(view).click()
    notebook.page.keyboard.press("Control+Enter")
    view.get_by_role("button", name="Look at it").evaluate(TYPED_AT_ONCE, "mine ")
    expect(view.get_by_text("1 of 1 conflict left")).to_be_visible()
    conflict = view.get_by_role("listitem", name=re.compile("Conflict 1 of 1"))
    expect(conflict.get_by_role("figure").filter(has_text="Mine")).to_contain_text("mine")


def test_a_text_that_is_restored_while_another_is_saved_keeps_the_draft_it_was_typed_over(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "one\n")
    view = notebook.view(SHOW)
    write(view, "before\n")
    notebook.page.wait_for_function(KEPT, arg="before")
    notebook.restart_kernel()
    ws.save(WELCOME, "theirs\n")
    notebook.run(PREPARED)
    again = notebook.view(SHOW)
    write(again, "since\n")
    with ws.access.engine.write():  # the save waits for it
        notebook.page.keyboard.press("Control+s")
        again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_have_text("before")
    expect(again.get_by_text("The draft was changed elsewhere.")).to_be_visible()
    again.get_by_role("button", name="Save", exact=True).click()
    expect(again.get_by_text("1 of 1 conflict left")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "since\n"
