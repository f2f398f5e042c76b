"""Exporting in a real browser."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import anvil_nb as anvil
from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.lab import begin_at, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator

    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Notebook


@pytest.fixture(autouse=True)
def versions(ws: Workspace) -> None:
    ws.save("desk/emails/footer", "The desk")
    ws.save("desk/emails/welcome", "Hello {% render 'footer' %}")
    ws.publish("desk/emails", message="First")
    ws.save("desk/notes/todo", "Do it")
    ws.publish("desk/notes", message="First")
    ws.save("shop/mail/order", "Thank you")
    ws.publish("shop/mail", message="First")


def test_what_is_chosen_is_written_and_downloaded(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    view = notebook.view("%anvil export --widget")
    view.get_by_label("Search published prompts").fill("welcome")
    view.get_by_role("treeitem", name="welcome").click()
    expect(view.get_by_role("list", name="Comes along")).to_contain_text("desk/emails/footer@1.0.0")
    project = view.get_by_role("treeitem", name="desk")
    expect(project).to_have_attribute("aria-checked", "mixed")
    view.get_by_label("Path").fill("out.anvil")
    for _ in range(2):  # the second one finds the first under way
        notebook.page.keyboard.press("Enter")
    expect(view.get_by_role("region", name="The bundle")).to_contain_text("out.anvil")
    expect(view.get_by_role("alert")).to_be_hidden()
    assert ws.root is not None
    written = ws.root / "out.anvil"
    info = anvil.inspect(written)
    assert [(one.address, one.versions[0].prompts) for one in info.sets] == [
        ("desk/emails", ("footer", "welcome"))
    ]
    with notebook.page.expect_download() as coming:
        view.get_by_role("button", name="Download").click()
    coming.value.save_as(tmp_path / "out.anvil")
    assert coming.value.suggested_filename == "out.anvil"
    assert _sha256(tmp_path / "out.anvil") == _sha256(written)


def test_a_file_that_is_there_is_refused_in_the_page(ws: Workspace, notebook: Notebook) -> None:
    assert ws.root is not None
    (ws.root / "desk.anvil").write_text("mine")
    view = notebook.view("%anvil export desk --widget")
    view.get_by_role("button", name="Write the bundle").click()
    expect(view.get_by_role("alert")).to_contain_text("desk.anvil")
    assert (ws.root / "desk.anvil").read_text() == "mine"


def test_an_export_that_is_cancelled_leaves_nothing_and_can_be_done_again(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view("%anvil export desk --widget")
    view.get_by_label("Search published prompts").fill("todo")
    expect(view.get_by_role("treeitem", name="todo")).to_be_visible()  # what is counted last
    expect(view.get_by_role("status", name="What would be written")).to_contain_text("2 sets")
    button = view.get_by_role("button", name="Write the bundle")
    assert ws.root is not None
    before = sorted(ws.root.rglob("*"))
    with ws.access.read():  # the store is ours: the export begins, and waits for it
        button.click()
        expect(view.get_by_text("gathering what is needed")).to_be_visible()
        view.get_by_role("button", name="Cancel").click()
        expect(view.get_by_text("Cancelling…")).to_be_visible()
    expect(view.get_by_text("Cancelled: no bundle was written.")).to_be_visible()
    expect(view.get_by_role("alert")).to_have_count(0)
    expect(view.get_by_role("region", name="The bundle")).to_have_count(0)
    assert sorted(ws.root.rglob("*")) == before
    expect(button).to_be_focused()
    button.click()
    expect(view.get_by_role("region", name="The bundle")).to_contain_text("desk.anvil")
    assert len(anvil.inspect(ws.root / "desk.anvil").sets) == 2


def test_what_was_chosen_is_written_once_and_what_was_not_written_is_offered_again(
    ws: Workspace, notebook: Notebook
) -> None:
    cell = "%anvil export desk/emails@latest --widget"
    view = notebook.view(cell)
    project = view.get_by_role("treeitem", name="desk")
    expect(project).to_have_attribute("aria-checked", "mixed")
    ws.save("desk/letters/one", "Dear")
    ws.publish("desk/letters")
    view.get_by_role("button", name="Refresh").click()
    view.get_by_label("Search published prompts").fill("letters")
    view.get_by_role("treeitem", name="letters").click()
    path = view.get_by_label("Path")
    path.fill("both.anvil")
    with ws.access.read():  # the store is ours: the export begins, and waits for it
        path.press("Enter")
        path.press("Enter")
        expect(view.get_by_text("gathering what is needed")).to_be_visible()
    expect(view.get_by_role("region", name="The bundle")).to_contain_text("both.anvil")
    expect(view.get_by_role("alert")).to_have_count(0)
    path.fill("other.anvil")
    view = notebook.view(cell)
    view.get_by_role("button", name="Go on with it").click()
    expect(view.get_by_label("Path")).to_have_value("other.anvil")
    expect(view.get_by_role("status", name="What would be written")).to_contain_text("2 sets")


def test_an_export_works_by_the_keyboard_alone(ws: Workspace, notebook: Notebook) -> None:
    view = notebook.view("%anvil export --widget")
    page = notebook.page
    begin_at(view.get_by_label("Search published prompts"))
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "n", "Space"):
        page.keyboard.press(key)
    expect(view.get_by_role("treeitem", name="notes")).to_have_attribute("aria-checked", "true")
    tab_to(view.get_by_role("button", name="Write the bundle"), "Enter")
    expect(view.get_by_role("region", name="The bundle")).to_contain_text("prompts.anvil")
    assert ws.root is not None
    assert [one.address for one in anvil.inspect(ws.root / "prompts.anvil").sets] == ["desk/notes"]


def test_pictures_of_the_export(
    notebook: Notebook, picture: Callable[[str, Locator], None]
) -> None:
    view = notebook.view("%anvil export --widget")
    view.get_by_label("Search published prompts").fill("welcome")
    view.get_by_role("treeitem", name="welcome").click()
    expect(view.get_by_role("list", name="Comes along")).to_be_visible()
    picture("export", view)
    for one in view.locator("summary").all():
        one.click()
    assert in_both_themes(notebook) == []


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
