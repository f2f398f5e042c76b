"""The history of a set in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.axe import serious_findings

if TYPE_CHECKING:
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
    expect(first.get_by_text("production")).to_be_visible()
    assert ws.get("desk/emails/welcome@production").version == "1.0.0"


def test_a_refusal_is_shown_in_the_page_with_what_to_do(notebook: Notebook) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    first = view.get_by_role("listitem").filter(has_text="First")
    first.get_by_role("button", name="Label…").click()
    dialog = view.get_by_role("dialog")
    dialog.get_by_label("Label").fill("latest")
    dialog.get_by_role("button", name="Label", exact=True).click()
    expect(view.get_by_role("alert")).to_contain_text("latest")


@pytest.mark.parametrize("dark", [False, True])
def test_a_checker_of_accessibility_finds_nothing_serious(
    notebook: Notebook, *, dark: bool
) -> None:
    notebook.theme(dark=dark)
    notebook.view("%anvil log desk/emails --widget")
    assert serious_findings(notebook.page) == []


def test_a_saved_notebook_says_what_was_true_last(notebook: Notebook) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    view.get_by_role("button", name="Label…").first.click()
    view.get_by_role("dialog").get_by_label("Label").fill("staging")
    view.get_by_role("dialog").get_by_role("button", name="Label", exact=True).click()
    expect(view.get_by_text("staging")).to_be_visible()
    saved = notebook.save()
    beside = saved.cells[-1].outputs[1]["data"]
    assert "staging" in beside["text/html"]
    assert "staging" in beside["text/plain"]


def test_a_restart_of_the_kernel_is_said_in_the_page(notebook: Notebook) -> None:
    view = notebook.view("%anvil log desk/emails --widget")
    notebook.restart_kernel()
    expect(view.get_by_role("status").filter(has_text="restarted")).to_be_visible()
