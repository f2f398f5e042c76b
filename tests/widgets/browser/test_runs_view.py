"""The grid of a run in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.lab import begin_at, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Notebook

DATA = "rows = [{'name': f'Guest {at}', 'vip': at % 10 == 0} for at in range(10_000)]"
RUN = "%anvil run desk/emails/welcome@1.0.0 desk/emails/welcome --data rows --widget"


@pytest.fixture(autouse=True)
def versions(ws: Workspace) -> None:
    ws.save("desk/emails/welcome", "Hello {{ name }}{% if vip %}, dear guest{% endif %}")
    ws.publish("desk/emails")
    ws.save("desk/emails/welcome", "Hello {{ name }}{% if vip %}, dear friend{% endif %}")


@pytest.fixture
def view(notebook: Notebook) -> Locator:
    notebook.run(DATA)
    shown = notebook.view(RUN)
    shown.get_by_role("grid").wait_for()
    return shown


def test_ten_thousand_rows_are_filtered_and_read_by_the_keyboard_alone(view: Locator) -> None:
    expect(view.get_by_text("10,000 rows", exact=True)).to_be_visible()
    keyboard = view.page.keyboard
    text = view.get_by_label("Filter rows by text")
    begin_at(text)
    tab_to(view.get_by_label("Which rows"), "ArrowDown")
    expect(view.get_by_text("1,000 rows", exact=True)).to_be_visible()
    tab_to(text, back=True)
    keyboard.type("guest 9990")
    expect(view.get_by_text("1 row", exact=True)).to_be_visible()
    tab_to(view.get_by_role("grid"), "Enter")
    detail = view.get_by_role("region", name="The row")
    expect(detail.get_by_role("heading", name="Row 9991")).to_be_visible()
    expect(detail.get_by_role("heading", name="@draft ≠ differs")).to_be_visible()
    expect(detail.locator("ins")).to_have_text("friend")
    tab_to(detail.get_by_role("button", name="Close"), "Enter")
    expect(detail).to_have_count(0)
    expect(view.get_by_role("grid")).to_be_focused()
    keyboard.press("Enter")
    expect(detail).to_be_visible()
    text.fill("nobody")  # a row is not read on beside rows that it is none of
    expect(view.get_by_text("0 rows", exact=True)).to_be_visible()
    expect(detail).to_have_count(0)
    text.fill("")
    expect(view.get_by_text("1,000 rows", exact=True)).to_be_visible()
    begin_at(view.get_by_role("grid"))
    keyboard.press("End")
    expect(view.get_by_role("rowheader", name="9991")).to_be_visible()


def test_rows_that_nobody_can_send_any_more_leave_the_page_alive(
    notebook: Notebook, view: Locator
) -> None:
    notebook.restart_kernel()
    expect(view.get_by_role("status").filter(has_text="restarted")).to_be_visible()
    begin_at(view.get_by_role("grid"))
    view.page.keyboard.press("End")
    expect(view.get_by_role("alert")).to_contain_text("the kernel is gone")
    view.page.keyboard.press("Home")
    expect(view.get_by_role("rowheader", name="1", exact=True)).to_be_visible()


def test_a_run_is_cancelled_while_it_goes_on(notebook: Notebook) -> None:
    notebook.run("import time\nrows = [{'name': 'Ada', 'vip': False}] * 500")
    view = notebook.view(
        "%anvil run desk/emails/welcome --data rows --widget --concurrency 1"
        " --with (lambda prompt: time.sleep(0.05))"
    )
    view.get_by_role("button", name="Cancel").click()
    expect(view.get_by_role("alert")).to_contain_text("cancelled")


def test_a_run_is_begun_from_the_browser_by_the_keyboard_alone(
    notebook: Notebook,
) -> None:
    view = notebook.view("%anvil ui")
    begin_at(view.get_by_label("Search prompts"))
    keyboard = notebook.page.keyboard
    keyboard.press("Control+k")
    keyboard.type("go emails/welcome")
    keyboard.press("Enter")
    run = view.get_by_role("button", name="Run…")
    expect(run).to_be_visible()
    tab_to(run, "Enter")
    rows = view.get_by_label("Rows", exact=True)
    expect(view.get_by_label("draft")).to_be_checked()
    tab_to(rows, "Control+a")
    keyboard.type('{"name": "Ada", "vip": true}')
    keyboard.press("Enter")
    keyboard.type('{"name": "Bob", "vip": fals}')
    tab_to(view.get_by_role("button", name="Run", exact=True), "Enter")
    expect(view.get_by_role("alert")).to_contain_text("the text:2")
    tab_to(rows, "Control+End", back=True)
    keyboard.press("ArrowLeft")
    keyboard.type("e")
    tab_to(view.get_by_role("button", name="Run", exact=True), "Enter")
    grid = view.get_by_role("grid", name="Rows by versions")
    expect(grid.get_by_role("row")).to_have_count(3)
    expect(grid).to_contain_text("Hello Ada, dear guest")
    expect(grid).to_contain_text("Hello Ada, dear friend")
    expect(view.get_by_role("treeitem", name="welcome")).to_be_visible()
    assert in_both_themes(notebook) == []


def test_pictures(view: Locator, picture: Callable[[str, Locator], None]) -> None:
    begin_at(view.get_by_role("grid"))
    view.page.keyboard.press("Enter")
    view.get_by_role("region", name="The row").wait_for()
    picture("runs", view)
