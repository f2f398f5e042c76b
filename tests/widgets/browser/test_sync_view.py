"""The panel of syncs in a real browser, on a page with nothing around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import anvil_nb as anvil
from anvil_nb.widgets.syncing import SyncView
from tests.sync.laptops import Laptop, put_skill, stored
from tests.widgets.browser.lab import tab_to
from tests.widgets.browser.plain import PlainPage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Laptop]:
    """A folder with a skill that the store does not have, and one that both changed apart."""
    with anvil.init(tmp_path / "shop", actor="ada") as ws:
        one = Laptop(ws, ws.settings.services)
        one.skill("mail")
        one.push()
        one.skill("mail", "Edited here.")
        put_skill(ws, "mail", "Edited there.")
        one.skill("greet")
        yield one


@pytest.fixture
def view(here: Laptop, browser: Browser) -> Iterator[Locator]:
    plain = PlainPage(browser, SyncView(here.ws))
    view = plain.page.locator("section.anvil").first
    expect(view.get_by_role("listitem", name="skills")).to_contain_text("to push")
    yield view
    plain.close()


def test_the_focus_stays_in_the_panel_whatever_is_done_by_the_keyboard(
    here: Laptop, view: Locator
) -> None:
    row = view.get_by_role("listitem", name="skills")
    plan = view.get_by_role("region", name="Plan")
    tab_to(row.get_by_role("button", name="Plan push"), "Enter")
    expect(plan.get_by_text("nothing was done: 1 added, 1 conflict")).to_be_visible()
    expect(row.get_by_role("button", name="Plan push")).to_be_focused()
    deletes = plan.get_by_role("checkbox", name="Delete there what was deleted here too")
    tab_to(deletes, "Space")
    expect(deletes).to_be_checked()
    expect(plan.locator("[aria-disabled]")).to_have_count(0)
    expect(deletes).to_be_focused()
    tab_to(plan.get_by_role("button", name="Do the rest, and keep"), "Enter", back=True)
    heading = plan.get_by_role("heading", name="Push of skills")
    expect(plan.get_by_role("list", name="Was written")).to_have_text("+ add greet")
    expect(heading).to_be_focused()
    expect(row).to_contain_text("1 conflict ·")
    tab_to(plan.get_by_role("button", name="Settle them…"), "Enter")
    settling = view.get_by_role("region", name="Conflicts of syncs")
    expect(settling).to_be_focused()
    settling.get_by_role("button", name="Ours", exact=True).click()
    settling.get_by_role("button", name="Preview the plan").click()
    settling.get_by_role("button", name="Settle", exact=True).click()
    expect(settling.get_by_text("Settled 1 conflict as decided")).to_be_visible()
    expect(row).to_contain_text("0 conflicts")
    assert here.ws.sync_conflicts().conflicts == ()


def test_two_presses_apply_a_plan_once(here: Laptop, view: Locator) -> None:
    here.rm("skills/mail")
    here.pull(on_conflict="theirs", delete=True)
    plan = view.get_by_role("region", name="Plan")
    view.get_by_role("button", name="Plan push of skills").click()
    plan.get_by_role("button", name="Apply this plan").evaluate(
        "button => { button.focus(); button.click(); button.click(); }"
    )
    expect(plan.get_by_text("Done: 1 added")).to_be_visible()
    expect(plan.get_by_role("heading", name="Push of skills")).to_be_focused()
    expect(view.get_by_role("listitem", name="skills")).to_contain_text("0 to push")
    expect(view.get_by_role("alert")).to_have_count(0)
    assert "greet" in stored(here.ws)


def test_a_plan_that_moved_is_made_anew_where_it_stands(here: Laptop, view: Locator) -> None:
    here.pull(on_conflict="theirs")
    plan = view.get_by_role("region", name="Plan")
    view.get_by_role("button", name="Plan push of skills").click()
    here.skill("greet", "Moved on.")
    apply = plan.get_by_role("button", name="Apply this plan")
    tab_to(apply, "Enter")
    expect(view.get_by_role("alert")).to_contain_text("does not hold any more")
    expect(view.get_by_role("alert")).to_contain_text("Plan it anew")
    expect(plan.get_by_text("⚠ This plan does not hold any more.")).to_be_visible()
    expect(apply).to_have_count(0)
    expect(plan.get_by_role("heading", name="Push of skills")).to_be_focused()
    tab_to(plan.get_by_role("button", name="Plan it anew"), "Enter")
    expect(apply).to_be_enabled()
    expect(view.get_by_role("alert")).to_have_count(0)
    expect(plan.get_by_role("heading", name="Push of skills")).to_be_focused()
    tab_to(apply, "Enter")
    expect(plan.get_by_text("Done: 1 added")).to_be_visible()
    assert b"Moved on." in stored(here.ws)["greet"]["SKILL.md"]
