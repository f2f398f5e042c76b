"""What a plan or a question names is read whole, on a narrow page and by the keyboard too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import anvil_nb as anvil
from tests.sync.laptops import Laptop, put_skill
from tests.widgets.browser.lab import tab_to
from tests.widgets.browser.plain import PlainPage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

    from anvil_nb.workspace import Workspace

NAMES = [f"greet-{number:02}" for number in range(12)]
SEEN_WHOLE = "one => one.clientWidth > 0 && one.scrollWidth <= one.clientWidth"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "shop", actor="ada") as made:
        yield made


def scroll_to_the_end(listed: Locator) -> None:
    """Read a list to its end by the keyboard alone."""
    tab_to(listed, "End")
    expect(listed.get_by_role("listitem").last).to_be_in_viewport()


@pytest.mark.parametrize("width", [480, 1_000])
def test_the_plan_of_a_sync_shows_each_key_whole_and_names_all_that_is_skipped(
    ws: Workspace, browser: Browser, width: int
) -> None:
    one = Laptop(ws, ws.settings.services)
    for name in NAMES:
        one.skill(name)
    one.push()
    for name in NAMES:
        one.skill(name, "Here.")
        put_skill(ws, name, "There.")
    one.push(on_conflict="keep", force=True)
    plain = PlainPage(browser, ws.settle())
    plain.page.set_viewport_size({"width": width, "height": 900})
    view = plain.page.locator("section.anvil").first
    view.get_by_role("button", name="Theirs", exact=True).click()
    view.get_by_role("button", name="Skip what is left…").click()
    plan = view.get_by_role("region", name="Plan")
    expect(plan.get_by_role("heading", name="Would settle 1 conflict as decided")).to_be_visible()
    row = plan.get_by_role("list", name="state, decided, key, note").get_by_role("listitem")
    for said in ("planned", "theirs", "skills/greet-00"):
        expect(row.get_by_text(said, exact=True)).to_be_visible()
    key = row.get_by_text("skills/greet-00", exact=True)
    plain.page.wait_for_function(SEEN_WHOLE, arg=key.element_handle())
    skipped = plan.get_by_role("list", name="Skipped")
    expect(skipped.get_by_role("listitem")).to_have_count(11)
    scroll_to_the_end(skipped)
    plain.close()


def test_a_question_names_all_that_would_go(ws: Workspace, browser: Browser) -> None:
    for name in NAMES:
        ws.save(f"desk/{name}/hello", "Hello")
    plain = PlainPage(browser, ws.ui())
    view = plain.page.locator("section.anvil").first
    view.get_by_role("treeitem", name="desk").first.click()
    view.get_by_role("button", name="Delete…").click()
    question = view.get_by_role("dialog")
    goes = question.get_by_role("list", name="This goes:")
    expect(goes.get_by_role("listitem")).to_have_count(12)
    expect(question.get_by_text("12 in all")).to_be_visible()
    expect(question.get_by_role("checkbox")).to_be_focused()
    scroll_to_the_end(goes)
    plain.close()
