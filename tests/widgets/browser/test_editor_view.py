"""The editor in a real browser: write, save, publish, merge; nothing typed is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.conftest import PREPARED
from tests.widgets.browser.lab import Notebook, begin_at, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Window

WELCOME = "desk/emails/welcome"
SHOW = f"%anvil edit {WELCOME}"


def text_of(view: Locator) -> Locator:
    return view.get_by_role("textbox", name="Template")


def write(view: Locator, text: str) -> None:
    """Put ``text`` in the place of the whole template, as one who types."""
    text_of(view).click()
    view.page.keyboard.press("Control+a")
    view.page.keyboard.insert_text(text)


@pytest.fixture
def welcome(ws: Workspace) -> None:
    ws.save("desk/emails/sign", "Yours, {{ sender }}")
    ws.save(
        WELCOME,
        "Hello {{ name }},\n\nwelcome to {{ place }}.\n\nYours,\nthe desk\n",
        parameters=[
            {"name": "name", "type": "string", "example": "Ada"},
            {"name": "place", "type": "string", "default": "our shop"},
        ],
    )


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
    ws: Workspace, notebook: Notebook
) -> None:
    before = ws.get(f"{WELCOME}@draft").digest
    view = notebook.view(SHOW)
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
    ws: Workspace, notebook: Notebook
) -> None:
    ws.publish("desk/emails")
    view = notebook.view(SHOW)
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


@pytest.mark.usefixtures("welcome")
def test_two_windows_on_one_prompt_end_in_three_ways_and_lose_nothing(
    ws: Workspace, notebook: Notebook, open_window: Callable[..., Window], place: str
) -> None:
    mine = notebook.view(SHOW)
    second = Notebook(open_window(), place, "second")
    second.run(PREPARED)
    theirs = second.view(SHOW)
    write(theirs, "Good day {{ name }},\n\nwelcome to {{ place }}.\n\nYours,\nthe whole desk\n")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_text("✓ Saved")).to_be_visible()
    write(mine, "Hi {{ name }},\n\nwelcome to {{ place }}!\n\nYours,\nthe desk\n")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("1 of 1 conflict left")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template.startswith("Good day")
    go = mine.get_by_role("button", name="Save the result")
    expect(go).to_be_disabled()
    conflict = mine.get_by_role("listitem", name=re.compile("Conflict 1 of 1"))
    for side, said in (("Base", "Hello"), ("Mine", "Hi"), ("Theirs", "Good day")):
        figure = conflict.get_by_role("figure").filter(has_text=side)
        expect(figure.first).to_contain_text(said)
    conflict.get_by_role("button", name="Take mine").click()
    go.click()
    expect(mine.get_by_text("✓ Saved")).to_be_visible()
    merged = "Hi {{ name }},\n\nwelcome to {{ place }}!\n\nYours,\nthe whole desk\n"
    assert ws.get(f"{WELCOME}@draft").template == merged
    second.close()


@pytest.mark.usefixtures("welcome")
def test_what_is_typed_while_a_save_meets_a_conflict_is_a_part_of_our_side(
    ws: Workspace, notebook: Notebook
) -> None:
    mine = notebook.view(SHOW)
    ws.save(WELCOME, "Good day {{ name }},\n", message="meanwhile")
    write(mine, "Hi {{ name }},\n")
    with ws.access.engine.write():  # the save waits for it
        mine.get_by_role("button", name="Save", exact=True).click()
        write(mine, "Hi and welcome {{ name }},\n")
    conflict = mine.get_by_role("listitem", name=re.compile("Conflict 1 of 1"))
    expect(conflict.get_by_role("figure").filter(has_text="Mine")).to_contain_text("and welcome")
    conflict.get_by_role("button", name="Take mine").click()
    mine.get_by_role("button", name="Save the result").click()
    expect(mine.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "Hi and welcome {{ name }},\n"


@pytest.mark.usefixtures("welcome")
def test_what_was_not_saved_is_offered_again_after_a_restart(
    ws: Workspace, notebook: Notebook
) -> None:
    before = ws.get(f"{WELCOME}@draft").digest
    view = notebook.view(SHOW)
    write(view, "Not saved {{ name }}")
    expect(view.get_by_text("● Unsaved")).to_be_visible()
    notebook.restart_kernel()
    expect(view.get_by_text("The kernel was restarted")).to_be_visible()
    expect(text_of(view)).to_have_text("Not saved {{ name }}")
    notebook.run(PREPARED)
    again = notebook.view(SHOW)
    expect(again.get_by_text("Unsaved text of")).to_be_visible()
    again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_have_text("Not saved {{ name }}")
    assert ws.get(f"{WELCOME}@draft").digest == before
    again.get_by_role("button", name="Save", exact=True).click()
    expect(again.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "Not saved {{ name }}"


KEPT = """said => Object.entries(localStorage)
    .some(([key, value]) => key.includes("anvil-unsaved") && value.includes(said))"""


@pytest.mark.usefixtures("welcome")
def test_typing_on_before_the_offer_is_answered_loses_neither_text(notebook: Notebook) -> None:
    view = notebook.view(SHOW)
    write(view, "the first text")
    expect(view.get_by_text("● Unsaved")).to_be_visible()
    notebook.restart_kernel()
    notebook.run(PREPARED)
    again = notebook.view(SHOW)
    expect(again.get_by_text("Unsaved text of")).to_be_visible()
    write(again, "the second text")
    notebook.page.wait_for_function(KEPT, arg="the second text")
    assert notebook.page.evaluate(KEPT, "the first text")
    again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_have_text("the first text")
    expect(again.get_by_text("Unsaved text of")).to_be_visible()  # what was typed since
    again.get_by_role("button", name="Restore").click()
    expect(text_of(again)).to_have_text("the second text")


def test_a_result_that_was_settled_and_not_saved_outlives_a_restart(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "one\n")
    view = notebook.view(SHOW)
    write(view, "mine\n")
    ws.save(WELCOME, "theirs\n")
    notebook.page.keyboard.press("Control+s")
    view.get_by_role("button", name="Take both").click()
    expect(view.get_by_text("All 1 settled")).to_be_visible()
    notebook.page.wait_for_function(KEPT, arg='"result":"mine')
    notebook.restart_kernel()
    notebook.run(PREPARED)
    again = notebook.view(SHOW)
    again.get_by_role("button", name="Restore").click()
    again.get_by_role("button", name="Save the result").click()
    expect(again.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "mine\ntheirs\n"


def test_line_ends_are_kept_as_they_were(ws: Workspace, notebook: Notebook) -> None:
    ws.save(WELCOME, "a\r\nb\r\n")
    view = notebook.view(SHOW)
    begin_at(text_of(view))
    notebook.page.keyboard.press("Control+Home")
    notebook.page.keyboard.type("X")
    notebook.page.keyboard.press("Control+s")
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


def test_there_is_nothing_to_undo_in_a_long_text_that_was_only_opened(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "long\n" * 25_000)
    view = notebook.view(SHOW)
    expect(text_of(view)).to_contain_text("long")
    begin_at(text_of(view))
    notebook.page.keyboard.press("Control+z")
    notebook.page.keyboard.press("Control+s")
    expect(view.get_by_text("Nothing had changed.")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "long\n" * 25_000


@pytest.mark.usefixtures("welcome")
def test_a_text_that_is_still_written_is_not_offered_until_it_was_left(
    ws: Workspace, notebook: Notebook
) -> None:
    first = notebook.view(SHOW)
    write(first, "still written")
    notebook.page.wait_for_function(KEPT, arg="still written")
    second = notebook.view(SHOW)
    offer = second.get_by_role("group", name="Unsaved text of")
    expect(offer).to_be_hidden()
    write(first, "written further")  # what is offered in the end is all of it
    notebook.page.evaluate(
        """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.widgets;
            cells.at(-2).outputArea.model.clear();
        }"""
    )
    expect(offer).to_be_visible()
    offer.get_by_text("Unsaved text of").click()
    expect(offer.get_by_role("region", name="The unsaved text")).to_have_text("written further")
    write(second, "mine")
    ws.save(WELCOME, "theirs")
    notebook.page.keyboard.press("Control+s")
    expect(second.get_by_text("1 of 1 conflict left")).to_be_visible()
    expect(offer).to_be_hidden()  # the result would be written over what is restored
    second.get_by_role("button", name="Back to my text").click()
    offer.get_by_role("button", name="Discard").click()
    expect(text_of(second)).to_be_focused()
    assert not notebook.page.evaluate(KEPT, "written further")


@pytest.mark.usefixtures("welcome")
def test_a_prompt_that_was_renamed_or_deleted_elsewhere_is_told_and_gone_on_with(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    ws.rename(WELCOME, "hello")
    write(view, "mine {{ name }}")
    notebook.page.keyboard.press("Control+s")
    expect(view.get_by_role("heading", name="The prompt was renamed meanwhile")).to_be_focused()
    view.get_by_role("button", name="Go on as desk/emails/hello").click()
    expect(view.get_by_role("heading", name="desk/emails/hello")).to_be_visible()
    expect(text_of(view)).to_be_focused()
    notebook.page.wait_for_function(KEPT, arg="mine")
    notebook.page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get("desk/emails/hello@draft").template == "mine {{ name }}"
    assert ws.find(f"{WELCOME}@draft") is None
    ws.delete_set("desk/emails")
    notebook.page.keyboard.press("Control+Enter")
    expect(view.get_by_text("The prompt was deleted or renamed elsewhere.")).to_be_visible()
    expect(view.get_by_text("● Not in the draft")).to_be_visible()
    view.get_by_role("button", name="Look at it").click()
    expect(view.get_by_role("heading", name="The set was deleted meanwhile")).to_be_focused()
    view.get_by_role("button", name="Save it again").click()
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get("desk/emails/hello@draft").template == "mine {{ name }}"


@pytest.mark.usefixtures("welcome")
def test_what_was_left_under_the_old_name_is_offered_under_the_new_one(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    write(view, "left behind")
    notebook.page.wait_for_function(KEPT, arg="left behind")
    notebook.page.evaluate(
        """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.widgets;
            cells.at(-1).outputArea.model.clear();
        }"""
    )
    ws.rename(WELCOME, "hello")
    renamed = notebook.view("%anvil edit desk/emails/hello")
    offer = renamed.get_by_role("group", name=f"of {WELCOME}")
    offer.get_by_role("button", name="Restore").click()
    expect(text_of(renamed)).to_have_text("left behind")
    notebook.page.keyboard.press("Control+s")
    expect(renamed.get_by_text("✓ Saved")).to_be_visible()
    assert not notebook.page.evaluate(KEPT, "left behind")


def test_a_result_that_was_left_for_the_text_is_there_again(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.save(WELCOME, "one\n")
    view = notebook.view(SHOW)
    write(view, "mine\n")
    ws.save(WELCOME, "theirs\n")
    notebook.page.keyboard.press("Control+s")
    view.get_by_role("button", name="Take both").click()
    view.get_by_role("button", name="Back to my text").click()
    expect(text_of(view)).to_be_focused()
    notebook.page.wait_for_function(KEPT, arg='"result":"mine')
    notebook.page.keyboard.press("Control+s")
    view.get_by_role("button", name="Save the result").click()
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    expect(text_of(view)).to_be_focused()
    assert ws.get(f"{WELCOME}@draft").template == "mine\ntheirs\n"


@pytest.mark.usefixtures("welcome")
def test_a_text_that_is_not_shown_is_not_published_and_a_double_click_asks_once(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
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
def test_the_focus_stays_where_a_person_works(ws: Workspace, notebook: Notebook) -> None:
    view = notebook.view(SHOW)
    keyboard = notebook.page.keyboard
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


PASTE = """(text, said) => {
    const data = new DataTransfer();
    data.setData("text/plain", said);
    text.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


def test_pasted_lines_end_as_the_others_do(ws: Workspace, notebook: Notebook) -> None:
    ws.save(WELCOME, "a\r\nb\r\n")
    view = notebook.view(SHOW)
    begin_at(text_of(view))
    notebook.page.keyboard.press("Control+Home")
    text_of(view).evaluate(PASTE, "x\ny\n")
    expect(view.locator(".cm-line")).to_have_count(5)
    notebook.page.keyboard.press("Control+s")
    expect(view.get_by_text("✓ Saved")).to_be_visible()
    assert ws.get(f"{WELCOME}@draft").template == "x\r\ny\r\na\r\nb\r\n"


@pytest.mark.usefixtures("welcome")
def test_a_checker_of_accessibility_finds_nothing_serious_in_the_editor(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view(SHOW)
    write(view, "Hello {{ name }} {{ other }}\n{% render 'nobody' %}")
    expect(view.get_by_role("list", name="Problems")).to_contain_text("nobody")
    for tab in ("Parameters", "Metadata", "Preview"):
        view.get_by_role("tab", name=tab).click()
        assert in_both_themes(notebook) == []
    ws.save(WELCOME, "Good day {{ name }}")
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_role("heading", name="changed elsewhere")).to_be_visible()
    assert in_both_themes(notebook) == []


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
    ws.save(WELCOME, "Good day {{ name }},\n\nwelcome to {{ place }}.\n\nYours,\nthe desk\n")
    write(view, "Hi {{ name }},\n\nwelcome to {{ place }}!\n\nYours,\nthe desk\n")
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_text("1 of 1 conflict left")).to_be_visible()
    picture("editor-conflict", view)
