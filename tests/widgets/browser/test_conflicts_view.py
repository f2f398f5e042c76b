"""Conflicts of a sync, and many of an import, in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.sync.apart import BASE, OURS, THEIRS
from tests.sync.laptops import Laptop, put_skill, skill, stored
from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.lab import begin_at, tab_to
from tests.widgets.bundled import declared_in_conflict, many_conflicts, many_sets

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Notebook


KEPT = "text => JSON.stringify({ ...localStorage }).includes(text)"
"""Tells in the page whether its browser keeps a text."""


@pytest.fixture
def apart(ws: Workspace) -> Laptop:
    """Two skills that both sides changed apart."""
    one = Laptop(ws, ws.settings.services)
    for name in ("mail", "call"):
        one.skill(name, BASE)
    one.push()
    for name in ("mail", "call"):
        one.skill(name, OURS)
        put_skill(ws, name, THEIRS)
    one.push(on_conflict="keep")
    return one


def test_conflicts_of_a_sync_are_settled_by_the_keyboard_alone(
    apart: Laptop, notebook: Notebook
) -> None:
    view = notebook.view("%anvil sync conflicts --widget")
    expect(view.get_by_text("2 of 2 left")).to_be_visible()
    begin_at(view.get_by_role("listbox"))
    notebook.page.keyboard.press("Home")
    conflict = view.get_by_role("region", name="Conflict", exact=True)
    expect(conflict).to_contain_text("ours stands on both sides, and theirs beside it")
    tab_to(conflict.get_by_role("button", name="Both", exact=True), "Enter")
    expect(view.get_by_text("1 of 2 left")).to_be_visible()
    tab_to(conflict.get_by_role("button", name="Take the decision back"), "Enter", back=True)
    expect(view.get_by_text("2 of 2 left")).to_be_visible()
    expect(conflict.get_by_role("button", name="Ours", exact=True)).to_be_focused()
    tab_to(conflict.get_by_role("button", name="Both", exact=True), "Enter")
    expect(view.get_by_text("1 of 2 left")).to_be_visible()
    tab_to(view.get_by_role("button", name="Next ↓").first, "Enter", back=True)
    expect(conflict.get_by_role("heading", name="skills/mail")).to_be_visible()
    expect(conflict.get_by_text("The result is sound")).to_be_visible()
    tab_to(conflict.get_by_role("button", name="Take this result"), "Enter")
    expect(view.get_by_text("0 of 2 left")).to_be_visible()
    tab_to(view.get_by_role("button", name="Preview the plan"), "Enter")
    plan = view.get_by_role("region", name="Plan")
    tab_to(plan.get_by_role("button", name="Settle", exact=True), "Enter", "Enter")
    expect(view.get_by_role("region", name="Result")).to_contain_text("Settled 2")
    expect(view.get_by_role("region", name="Result")).to_be_focused()
    expect(view.get_by_role("alert")).to_be_hidden()
    there = stored(apart.ws)
    assert there["mail"]["SKILL.md"] == skill("mail", "First, edited here.\n\nLast, there.")
    assert "call-theirs" in there
    assert apart.ws.sync_conflicts().conflicts == ()


def test_a_text_that_makes_no_skill_is_told_as_it_is_written(
    apart: Laptop, notebook: Notebook
) -> None:
    view = notebook.view("ws.settle()")
    conflict = view.get_by_role("region", name="Conflict", exact=True)
    result = conflict.get_by_role("textbox", name="Result")
    result.fill("---\nname: [\n---\n")
    expect(conflict.get_by_text("✕")).to_be_visible()
    expect(conflict.get_by_role("button", name="Take this result")).to_be_disabled()
    result.fill("Nothing is in conflict here.\n<<<<<<< Ours\n")
    expect(conflict.get_by_text("A mark of a conflict stands in line 2")).to_be_visible()
    expect(conflict.get_by_text("Choose in each conflict first: SKILL.md")).to_be_visible()
    assert len(apart.ws.sync_conflicts().conflicts) == 2


def test_what_was_written_and_not_taken_outlives_an_apply_and_the_page(
    apart: Laptop, notebook: Notebook
) -> None:
    view = notebook.view("shown = ws.settle()\nshown")
    beside = notebook.view("shown")
    conflict = view.get_by_role("region", name="Conflict", exact=True)
    result = conflict.get_by_role("textbox", name="Result")
    conflict.get_by_role("button", name="Ours", exact=True).click()
    expect(view.get_by_text("1 of 2 left")).to_be_visible()
    expect(beside.locator(".anvil-counter")).to_have_text("1 of 2 left")
    view.get_by_role("button", name="Next ↓").first.click()
    expect(conflict.get_by_role("heading", name="skills/mail")).to_be_visible()
    result.fill("Written, not taken.")
    view.get_by_role("button", name="Skip what is left…").click()
    plan = view.get_by_role("region", name="Plan")
    plan.get_by_role("button", name="Settle", exact=True).click()
    expect(view.get_by_role("region", name="Result").first).to_contain_text("Settled 1")
    expect(result).to_have_text("Written, not taken.")
    notebook.page.wait_for_function(KEPT, arg="Written, not taken.")
    again = notebook.view("ws.settle()")
    expect(again.get_by_role("textbox", name="Result")).to_have_text("Written, not taken.")
    assert [one.key for one in apart.ws.sync_conflicts().conflicts] == ["skills/mail"]


def test_a_thousand_conflicts_are_shown_at_once_and_saved_and_loaded(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = many_conflicts(ws, tmp_path, 1_000)
    view = notebook.view(f"%anvil import {bundle} --widget --allow-unsigned")
    expect(view.get_by_text("1,000 of 1,000 left", exact=True)).to_be_visible(timeout=60_000)
    assert view.get_by_role("option").count() < 60, "only what is seen is drawn"
    view.get_by_role("listbox").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    expect(view.get_by_role("option").last).to_contain_text("prompt-0999")
    assert view.get_by_role("option").count() < 60
    view.get_by_text("Decide all that is left at once").click()
    view.get_by_role("button", name="Overwrite: all 1,000").click()
    expect(view.get_by_text("0 of 1,000 left", exact=True)).to_be_visible(timeout=60_000)
    with notebook.page.expect_download() as download:
        view.get_by_role("button", name="Save decisions…").click()
    saved = tmp_path / "decisions.json"
    download.value.save_as(saved)
    assert len(json.loads(saved.read_text("utf-8"))) == 1_000
    again = notebook.view(f"%anvil import {bundle} --widget --allow-unsigned")
    expect(again.get_by_text("1,000 of 1,000 left", exact=True)).to_be_visible(timeout=60_000)
    with notebook.page.expect_file_chooser() as chooser:
        again.get_by_role("button", name="Load decisions…").click()
    chooser.value.set_files(saved)
    expect(again.get_by_text("0 of 1,000 left", exact=True)).to_be_visible(timeout=60_000)
    expect(again.get_by_text("1000 decisions taken")).to_be_visible(timeout=60_000)


def test_what_is_to_be_noted_in_a_merged_text_is_told_as_it_is_written(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = declared_in_conflict(ws, tmp_path, whole=True)
    view = notebook.view(f"%anvil import {bundle} --widget --allow-unsigned")
    conflict = view.get_by_role("region", name="Conflict", exact=True)
    result = conflict.get_by_role("textbox", name="Result")
    result.fill("Dear {{ nam }}")
    expect(conflict.get_by_text("✓ The result is sound.")).to_be_visible()
    expect(conflict.get_by_text("did you mean 'name'?")).to_be_visible()
    result.fill("Dear {{ name | shout }}")
    expect(conflict.get_by_text("✕")).to_contain_text("shout")
    expect(conflict.get_by_role("button", name="Take this result")).to_be_disabled()
    result.fill("Dear {{ name }}\n<<<<<<< Ours\n")
    expect(conflict.get_by_text("Choose in each conflict first: welcome")).to_be_visible()


def test_what_comes_of_each_is_read_before_all_are_decided(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = many_sets(ws, tmp_path, 5)
    view = notebook.view(f"%anvil import {bundle} --widget --allow-unsigned")
    expect(view.get_by_text("5 of 5 left", exact=True)).to_be_visible()
    begin_at(view.get_by_text("Decide all that is left at once"))
    notebook.page.keyboard.press("Enter")
    version = view.get_by_role("listitem").filter(
        has=notebook.page.get_by_role("button", name="Version: all 5")
    )
    expect(version).to_contain_text("and 2 more, each said below")
    tab_to(version.get_by_text("What comes of each of the 5"), "Enter")
    each = version.get_by_role("list", name="What comes of Version for each")
    expect(each.get_by_role("listitem")).to_have_count(5)
    expect(each.get_by_role("listitem").last).to_contain_text("theirs becomes desk/set-0004-2")
    tab_to(version.get_by_role("button", name="Version: all 5"), "Enter", back=True)
    expect(view.get_by_text("0 of 5 left", exact=True)).to_be_visible()
    view.get_by_role("button", name="Preview the plan").click()
    view.get_by_role("region", name="Plan").get_by_role("button", name="Import").click()
    expect(view.get_by_role("region", name="Result")).to_contain_text("Imported")
    assert ws.get("desk/set-0004/one@latest").template == "Here"
    assert ws.get("desk/set-0004-2/one@latest").template == "There"


def test_a_checker_of_accessibility_finds_nothing_serious(
    apart: Laptop, notebook: Notebook
) -> None:
    del apart
    view = notebook.view("%anvil sync conflicts --widget")
    expect(view.get_by_role("heading", name="Result")).to_be_visible()
    assert in_both_themes(notebook) == []
