"""The editor in a real browser: what is typed, saved and published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.editing import SHOW, WELCOME, text_of, welcome, write
from tests.widgets.browser.lab import Notebook, begin_at, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.widgets.view import View
    from anvil_nb.workspace import Workspace

__all__ = ["welcome"]


def test_a_new_prompt_is_written_saved_and_published(ws: Workspace, notebook: Notebook) -> None:
    view = notebook.view(SHOW)
    write(view, "Dear {{ customer }}, thank you.")
    preview = view.get_by_role("region", name="Rendered")
    expect(preview).to_have_text("Dear [customer], thank you.")
    view.get_by_role("button", name="Add what is missing").click()
    view.get_by_role("tab", name="Parameters").click()
    card = view.get_by_role("listitem", name="customer")
    card.get_by_label("Type").select_option("string")
    card.get_by_role("textbox", name="Example").fill("Ada")
    view.get_by_role("tab", name="Preview").click()
    expect(preview).to_have_text("Dear Ada, thank you.")
    view.get_by_role("button", name="Save and publish…").click()
    dialog = view.get_by_role("dialog", name="Publish desk/emails@1.0.0")
    dialog.get_by_label("What is new").fill("A welcome")
    dialog.get_by_role("button", name="Publish 1.0.0").click()
    expect(view.get_by_text("Published desk/emails@1.0.0.")).to_be_visible()
    found = ws.get(f"{WELCOME}@1.0.0")
    assert found.template == "Dear {{ customer }}, thank you."
    assert [one.to_json() for one in found.content.parameters] == [
        {"name": "customer", "type": "string", "required": True, "example": "Ada"}
    ]
    assert ws.log("desk/emails").to_json()["versions"][0]["message"] == "A welcome"  # type: ignore[index, call-overload]


@pytest.mark.usefixtures("welcome")
def test_a_fault_is_shown_at_its_line_and_a_save_of_it_is_refused(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    before = ws.get(f"{WELCOME}@draft").digest
    view = shown(ws.edit(WELCOME))
    write(view, "Hello\n{% if name %}\nthere")
    problem = view.get_by_role("list", name="Problems").get_by_role("listitem")
    expect(problem).to_contain_text("{% endif %}")
    expect(problem.get_by_role("button", name="line 2")).to_be_visible()
    expect(view.locator(".cm-line").nth(1).locator(".cm-lintRange-error")).to_be_visible()
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_role("alert")).to_contain_text("line 2")
    assert ws.get(f"{WELCOME}@draft").digest == before


@pytest.mark.usefixtures("welcome")
def test_all_is_done_by_keyboard_and_the_notebook_hears_none_of_it(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    cells = notebook.page.locator(".jp-NotebookPanel:visible .jp-Cell").count()
    begin_at(text_of(view))
    page = notebook.page
    page.keyboard.press("Control+Home")
    page.keyboard.type("dd {{ na")
    expect(page.get_by_role("listbox")).to_contain_text("name")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("me }} ")
    page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template.startswith("dd {{ name }} Hello")
    page.keyboard.press("Tab")
    assert not text_of(view).evaluate("one => one === document.activeElement")
    tab_to(view.get_by_role("tab", name="Preview"), "ArrowRight")
    expect(view.get_by_role("tab", name="Parameters")).to_be_focused()
    expect(view.get_by_role("tab", name="Parameters")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("b")  # of the notebook's own, a new cell
    tab_to(view.get_by_role("button", name="Publish…"), "Enter", back=True)
    expect(view.get_by_role("dialog").get_by_label("What is new")).to_be_focused()
    page.keyboard.type("Politer")
    page.keyboard.press("Enter")
    expect(view.get_by_text("Published desk/emails@1.0.0.")).to_be_visible()
    expect(view.get_by_role("button", name="Publish…")).to_be_focused()
    assert ws.get(f"{WELCOME}@latest").template.startswith("dd {{ name }} Hello")
    assert notebook.page.locator(".jp-NotebookPanel:visible .jp-Cell").count() == cells


@pytest.mark.usefixtures("welcome")
def test_a_higher_version_is_chosen_and_a_lower_one_refused(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    ws.publish("desk/emails")
    view = shown(ws.edit(WELCOME))
    write(view, "Hello {{ name }}, welcome to {{ place }} and {{ other }}.")
    view.get_by_role("button", name="Add what is missing").click()
    view.get_by_role("tab", name="Parameters").click()
    view.get_by_role("listitem", name="other").get_by_label("Required").uncheck()
    view.get_by_role("button", name="Save and publish…").click()
    dialog = view.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Publish desk/emails@1.1.0")).to_be_visible()
    expect(dialog).to_contain_text("call for a minor version at least")
    dialog.get_by_label("Version").select_option("patch")
    expect(dialog.get_by_role("alert")).to_contain_text("1.0.1 is too low")
    expect(dialog.get_by_role("button", name="Publish")).to_be_disabled()
    dialog.get_by_label("Version").select_option("major")
    dialog.get_by_role("button", name="Publish 2.0.0").click()
    expect(view.get_by_text("Published desk/emails@2.0.0.")).to_be_visible()
    assert [one.number for one in ws.log("desk/emails")] == ["2.0.0", "1.0.0"]


def test_line_ends_are_kept_as_they_were(ws: Workspace, shown: Callable[[View], Locator]) -> None:
    ws.save(WELCOME, "a\r\nb\r\n")
    view = shown(ws.edit(WELCOME))
    begin_at(text_of(view))
    view.page.keyboard.press("Control+Home")
    view.page.keyboard.type("X")
    view.page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "Xa\r\nb\r\n"


TYPED = '{%- if name -%}\n  - x\n{% else %}\n{\n"a": [1]\n}\n{% endif %} {{ name }}'


@pytest.mark.usefixtures("welcome")
def test_tags_are_typed_as_they_are_meant_and_saves_wait_for_each_other(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    begin_at(text_of(view))
    keyboard = notebook.page.keyboard
    keyboard.press("Control+a")
    keyboard.type(TYPED)
    with ws.access.engine.write():  # both saves wait for it
        keyboard.press("Control+s")
        expect(view.get_by_text("Saving…")).to_be_visible()
        keyboard.type("y")
        keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    expect(view.get_by_role("heading", name="changed elsewhere")).to_be_hidden()
    assert ws.get(f"{WELCOME}@draft").template == f"{TYPED}y"
    expect(text_of(view)).to_be_focused()


@pytest.mark.usefixtures("welcome")
def test_a_text_that_is_not_shown_is_not_published_and_a_double_click_asks_once(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.edit(WELCOME))
    publish = view.get_by_role("button", name="Publish…")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    ws.save(WELCOME, "theirs")
    publish.click()
    expect(view.get_by_role("alert")).to_contain_text("Nothing was published")
    expect(view.get_by_role("dialog")).to_be_hidden()
    view.get_by_role("button", name="Dismiss").click()
    expect(publish).to_be_focused()
    view.get_by_role("button", name="Look at it").click()
    expect(text_of(view)).to_have_text("theirs")
    expect(text_of(view)).to_be_focused()
    publish.dblclick()
    expect(view.get_by_role("dialog")).to_have_count(1)
    view.get_by_role("dialog").get_by_role("button", name="Publish 1.0.0").click()
    expect(view.get_by_text("Published desk/emails@1.0.0.")).to_be_visible()
    expect(view.get_by_text("as in 1.0.0")).to_be_visible()
    assert ws.get(f"{WELCOME}@1.0.0").template == "theirs"
    write(view, "ours")
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    ws.publish("desk/emails")
    publish.click()
    expect(view.get_by_text("Nothing to publish")).to_be_visible()
    expect(view.get_by_text("as in 1.0.1")).to_be_visible()


@pytest.mark.usefixtures("welcome")
def test_what_is_typed_while_the_text_is_saved_to_be_published_is_published_too(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    write(view, "Hi {{ name }} at {{ place }}")
    with ws.access.engine.write():  # the save waits for it
        view.get_by_role("button", name="Save and publish…").click()
        write(view, "Hi and welcome {{ name }} at {{ place }}")
    view.get_by_role("dialog").get_by_role("button", name="Publish 1.0.0").click()
    expect(view.get_by_text("Published desk/emails@1.0.0.")).to_be_visible()
    assert "and welcome" in ws.get(f"{WELCOME}@1.0.0").template


@pytest.mark.usefixtures("welcome")
def test_the_focus_stays_where_a_person_works(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.edit(WELCOME))
    keyboard = view.page.keyboard
    write(view, "Hello {{ name }} {{ other }}")
    view.get_by_role("button", name="Add what is missing").click()
    expect(text_of(view)).to_be_focused()
    save = view.get_by_role("button", name="Save", exact=True)
    save.click()
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    expect(save).to_be_focused()
    view.get_by_role("tab", name="Parameters").click()
    card = view.get_by_role("listitem", name="place")
    field = card.get_by_role("textbox", name="Default")
    field.fill("our")
    keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    keyboard.type(" shop")
    expect(field).to_have_value("our shop")
    keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    declared = ws.get(f"{WELCOME}@draft").content.parameters
    assert [one.default for one in declared if one.name == "place"] == ["our shop"]


@pytest.mark.usefixtures("welcome")
def test_liquid_is_coloured_and_the_keys_of_a_mac_save_and_look_again(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.edit(WELCOME))
    write(view, "{% if name %}Hi {{ name }}{% endif %}")
    keyword = text_of(view).get_by_text("if", exact=True)
    expect(keyword).to_have_css("font-weight", "600")
    drawn = "one => getComputedStyle(one).color"
    assert keyword.evaluate(drawn) != text_of(view).evaluate(drawn)
    view.page.keyboard.press("Meta+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "{% if name %}Hi {{ name }}{% endif %}"
    ws.save(WELCOME, "theirs")
    view.page.keyboard.press("Meta+Enter")
    expect(view.get_by_text("The draft was changed elsewhere.")).to_be_visible()


PASTE = """(text, said) => {
    const data = new DataTransfer();
    data.setData("text/plain", said);
    text.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


def test_pasted_lines_end_as_the_others_do(ws: Workspace, shown: Callable[[View], Locator]) -> None:
    ws.save(WELCOME, "a\r\nb\r\n")
    view = shown(ws.edit(WELCOME))
    begin_at(text_of(view))
    view.page.keyboard.press("Control+Home")
    text_of(view).evaluate(PASTE, "x\ny\n")
    expect(view.locator(".cm-line")).to_have_count(5)
    view.page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "x\r\ny\r\na\r\nb\r\n"


@pytest.mark.usefixtures("welcome")
def test_pictures_of_the_editor(
    ws: Workspace, notebook: Notebook, picture: Callable[[str, Locator], None]
) -> None:
    text = (
        "{% message system %}\nYou answer for {{ place }}, politely.\n{% endmessage %}\n\n"
        "{% message user %}\nDear {{ place }},\n{% for line in lines %}\n- {{ line | strip }}"
        "{% endfor %}\n\n{{ name }}\n{% endmessage %}\n"
    )
    view = notebook.view(SHOW)
    write(view, text)
    expect(view.get_by_role("button", name="Add what is missing")).to_be_visible()
    expect(view.get_by_role("region", name="Rendered")).to_contain_text("our shop")
    picture("editor", view)
    write(view, "Hello {{ name }} {{ other }}\n{% render 'nobody' %}")
    expect(view.get_by_role("list", name="Problems")).to_contain_text("nobody")
    for tab in ("Metadata", "Parameters"):
        view.get_by_role("tab", name=tab).click()
        assert in_both_themes(notebook) == []
    view.get_by_role("tab", name="Preview").click()
    ws.save(WELCOME, "Good day {{ name }},\n\nwelcome to {{ place }}.\n\nYours,\nthe desk\n")
    write(view, "Hi {{ name }},\n\nwelcome to {{ place }}!\n\nYours,\nthe desk\n")
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_text("1 of 1 conflict left")).to_be_visible()
    picture("editor-conflict", view)
