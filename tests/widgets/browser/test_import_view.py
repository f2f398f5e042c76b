"""Importing in a real browser: a bundle dropped or chosen, verified, settled, imported, undone."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

from playwright.sync_api import expect

import anvil_nb as anvil
from tests.widgets.browser.axe import in_both_themes
from tests.widgets.browser.lab import begin_at, tab_to
from tests.widgets.bundled import OURS, SET, VERSION, in_conflict, keys_elsewhere, publish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator

    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Notebook


def uploads(notebook: Notebook) -> list[Path]:
    """What of uploads lies in the kernel's folder for temporary files."""
    return list(notebook.window.lab.temporary.glob("anvil-upload-*/*/*"))


def choose(view: Locator, file: Path | list[dict[str, object]]) -> None:
    """Choose a file as a person does, by the button."""
    with view.page.expect_file_chooser() as chooser:
        view.get_by_role("button", name="Choose a file…").click()
    chooser.value.set_files(file)  # type: ignore[arg-type]  # a path, or names with bytes


def test_a_conflict_is_merged_in_the_page_imported_and_undone(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = in_conflict(ws, tmp_path)
    view = notebook.view("%anvil import --widget --allow-unsigned")
    choose(view, bundle)
    expect(view.get_by_text("1 of 1 left")).to_be_visible()
    expect(view.get_by_role("listitem").filter(has_text="container")).to_contain_text("passed")
    conflict = view.get_by_role("region", name="Conflict", exact=True)
    expect(conflict).to_contain_text("theirs becomes our next version")
    conflict.get_by_role("button", name=re.compile("^welcome")).click()
    take = conflict.get_by_role("button", name="Take this result")
    expect(take).to_be_disabled()
    conflict.get_by_role("button", name="Take both").first.click()
    expect(conflict.get_by_text("The result is sound")).to_be_visible()
    take.click()
    expect(view.get_by_text("0 of 1 left")).to_be_visible()
    conflict.get_by_role("textbox", name="Result").press("Control+End")
    notebook.page.keyboard.type("P.S.")
    expect(conflict.get_by_text("What you wrote since is not in it")).to_be_visible()
    view.get_by_role("button", name="Preview the plan").click()
    plan = view.get_by_role("region", name="Plan")
    expect(plan).to_contain_text("Not in this plan: what was written since")
    take.click()
    expect(plan).to_be_hidden()
    view.get_by_role("button", name="Preview the plan").click()
    expect(plan).to_contain_text(f"{SET}@1.0.2")
    expect(plan).not_to_contain_text("Not in this plan")
    plan.get_by_role("button", name="Import", exact=True).click()
    result = view.get_by_role("region", name="Result")
    expect(result).to_contain_text("Imported desk.anvil")
    merged = ws.get(f"{SET}/welcome@latest").template
    assert "many thanks." in merged
    assert "thanks a lot." in merged
    assert "<<<" not in merged
    assert merged.endswith("P.S.")
    result.get_by_role("button", name="Undo the import").click()
    expect(result).to_contain_text("Taken back")
    assert ws.get(f"{SET}/welcome@latest").template == OURS


def test_a_damaged_bundle_that_is_dropped_is_refused_in_the_page(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = in_conflict(ws, tmp_path)
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 0xFF
    view = notebook.view("%anvil import --widget --allow-unsigned")
    dropped = notebook.page.evaluate_handle(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "damaged.anvil"));
            return data;
        }""",
        list(data),
    )
    zone = view.get_by_role("group", name="Bundle to import")
    for event in ("dragenter", "dragover", "drop"):
        zone.dispatch_event(event, {"dataTransfer": dropped})
    expect(view.get_by_role("alert")).to_contain_text("bundle")
    expect(view.get_by_role("list", name="What was verified")).to_contain_text("failed")
    expect(view.get_by_role("button", name="Check again")).to_be_visible()
    assert ws.get(f"{SET}/welcome@latest").template == OURS


def test_an_unknown_signer_is_trusted_in_a_cell_and_never_by_the_view(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    with keys_elsewhere(tmp_path) as ring:
        bundle = in_conflict(ws, tmp_path, sign="bob")
        (key,) = ring.ls()
    view = notebook.view(f"%anvil import {bundle} --widget")
    expect(view.get_by_role("alert")).to_contain_text("nobody trusted here")
    expect(view.get_by_role("list", name="What was verified")).to_contain_text(key.key_id)
    command = view.get_by_label("Command that trusts the key").inner_text()
    assert key.key_id in command
    notebook.run(command.replace("NAME", "bob-of-umbra"))
    view.get_by_role("button", name="Check again").click()
    expect(view.get_by_text("1 of 1 left")).to_be_visible()


def test_fifty_megabytes_come_through_whole(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    del ws
    data = Random(1).randbytes(50 * 1024 * 1024)  # noqa: S311 - no secret
    large = tmp_path / "large.anvil"
    large.write_bytes(data)
    view = notebook.view("%anvil import --widget")
    choose(view, large)
    # What came is what was sent; that it is no bundle is found next.
    expect(view.get_by_role("alert")).to_contain_text("bundle-damaged", timeout=120_000)
    (came,) = uploads(notebook)
    assert came.read_bytes() == data
    view.get_by_role("button", name="Another file…").click()
    expect(view.get_by_role("button", name="Choose a file…")).to_be_focused()
    assert uploads(notebook) == []


def test_an_upload_that_is_cancelled_leaves_nothing(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    del ws
    large = tmp_path / "large.anvil"
    with large.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    view = notebook.view("%anvil import --widget")
    choose(view, large)
    expect(view.get_by_text(re.compile(r"^\d+ %"))).to_be_visible()
    view.get_by_role("button", name="Cancel").click()
    expect(view.get_by_text("The upload was cancelled")).to_be_visible()
    expect(view.get_by_role("button", name="Choose a file…")).to_be_focused()
    assert uploads(notebook) == []


def test_an_encrypted_bundle_asks_in_the_page(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = in_conflict(ws, tmp_path, passphrase="correct horse")  # noqa: S106 - of this test
    view = notebook.view(f"%anvil import {bundle} --widget --allow-unsigned")
    field = view.get_by_label("Passphrase of the bundle")
    expect(field).to_be_focused()
    field.fill("correct horse")
    field.press("Enter")
    expect(view.get_by_text("1 of 1 left")).to_be_visible()
    kept = notebook.page.evaluate("JSON.stringify({ ...localStorage })")
    assert "correct horse" not in kept
    assert "correct horse" not in str(notebook.save())


def test_all_goes_into_another_project_with_its_labels(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = tmp_path / "letters.anvil"
    with anvil.init(tmp_path / "other", actor="bob") as theirs:
        publish(theirs, welcome="Dear {{ name }}")
        theirs.label(f"{SET}@1.0.0", "production")
        theirs.export("desk", bundle, labels=True)
    view = notebook.view(f"%anvil import {bundle} --widget --allow-unsigned")
    plan = view.get_by_role("region", name="Plan")
    expect(plan).to_contain_text(f"{SET}@1.0.0")
    view.get_by_text(re.compile("^More")).click()
    into = view.get_by_label("Put all sets into the project")
    into.fill("not a name")
    into.press("Enter")
    expect(view.get_by_role("alert")).to_contain_text("not a name")
    into.fill("shop")
    view.get_by_label("Move labels as the bundle has them").check()
    view.get_by_role("button", name="Plan again").click()
    expect(plan).to_contain_text("shop/emails@1.0.0")
    expect(view.get_by_text("· into shop · labels move")).to_be_visible()
    plan.get_by_role("button", name="Import", exact=True).click()
    expect(view.get_by_role("region", name="Result")).to_contain_text("Imported letters.anvil")
    expect(into).to_be_hidden()
    assert ws.get("shop/emails/welcome@production").template == "Dear {{ name }}"
    assert ws.find(f"{SET}/welcome") is None


def test_a_bundle_that_nobody_signed_is_taken_by_a_deliberate_act_under_another_name(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    view = notebook.view(f"%anvil import {in_conflict(ws, tmp_path)} --widget")
    expect(view.get_by_role("alert")).to_contain_text("the bundle is not signed")
    take = view.get_by_label("Take it all the same, this once")
    expect(take).not_to_be_checked()
    view.get_by_role("button", name="Check again").click()
    expect(view.get_by_role("alert")).to_contain_text("the bundle is not signed")
    take.check()
    view.get_by_role("button", name="Check again").click()
    expect(view.get_by_text("1 of 1 left")).to_be_visible()
    view.get_by_text(re.compile("^More")).click()
    names = view.get_by_label("Another name for a project, or another path for a set")
    names.fill("desk")
    view.get_by_role("button", name="Plan again").click()
    expect(view.get_by_role("alert")).to_contain_text("'desk' is not of the form OLD=NEW")
    names.fill("desk=shop")
    view.get_by_role("button", name="Plan again").click()
    plan = view.get_by_role("region", name="Plan")
    expect(plan).to_contain_text("shop/emails@1.0.1")
    expect(view.get_by_text("· desk=shop · nobody signed it")).to_be_visible()
    plan.get_by_role("button", name="Import", exact=True).click()
    expect(view.get_by_role("region", name="Result")).to_contain_text("Imported desk.anvil")
    view.get_by_role("button", name="Undo the import").click()
    expect(view.get_by_role("region", name="Result")).to_contain_text("Taken back")
    assert ws.find("shop/emails/welcome") is None


def test_decisions_come_back_after_a_restart_of_the_kernel(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = in_conflict(ws, tmp_path)
    line = f"%anvil import {bundle} --widget --allow-unsigned"
    view = notebook.view(line)
    view.get_by_text(re.compile("^More")).click()
    view.get_by_label("Move labels as the bundle has them").check()
    view.get_by_role("button", name="Plan again").click()
    expect(view.get_by_text("· labels move")).to_be_visible()
    view.get_by_role("button", name="Overwrite").click()
    expect(view.get_by_text("0 of 1 left")).to_be_visible()
    notebook.page.wait_for_function(
        "key => Object.entries(localStorage).some(([name, value]) =>"
        " name.startsWith('anvil.decisions.') && value.includes(key))",
        arg=f'"{VERSION}":"overwrite"',
    )
    notebook.restart_kernel()
    notebook.run("import anvil_nb as anvil\n%load_ext anvil_nb")
    again = notebook.view(line)
    expect(again.get_by_text("planned before: labels move.")).to_be_visible()
    again.get_by_role("button", name="Plan it so again").click()
    expect(again.get_by_text("· labels move")).to_be_visible()
    expect(again.get_by_text("planned before")).to_be_hidden()
    again.get_by_role("button", name="Go on with them").click()
    expect(again.get_by_text("0 of 1 left")).to_be_visible()


def test_all_is_done_by_the_keyboard_alone(
    ws: Workspace, notebook: Notebook, tmp_path: Path
) -> None:
    bundle = in_conflict(ws, tmp_path)
    view = notebook.view("%anvil import --widget --allow-unsigned")
    button = view.get_by_role("button", name="Choose a file…")
    begin_at(button)
    with notebook.page.expect_file_chooser() as chooser:
        tab_to(button, "Enter")
    chooser.value.set_files(bundle)
    expect(view.get_by_text("1 of 1 left")).to_be_visible()
    tab_to(view.get_by_role("listbox", name="Conflicts"), "End")
    tab_to(view.get_by_role("button", name="Skip", exact=True), "Enter")
    expect(view.get_by_text("0 of 1 left")).to_be_visible()
    tab_to(view.get_by_role("button", name="Preview the plan"), "Space")
    expect(view.get_by_role("region", name="Plan")).to_be_focused()
    tab_to(view.get_by_role("button", name="Import", exact=True), "Enter")
    expect(view.get_by_role("region", name="Result")).to_contain_text("kept")
    expect(view.get_by_role("region", name="Result")).to_be_focused()


def test_pictures_are_taken(
    ws: Workspace, notebook: Notebook, tmp_path: Path, picture: Callable[[str, Locator], None]
) -> None:
    with keys_elsewhere(tmp_path) as ring:
        bundle = tmp_path / "letters.anvil"
        with anvil.init(tmp_path / "other", actor="bob") as theirs:
            publish(theirs, welcome="Dear {{ name }}")
            theirs.export("desk", bundle, sign="bob")
        line = next(one.public_key.line("bob-of-acme") for one in ring.ls())
    notebook.run(f"%anvil keys trust '{line}'")
    view = notebook.view(f"%anvil import {bundle} --widget")
    expect(view.get_by_role("region", name="Plan")).to_be_visible()
    picture("import", view)
    notebook.page.set_viewport_size({"width": 1280, "height": 1600})
    try:
        line = f"%anvil import {in_conflict(ws, tmp_path)} --widget --allow-unsigned"
        whole = notebook.view(line)
        view = whole.locator(".anvil-settled-room")
        view.get_by_role("button", name="welcome").click()
        expect(view.get_by_role("heading", name="Result")).to_be_visible()
        picture("conflicts", view)
        view.get_by_text("Decide all that is left at once").click()
        expect(view.get_by_role("button", name="Skip: all 1")).to_be_visible()
        assert in_both_themes(notebook) == []
        view.get_by_role("button", name="Skip what is left…").click()
        expect(view.get_by_role("region", name="Plan")).to_be_visible()
        assert in_both_themes(notebook) == []
        expect(notebook.view("%anvil import --widget")).to_contain_text("Choose a file…")
        assert in_both_themes(notebook) == []
    finally:
        notebook.page.set_viewport_size({"width": 1280, "height": 900})
