"""Every view where it may stand: a narrow page, a notebook without its kernel, Notebook 7."""

from __future__ import annotations

from pathlib import Path
from shutil import copy, copytree
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.axe import serious_findings
from tests.widgets.browser.conftest import PREPARED
from tests.widgets.browser.lab import Notebook, Window
from tests.widgets.browser.servers import Lab, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from anvil_nb.workspace import Workspace

VIEWS = {
    "browser": "%anvil ui",
    "editor": "%anvil edit desk/emails/welcome",
    "diff": "%anvil diff desk/emails@1.0.0 draft --widget",
    "history": "%anvil log desk/emails --widget",
    "runs": "%anvil run desk/emails/welcome@1.0.0 desk/emails/welcome --data rows --widget",
    "export": "%anvil export desk --widget",
    "import": "%anvil import --widget",
    "conflicts": "%anvil sync conflicts --widget",
}
DESK = "print(len(shown.widget.desk._views), 'views')"
WIDER = """() => [...document.querySelectorAll("section.anvil")].flatMap((view) => {
    const right = view.getBoundingClientRect().right + 1;
    const scrolls = (one) => one !== view
        && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    return [...view.querySelectorAll("*")]
        .filter((one) => one.getBoundingClientRect().right > right && !scrolls(one.parentElement))
        .map((one) => `${view.dataset.anvilView}: ${one.outerHTML.slice(0, 120)}`);
})"""


@pytest.fixture(autouse=True)
def versions(ws: Workspace) -> None:
    ws.save("desk/emails/welcome", "Hello {{ name }},\n\nwelcome to the desk of our shop.\n")
    ws.publish("desk/emails", message="First letters, of which each is longer than it has to be")
    ws.save("desk/emails/welcome", "Good day {{ name }},\n\nwelcome to the desk of our shop!\n")


@pytest.fixture(scope="module")
def notebook_7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("notebook-7")
    (folder / "notebooks").mkdir()
    yield from running(folder / "notebooks", folder / "server.log", "notebook")


def test_nothing_stands_out_of_a_narrow_view(
    open_window: Callable[..., Window], place: str
) -> None:
    window = open_window(viewport={"width": 600, "height": 900})
    window.command("application:toggle-left-area")
    notebook = Notebook(window, place)
    notebook.run(f"{PREPARED}\nrows = [{{'name': 'Ada'}}]")
    for name, source in VIEWS.items():
        expect(notebook.view(source)).to_have_attribute("data-anvil-view", name)
        expect(notebook.page.get_by_role("alert")).to_have_count(0)
    assert notebook.page.locator("section.anvil").first.bounding_box()["width"] <= 500  # type: ignore[index]
    assert notebook.page.evaluate(WIDER) == []
    notebook.close()


def test_a_page_that_is_loaded_again_has_its_views_and_one_without_kernel_what_was_true(
    open_window: Callable[..., Window], place: str
) -> None:
    window = open_window()
    notebook = Notebook(window, place)
    notebook.run(PREPARED)
    view = notebook.view("shown = anvil.open('.').history('desk/emails')\nshown")
    beside = notebook.page.locator(".anvil-beside")
    expect(beside).to_be_hidden()
    view.get_by_role("button", name="Compare… 1.0.0").click()
    view.get_by_role("dialog").get_by_role("button", name="Compare").click()
    view.get_by_role("region", name="Comparison").get_by_text("Good day").first.wait_for()
    expect(notebook.run(DESK)).to_contain_text("2 views")
    notebook.save()
    notebook.load_again()
    expect(notebook.page.locator("section.anvil")).to_contain_text("First letters")
    expect(beside).to_be_hidden()
    view.get_by_role("button", name="Refresh").click()
    expect(notebook.run(DESK)).to_contain_text("1 views")  # what the page had opened is closed
    notebook.restart_kernel()
    notebook.load_again()
    expect(notebook.page.locator("section.anvil")).to_have_count(0)
    expect(beside).to_contain_text("First letters")
    expect(beside).to_be_visible()
    notebook.page.get_by_text("Error displaying widget: model not found").wait_for()
    window.expect_problem("widget model not found")
    notebook.close()


def test_the_notebook_with_its_outputs_shows_without_a_run_what_was_true(
    open_window: Callable[..., Window], place: str, lab: Lab, repository: Path
) -> None:
    # Where its pictures are, as in the checkout.
    copytree(repository / "docs" / "images", lab.folder / "docs" / "images")
    (lab.folder / place).mkdir(exist_ok=True)
    copy(repository / "notebooks" / "05_widgets.ipynb", lab.folder / place)
    window = open_window(viewport={"width": 1280, "height": 12_000})
    notebook = Notebook(window, place, "05_widgets")
    beside = notebook.page.locator(".anvil-beside")
    expect(beside).to_have_count(8)
    for one in beside.all():
        expect(one).to_be_visible()
    expect(beside.filter(has_text="History")).to_contain_text("Faster, and more polite")
    expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)
    assert serious_findings(notebook.page, ".anvil-beside") == []
    notebook.close()


def test_the_editor_works_in_notebook_7_and_its_picture(
    notebook_7: Lab, browser: Browser, tmp_path: Path, outer_environment: dict[str, str]
) -> None:
    window = Window(notebook_7, browser)
    notebook = Notebook(window, "place")
    notebook.run("import anvil_nb as anvil\nws = anvil.init('.', actor='ada')\n%load_ext anvil_nb")
    view = notebook.view("%anvil edit desk/emails/welcome")
    view.get_by_role("textbox", name="Template").click()
    notebook.page.keyboard.insert_text("Hello {{ name }}")
    view.get_by_role("button", name="Add what is missing").click()
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    shown = notebook.run("print(ws.get('desk/emails/welcome@draft').template)")
    expect(shown).to_contain_text("Hello {{ name }}")
    folder = Path(outer_environment.get("ANVIL_PICTURES") or tmp_path)
    for dark in (False, True):
        notebook.theme(dark=dark)
        assert serious_findings(notebook.page) == []
        view.scroll_into_view_if_needed()
        file = folder / f"notebook-7-{'dark' if dark else 'light'}.png"
        notebook.page.screenshot(path=file, animations="disabled")
    notebook.close()
    window.check()
    window.close()
