"""The history of a set in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.lab import begin_at, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.widgets.view import View
    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Notebook


@pytest.fixture(autouse=True)
def versions(ws: Workspace) -> None:
    ws.save("desk/emails/welcome", "Hello {{ name }}")
    ws.publish("desk/emails", message="First")
    ws.save("desk/emails/welcome", "Good day {{ name }}")
    ws.publish("desk/emails", message="Politer")


def test_a_label_given_in_the_page_stands_in_the_store(ws: Workspace, notebook: Notebook) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    first = view.get_by_role("listitem").filter(has_text="First")
    first.get_by_role("button", name="Label…").click()
    dialog = view.get_by_role("dialog", name="Label 1.0.0")
    dialog.get_by_label("Label").fill("production")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(first.get_by_text("production", exact=True)).to_be_visible()
    assert ws.get("desk/emails/welcome@production").version == "1.0.0"


def test_a_refusal_is_shown_in_the_page_with_what_to_do(view: Locator) -> None:
    first = view.get_by_role("listitem").filter(has_text="First")
    first.get_by_role("button", name="Label…").click()
    dialog = view.get_by_role("dialog")
    dialog.get_by_label("Label").fill("latest")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(view.get_by_role("alert")).to_contain_text("latest")


@pytest.fixture
def labelled(ws: Workspace) -> None:
    ws.label("desk/emails@1.0.0", "production", message="It works")


@pytest.fixture
def view(ws: Workspace, labelled: None, shown: Callable[[View], Locator]) -> Locator:
    del labelled
    return shown(ws.history("desk/emails"))


def at(view: Locator, message: str) -> Locator:
    return view.get_by_role("list", name="Versions").locator("> li").filter(has_text=message)


def test_a_label_moves_from_where_the_page_saw_it_and_is_removed(
    ws: Workspace, view: Locator
) -> None:
    expect(at(view, "First")).to_contain_text("production since")
    at(view, "Politer").get_by_role("button", name="Label…").click()
    dialog = view.get_by_role("dialog", name="Label 1.0.1")
    expect(dialog).to_contain_text("production is at 1.0.0")
    dialog.get_by_label("Label").fill("production")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(at(view, "Politer").get_by_text("production", exact=True)).to_be_visible()
    assert ws.get("desk/emails/welcome@production").version == "1.0.1"
    view.get_by_role("button", name="Remove the label production").click()
    dialog = view.get_by_role("dialog", name="Remove the label production")
    dialog.get_by_role("button", name="Remove label").click()
    expect(view.get_by_text("production", exact=True)).to_have_count(0)
    assert ws.find("desk/emails/welcome@production") is None


def test_a_label_that_moved_meanwhile_stays_and_the_page_shows_where(
    ws: Workspace, view: Locator
) -> None:
    at(view, "First").get_by_role("button", name="Label…").click()
    ws.label("desk/emails@1.0.1", "production")
    dialog = view.get_by_role("dialog")
    dialog.get_by_label("Label").fill("production")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(view.get_by_role("alert")).to_contain_text("is at 1.0.1 now, not at 1.0.0")
    expect(view.get_by_role("alert")).to_contain_text("Do it again if you still want to")
    expect(at(view, "Politer").get_by_text("production", exact=True)).to_be_visible()
    assert ws.get("desk/emails/welcome@production").version == "1.0.1"


@pytest.mark.usefixtures("labelled")
def test_the_keyboard_alone_searches_reads_compares_and_rolls_back(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    keyboard = view.page.keyboard
    begin_at(view.get_by_role("searchbox"))
    keyboard.type("first")
    expect(view.get_by_text("1 version", exact=True)).to_be_visible()
    tab_to(view.get_by_role("button", name="View 1.0.0"), "Enter")
    expect(view.get_by_role("region", name="Version 1.0.0")).to_be_focused()
    expect(view.get_by_role("textbox", name="welcome of 1.0.0")).to_have_text("Hello {{ name }}")
    keyboard.press("Escape")
    expect(view.get_by_role("button", name="View 1.0.0")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    dialog = view.get_by_role("dialog", name="Compare 1.0.0")
    expect(dialog.get_by_label("With")).to_be_focused()
    keyboard.type("1.0.1")
    tab_to(dialog.get_by_role("button", name="Compare"), "Enter")
    opened = view.get_by_role("region", name="Comparison")
    expect(
        opened.get_by_role("heading", name="desk/emails@1.0.0 → desk/emails@1.0.1")
    ).to_be_visible()
    keyboard.press("n")
    expect(opened.get_by_text("Change 1 of 1", exact=True)).to_be_visible()
    keyboard.press("Escape")
    expect(opened).to_have_count(0)
    tab_to(view.get_by_role("button", name="Roll back… 1.0.0"), "Enter")
    dialog = view.get_by_role("dialog", name="Roll back to 1.0.0")
    expect(dialog).to_contain_text("again as 1.0.2 (patch), after 1.0.1: welcome: text")
    expect(dialog.get_by_label("Why")).to_be_focused()
    keyboard.type("first again")
    keyboard.press("Enter")
    expect(at(view, "first again")).to_contain_text("rollback to 1.0.0")
    assert ws.get("desk/emails/welcome").version == "1.0.2"
    assert ws.get("desk/emails/welcome").template == "Hello {{ name }}"


def test_a_version_of_an_older_page_stays_in_sight_when_it_is_labelled(
    ws: Workspace, view: Locator
) -> None:
    for number in range(60):
        ws.save("desk/emails/welcome", f"Text {number} {{{{ name }}}}")
        ws.publish("desk/emails")
    view.get_by_role("button", name="Refresh").click()
    view.get_by_role("button", name="Show older versions (2)").click()
    expect(view.get_by_role("button", name="View 1.0.1", exact=True)).to_be_focused()
    view.get_by_role("button", name="Label… 1.0.0", exact=True).click()
    dialog = view.get_by_role("dialog")
    dialog.get_by_label("Label").fill("latest")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("latest")
    dialog.get_by_label("Label").fill("staging")
    dialog.get_by_role("button", name="Label", exact=True).dblclick()
    expect(at(view, "First").get_by_text("staging", exact=True)).to_be_visible()
    expect(view.get_by_role("button", name="Label… 1.0.0", exact=True)).to_be_focused()
    view.get_by_role("button", name="Remove the label staging").click()
    dialog.get_by_role("button", name="Remove label").click()
    expect(view.get_by_role("button", name="Label… 1.0.0", exact=True)).to_be_focused()


def test_what_is_sought_stays_so_when_something_is_done(ws: Workspace, view: Locator) -> None:
    view.get_by_role("searchbox").fill("first")
    expect(view.get_by_text("1 version", exact=True)).to_be_visible()
    ws.save("desk/emails/welcome", "Hi {{ name }}")
    ws.publish("desk/emails", message="Not the first")
    view.get_by_role("button", name="Refresh").click()
    expect(view.get_by_text("2 versions", exact=True)).to_be_visible()
    expect(at(view, "Politer")).to_have_count(0)


def test_going_back_to_the_latest_version_is_told_to_do_nothing(
    ws: Workspace, view: Locator
) -> None:
    view.get_by_role("button", name="Roll back… 1.0.1").dblclick()
    dialog = view.get_by_role("dialog")
    expect(dialog).to_have_count(1)
    dialog.get_by_role("button", name="Roll back").click()
    expect(dialog).to_have_count(0)
    expect(view.get_by_text("1.0.1 is the latest version already")).to_be_visible()
    expect(view.get_by_role("button", name="Roll back… 1.0.1")).to_be_focused()
    assert len(ws.log("desk/emails").versions) == 2


@pytest.fixture
def two_sets(ws: Workspace, labelled: None) -> None:
    del labelled
    ws.save("desk/chats/hello", "Hi {{ name }}")
    ws.publish("desk/chats", message="Begun")
    ws.save("desk/emails/other", "Something else")
    ws.publish("desk/emails", message="Another")
    ws.save("desk/emails/welcome", "Welcome {{ name }}", message="A try")


@pytest.mark.usefixtures("two_sets")
def test_a_project_is_labelled_read_and_compared_by_the_set_of_each_row(
    ws: Workspace, notebook: Notebook
) -> None:
    shown = notebook.view("%anvil log desk --widget")
    expect(shown.get_by_text("4 versions", exact=True)).to_be_visible()
    shown.get_by_role("button", name="Label… chats 1.0.0").click()
    dialog = shown.get_by_role("dialog", name="Label chats 1.0.0")
    expect(dialog).to_contain_text("There is no label yet")
    dialog.get_by_label("Label").fill("production")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(at(shown, "Begun").get_by_text("production", exact=True)).to_be_visible()
    assert ws.get("desk/chats/hello@production").version == "1.0.0"
    shown.get_by_role("searchbox").fill("emails")
    expect(shown.get_by_text("3 versions", exact=True)).to_be_visible()
    shown.get_by_role("button", name="View emails 1.0.0").click()
    expect(shown.get_by_role("textbox", name="welcome of 1.0.0")).to_have_text("Hello {{ name }}")
    shown.get_by_role("button", name="Compare… emails 1.0.1").click()
    dialog = shown.get_by_role("dialog", name="Compare emails 1.0.1")
    expect(dialog.get_by_label("With")).to_have_value("1.0.0")
    dialog.get_by_role("button", name="Compare").click()
    title = "desk/emails@1.0.0 → desk/emails@1.0.1"
    expect(shown.get_by_role("heading", name=title)).to_be_visible()
    assert in_both_themes(notebook) == []


@pytest.mark.usefixtures("two_sets")
def test_a_prompt_of_the_tree_has_its_own_history(notebook: Notebook) -> None:
    shown = notebook.view("%anvil ui")
    shown.get_by_label("Search prompts").fill("welcome")
    shown.get_by_role("treeitem", name="welcome").click()
    shown.get_by_role("button", name="History", exact=True).click()
    expect(shown.get_by_text("2 versions", exact=True)).to_be_visible()
    expect(at(shown, "Politer")).to_contain_text("changed")
    expect(at(shown, "First")).to_contain_text("added")
    expect(shown.get_by_role("button", name="Roll back…")).to_have_count(0)
    shown.get_by_role("button", name="Compare… 1.0.1").click()
    shown.get_by_role("dialog").get_by_role("button", name="Compare").click()
    title = "desk/emails/welcome@1.0.0 → desk/emails/welcome@1.0.1"
    expect(shown.get_by_role("heading", name=title)).to_be_visible()
    shown.get_by_text("Changes in the draft (3)").click()
    changes = shown.get_by_role("list", name="Changes in the draft")
    expect(changes).to_contain_text("A try")
    shown.get_by_label("Search messages").fill("a try")
    expect(changes.get_by_role("listitem")).to_have_count(1)
    expect(shown.get_by_text("No version has “a try” in it")).to_be_visible()
    assert in_both_themes(notebook) == []


@pytest.mark.usefixtures("labelled")
def test_pictures(notebook: Notebook, picture: Callable[[str, Locator], None]) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    view.get_by_role("button", name="View 1.0.0").click()
    view.get_by_role("textbox", name="welcome of 1.0.0").wait_for()
    view.get_by_text("Moves of labels (1)").click()
    expect(view.get_by_role("list", name="Moves of labels")).to_contain_text("It works")
    picture("history", view)


def test_a_saved_notebook_says_what_was_true_last(notebook: Notebook) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    view.get_by_role("button", name="Label…").first.click()
    view.get_by_role("dialog").get_by_label("Label").fill("staging")
    view.get_by_role("dialog").get_by_role("button", name="Label", exact=True).click()
    expect(view.get_by_text("staging", exact=True)).to_be_visible()
    saved = notebook.save()
    beside = saved.cells[-1].outputs[1]["data"]
    assert "staging" in beside["text/html"]
    assert "staging" in beside["text/plain"]


def test_a_restart_of_the_kernel_is_said_in_the_page(notebook: Notebook) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    notebook.restart_kernel()
    expect(view.get_by_role("status").filter(has_text="restarted")).to_be_visible()
