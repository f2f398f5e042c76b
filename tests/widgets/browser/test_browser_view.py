"""The browser of prompts, and syncs in it, in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from anvil_nb.workspace import Workspace
from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.lab import PATIENCE, begin_at, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from anvil_nb.widgets.view import View
    from tests.widgets.browser.lab import Notebook


@pytest.fixture(autouse=True)
def versions(ws: Workspace) -> None:
    ws.save("desk/emails/welcome", "Hello {{ name }}")
    ws.publish("desk/emails", message="First")
    ws.save("shop/mail/order", "Thank you")
    assert ws.root is not None
    skill = ws.root / "services" / "skills" / "greet"
    skill.mkdir(parents=True)
    (skill / "SKILL.md").write_text("---\nname: greet\ndescription: Greets\n---\nSay hello.\n")


def test_prompts_are_found_made_and_shown(ws: Workspace, notebook: Notebook) -> None:
    view = notebook.view("%anvil ui")
    view.get_by_role("treeitem", name="desk").click()
    view.get_by_role("button", name="New set…").click()
    view.get_by_role("dialog").get_by_label("Name").fill("notes")
    view.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(view.get_by_role("heading", name="notes")).to_be_visible()
    assert ws.set("desk/notes").count == 0
    view.get_by_label("Search prompts").fill("welcome")
    view.get_by_role("treeitem", name="welcome").click()
    expect(view.get_by_role("region", name="Text")).to_contain_text("Hello {{ name }}")
    view.get_by_role("button", name="History", exact=True).click()
    expect(view.get_by_role("list", name="Versions, newest first")).to_contain_text("1.0.0")


def test_the_palette_makes_and_describes_what_is_chosen(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.ui())
    keyboard = view.page.keyboard
    begin_at(view.get_by_label("Search prompts"))

    def command(typed: str, keys: str = "Control+k") -> None:
        keyboard.press(keys)
        keyboard.type(typed)
        keyboard.press("Enter")

    command("go to desk")
    expect(view.get_by_role("button", name="New set…")).to_be_visible()
    command("new set in desk", "Meta+k")
    view.get_by_role("dialog", name="New set in desk").get_by_label("Name").fill("letters")
    keyboard.press("Enter")
    expect(view.get_by_role("heading", name="letters")).to_be_visible()
    command("describe desk/letters")
    dialog = view.get_by_role("dialog", name="Describe desk/letters")
    dialog.get_by_label("Description").fill("What is sent by post")
    dialog.get_by_role("button", name="Save").click()
    expect(view.get_by_text("What is sent by post")).to_be_visible()
    assert ws.set("desk/letters").description == "What is sent by post"
    command("new prompt in desk/letters")
    dialog = view.get_by_role("dialog", name="New prompt in desk/letters")
    dialog.get_by_label("Name").fill("dear")
    dialog.get_by_label("Text").fill("Dear {{ name }}")
    dialog.get_by_role("button", name="Create").click()
    expect(view.get_by_role("heading", name="dear")).to_be_visible()
    command("describe desk/letters/dear")
    expect(view.get_by_role("dialog", name="Describe desk/letters/dear")).to_be_visible()
    assert ws.get("desk/letters/dear@draft").template == "Dear {{ name }}"


def test_what_was_typed_into_a_dialog_outlasts_a_refusal_and_escape(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.ui())
    view.get_by_label("Search prompts").fill("emails")
    view.get_by_role("treeitem", name="emails").click()
    view.get_by_role("button", name="New prompt…").dblclick()
    dialog = view.get_by_role("dialog")
    expect(dialog).to_have_count(1)
    dialog.get_by_label("Name").fill("Good bye")
    dialog.get_by_label("Text").fill("A long farewell")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Did you mean good-bye?")
    expect(dialog.get_by_label("Text")).to_have_value("A long farewell")
    view.page.keyboard.press("Escape")
    expect(view.get_by_role("button", name="New prompt…")).to_be_focused()
    view.get_by_role("button", name="New prompt…").click()
    expect(dialog).to_contain_text("What you typed here before is still there")
    expect(dialog.get_by_label("Text")).to_have_value("A long farewell")
    dialog.get_by_label("Name").fill("good-bye")
    dialog.get_by_role("button", name="Create").dblclick()
    expect(view.get_by_role("heading", name="good-bye")).to_be_focused()
    expect(dialog).to_have_count(0)
    assert ws.get("desk/emails/good-bye@draft").template == "A long farewell"


def test_what_is_shown_follows_others_but_not_under_the_focus(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.ui())
    view.get_by_label("Search prompts").fill("welcome")
    view.get_by_role("treeitem", name="welcome").click()
    text = view.get_by_role("region", name="Text")
    expect(text).to_have_text("Hello {{ name }}")
    ws.save("desk/emails/welcome", "Good day {{ name }}")
    expect(text).to_have_text("Good day {{ name }}")
    begin_at(text)
    ws.rename("desk/emails/welcome", "hello")
    expect(view.get_by_role("status")).to_contain_text(["welcome is not there any more"])
    expect(text).to_be_focused()
    view.get_by_role("button", name="Look at it").click()
    expect(text).to_have_count(0)
    view.get_by_role("button", name="Go to desk/emails").click()
    expect(view.get_by_role("heading", name="emails")).to_be_focused()


def test_unsaved_text_follows_a_prompt_to_its_new_name(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    ws.save("desk/emails/letter", "{% render 'welcome' %}")
    view = shown(ws.ui())
    view.get_by_label("Search prompts").fill("welcome")
    view.get_by_role("treeitem", name="welcome").click()
    view.get_by_role("button", name="Edit").click()
    view.get_by_role("textbox", name="Template").press_sequentially("So ")
    expect(view.get_by_text("● Unsaved")).to_be_visible()
    crumb = view.get_by_role("navigation", name="Where this is")
    crumb.get_by_role("button", name="welcome").click()
    expect(view.get_by_role("heading", name="welcome")).to_be_focused()
    view.get_by_role("button", name="Rename…").click()
    dialog = view.get_by_role("dialog")
    expect(dialog).to_contain_text("1 other prompt renders it, and cannot be rendered until")
    expect(dialog.get_by_role("listitem")).to_have_text(["letter"])
    dialog.get_by_label("New name").fill("hello")
    dialog.get_by_role("button", name="Rename").click()
    expect(view.get_by_role("button", name="Rename…")).to_be_focused()
    view.get_by_role("button", name="Edit").click()
    expect(view.get_by_role("region", name="Editor of desk/emails/hello")).to_be_focused()
    expect(view.get_by_text("Unsaved text of")).to_be_visible()
    assert ws.get("desk/emails/hello@draft").template == "Hello {{ name }}"


def test_another_organisation_is_switched_to_and_back(ws: Workspace, notebook: Notebook) -> None:
    other = replace(ws.settings, organisation="rival")
    with Workspace(other) as rival:
        rival.save("lab/notes/plan", "Try it")
        view = notebook.view("%anvil ui")
        tree = view.get_by_role("tree", name="Prompts")
        view.get_by_role("treeitem", name="desk").click()
        view.get_by_label("Organisation").select_option("rival")
        expect(tree.get_by_role("treeitem")).to_have_text(["▸lab 1 set"])
        expect(view.get_by_role("navigation", name="Where this is")).to_have_text("@rival")
        view.get_by_label("Search prompts").fill("plan")
        view.get_by_role("treeitem", name="plan").click()
        expect(view.get_by_role("region", name="Text")).to_have_text("Try it")
        view.get_by_role("button", name="New project…").click()
        view.get_by_role("dialog").get_by_label("Name").fill("ideas")
        view.get_by_role("dialog").get_by_role("button", name="Create").click()
        expect(view.get_by_role("heading", name="ideas")).to_be_visible()
        assert [one.address for one in rival.ls()] == ["ideas", "lab"]
    view.get_by_label("Organisation").select_option(ws.settings.organisation)
    view.get_by_label("Search prompts").fill("")
    expect(tree.get_by_role("treeitem")).to_have_text(["▸desk 1 set", "▸shop 1 set"])
    assert [one.address for one in ws.ls()] == ["desk", "shop"]


def test_a_deletion_that_is_not_meant_is_refused_and_one_that_is_goes(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    view = shown(ws.ui())
    view.get_by_role("treeitem", name="desk").click()
    view.get_by_role("button", name="Delete…").click()
    dialog = view.get_by_role("dialog")
    expect(dialog).to_contain_text("desk/emails: 1 prompt in the draft, 1 published version")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("1 set with 1 published version")
    assert ws.project("desk").count == 1
    dialog.get_by_label("Delete all of it").check()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(view.get_by_role("treeitem", name="desk")).to_have_count(0)
    assert [one.address for one in ws.ls()] == ["shop"]


def test_before_a_prompt_is_deleted_it_is_said_who_renders_it(
    ws: Workspace, shown: Callable[[View], Locator]
) -> None:
    ws.save("desk/emails/letter", "Dear {% render 'welcome' %}")
    view = shown(ws.ui())
    view.get_by_label("Search prompts").fill("welcome")
    view.get_by_role("treeitem", name="welcome").click()
    view.get_by_role("button", name="Delete…").click()
    dialog = view.get_by_role("dialog")
    expect(dialog).to_contain_text("versions and history keep it")
    expect(dialog).to_contain_text("1 other prompt renders it")
    expect(dialog.get_by_role("listitem")).to_have_text(["letter"])
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(view.get_by_role("treeitem", name="welcome")).to_have_count(0)
    expect(view.get_by_role("heading", name="emails")).to_be_focused()
    assert ws.find("desk/emails/welcome@draft") is None


def test_it_works_by_the_keyboard_alone_and_follows_the_store(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view("%anvil ui")
    begin_at(view.get_by_label("Search prompts"))
    page = notebook.page
    page.keyboard.press("Control+k")
    page.keyboard.type("go emails/welcome")
    page.keyboard.press("Enter")
    expect(view.get_by_role("region", name="Text")).to_contain_text("Hello")
    tab_to(view.get_by_role("tree", name="Prompts"), "ArrowLeft", "ArrowLeft", "Enter")
    expect(view.get_by_role("heading", name="emails")).to_be_visible()
    tab_to(view.get_by_role("button", name="New prompt…"), "Enter")
    page.keyboard.type("bye")
    tab_to(view.get_by_role("dialog").get_by_label("Text"))
    page.keyboard.type("Good bye")
    tab_to(view.get_by_role("dialog").get_by_role("button", name="Create"), "Enter")
    expect(view.get_by_role("region", name="Text")).to_contain_text("Good bye")
    assert ws.get("desk/emails/bye@draft").template == "Good bye"
    tab_to(view.get_by_role("button", name="Edit"), "Enter")
    expect(view.get_by_role("textbox", name="Template")).to_have_text("Good bye")
    ws.save("third/set/prompt", "New")
    expect(view.get_by_role("treeitem", name="third")).to_be_visible(timeout=PATIENCE)


def test_a_sync_is_planned_and_then_applied_by_the_keyboard_alone(
    ws: Workspace, notebook: Notebook
) -> None:
    view = notebook.view("%anvil ui")
    begin_at(view.get_by_label("Organisation"))
    tab_to(view.get_by_role("button", name="Sync", exact=True), "Enter")
    tab_to(view.get_by_role("button", name="Plan push of skills"), "Enter")
    plan = view.get_by_role("region", name="Plan")
    expect(plan).to_contain_text("greet")
    tab_to(plan.get_by_role("button", name="Apply this plan"), "Enter")
    expect(plan).to_contain_text("Done")
    tab_to(view.get_by_role("button", name="Plan pull of skills"), back=True)
    assert ws.sync("skills", "push").items == ()


def test_a_long_plan_is_read_to_its_end(ws: Workspace, notebook: Notebook) -> None:
    assert ws.root is not None
    for number in range(450):
        skill = ws.root / "services" / "skills" / f"more-{number:03}"
        skill.mkdir(parents=True)
        text = f"---\nname: more-{number:03}\ndescription: More\n---\nMore.\n"
        (skill / "SKILL.md").write_text(text)
    view = notebook.view("%anvil ui")
    view.get_by_role("button", name="Sync", exact=True).click()
    view.get_by_role("button", name="Plan push of skills").click()
    plan = view.get_by_role("region", name="Plan")
    expect(
        plan.get_by_role("heading", name=re.compile(r"^Would be written \(4\d\d\)"))
    ).to_be_visible()
    written = plan.get_by_role("list", name="Would be written")
    expect(written).to_contain_text("+ add more-000")
    expect(written).not_to_contain_text("more-449")
    written.focus()
    notebook.page.keyboard.press("End")
    expect(written.get_by_text("+ add more-449")).to_be_visible()
    assert in_both_themes(notebook) == []


def test_what_a_sync_leaves_in_conflict_is_settled_from_its_plan(
    ws: Workspace, notebook: Notebook
) -> None:
    ws.sync("skills", "push", dry_run=False)
    assert ws.root is not None
    file = ws.root / "services" / "skills" / "greet" / "SKILL.md"
    text = file.read_text("utf-8")
    file.write_text(f"{text}On disk.\n", "utf-8")
    ws.save_item("skill", "greet", {"SKILL.md": f"{text}In the store.\n"})
    view = notebook.view("%anvil ui")
    view.get_by_role("button", name="Sync", exact=True).click()
    view.get_by_role("button", name="Plan push of skills").click()
    plan = view.get_by_role("region", name="Plan")
    expect(plan.get_by_role("button", name="Apply this plan")).to_be_disabled()
    plan.get_by_role("button", name="Do the rest, and keep these to settle").click()
    plan.get_by_role("button", name="Settle them…").click()
    settling = view.get_by_role("region", name="Conflicts of syncs")
    settling.get_by_role("button", name="Ours", exact=True).click()
    settling.get_by_role("button", name="Preview the plan").click()
    settling.get_by_role("button", name="Settle", exact=True).click()
    expect(settling.get_by_role("region", name="Result")).to_be_visible()
    assert ws.sync_conflicts().conflicts == ()
    assert ws.sync("skills", "push").items == ()


def test_pictures_of_the_browser(
    notebook: Notebook, picture: Callable[[str, Locator], None]
) -> None:
    view = notebook.view("%anvil ui")
    view.get_by_label("Search prompts").fill("welcome")
    view.get_by_role("treeitem", name="welcome").click()
    expect(view.get_by_role("region", name="Text")).to_be_visible()
    picture("browser", view)
    view.get_by_role("button", name="Sync", exact=True).click()
    view.get_by_role("button", name="Plan push of skills").click()
    expect(view.get_by_role("region", name="Plan")).to_be_visible()
    picture("sync", view)
