"""The editor's forms in a real browser: what is typed in them stays, and so does the caret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.widgets.browser.editing import WELCOME, text_of, write
from tests.widgets.browser.lab import begin_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.widgets.view import View
    from anvil_nb.workspace import Workspace


def opened(view: Locator, parameter: str) -> Locator:
    """Open the card of a parameter."""
    view.get_by_role("tab", name="Parameters").click()
    card = view.get_by_role("listitem", name=parameter, exact=True)
    if card.get_by_label("Description").is_hidden():
        card.get_by_text("Description, default, example, choices").click()
    return card


def test_a_save_leaves_the_focus_the_caret_and_the_open_card(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    ws.save(
        WELCOME,
        "{{ a }} {{ b }} {{ c }}",
        parameters=[{"name": one, "type": "number", "default": 10} for one in "abc"],
        metadata={"description": "Said."},
    )
    view = shown(ws.edit(WELCOME))
    keyboard = view.page.keyboard
    card = opened(view, "c")
    default = card.get_by_role("textbox", name="Default")
    begin_at(default)
    keyboard.press("Control+a")
    keyboard.type("1.50")  # comes back as 1.5: this card is drawn anew
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    expect(default).to_be_focused()
    keyboard.type("2")
    expect(default).to_have_value("1.25")
    keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    expect(default).to_be_visible()
    required = card.get_by_label("Required")
    required.check()
    expect(default).to_be_hidden()
    keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").content.parameters[2].required
    expect(required).to_be_focused()
    keyboard.press("Space")
    expect(default).to_have_value("1.25")
    view.get_by_role("tab", name="Metadata").click()
    description = view.get_by_role("tabpanel").get_by_label("Description")
    description.click()
    keyboard.press("Control+End")
    keyboard.type("  ")
    keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    keyboard.type("Once more.")
    expect(description).to_have_value("Said.  Once more.")
    found = ws.get(f"{WELCOME}@draft").content
    assert found.parameters[2].to_json()["default"] == 1.25


def test_choices_and_a_changed_type_keep_what_was_written(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    choices = ["kind\nand warm", "", "short"]
    ws.save(
        WELCOME,
        "{{ tone }} {{ sure }}",
        parameters=[
            {"name": "tone", "type": "string", "enum": choices},
            {"name": "sure", "type": "string", "default": "abc"},
        ],
    )
    view = shown(ws.edit(WELCOME))
    field = opened(view, "tone").get_by_label("Choices, one a line")
    field.click()
    view.page.keyboard.press("Control+End")
    view.page.keyboard.type("\nlong")
    card = opened(view, "sure")
    begin_at(card.get_by_label("Type"))
    card.get_by_label("Type").select_option("boolean")
    expect(card.get_by_label("Type")).to_be_focused()
    expect(card).to_contain_text("not JSON: abc")
    default = card.get_by_role("combobox", name="Default")
    expect(default.locator("option:checked")).to_have_text("abc: neither true nor false")
    default.select_option("true")
    expect(card.get_by_text("✓ used")).to_be_visible()
    view.page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    tone, sure = ws.get(f"{WELCOME}@draft").content.parameters
    assert tone.enum == (*choices, "long")
    assert sure.default is True


def test_plain_text_is_made_liquid_and_parameters_are_those_of_the_text_of_now(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    ws.save(WELCOME, "You are {{ role }}", syntax="plain", metadata={"description": "Kept"})
    view = shown(ws.edit(WELCOME))
    agreement = view.get_by_role("group", name="Parameters and template")
    expect(agreement).to_contain_text("Plain text")
    view.get_by_role("button", name="Make it Liquid").click()
    expect(agreement).to_contain_text("missing: role")
    begin_at(agreement.get_by_role("button", name="Add what is missing"))
    view.page.keyboard.press("Enter")
    expect(agreement).to_contain_text("1 matched")
    expect(text_of(view)).to_be_focused()
    expect(text_of(view)).to_have_text("You are {{ role }}")
    write(view, "---\nmodel: x\n---\nYou are {{ role }}, {{ ghost }}")
    view.get_by_role("button", name="Move it into the form").click()
    expect(text_of(view)).to_be_focused()
    expect(text_of(view)).to_have_text("You are {{ role }}, {{ ghost }}")
    expect(agreement).to_contain_text("1 matched+ missing: ghost")
    view.page.keyboard.press("Control+End")
    view.page.keyboard.insert_text("{% if role %}")
    expect(agreement).to_have_text(
        "Parameters are compared with the template once it has no error."
    )
    expect(agreement.get_by_role("button")).to_have_count(0)
    view.page.keyboard.insert_text("{% endif %}")
    agreement.get_by_role("button", name="Add what is missing").click()
    view.page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    found = ws.get(f"{WELCOME}@draft").content
    assert (found.syntax, found.metadata.description) == ("liquid", "Kept")
    assert [one.name for one in found.parameters] == ["role", "ghost"]
    assert found.metadata.settings == {"model": "x"}
